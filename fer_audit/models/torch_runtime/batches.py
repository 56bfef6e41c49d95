"""A net's forward pass in batches of bounded size, halved where the device's memory does not hold them."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import torch

from fer_audit.errors import ModelError
from fer_audit.models.torch_runtime.machine import DEVICE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

__all__ = ["in_batches"]

T = TypeVar("T")
R = TypeVar("R")


def in_batches(
    forward: Callable[[Sequence[T]], R], items: Sequence[T], *, size: int, model: str
) -> Iterator[R]:
    """What the forward pass gives for one batch after the other, without gradients.

    A batch that does not fit into the device's memory is halved, and so are those after it.

    Args:
        forward: from some items to their result; it is asked again after it ran out of memory.
        items: all items.
        size: the most items a batch.
        model: short name, for messages.

    Raises:
        ModelError: not even one item fits.
    """
    start = 0
    while start < len(items):
        batch = items[start : start + size]
        failed = None
        try:
            with torch.inference_mode():
                result = forward(batch)
        except torch.OutOfMemoryError as error:
            failed = str(error).partition("\n")[0][:200]
        except RuntimeError as error:
            # Apple's back end says it in words only.
            if "out of memory" not in str(error):
                raise
            failed = str(error).partition("\n")[0][:200]
        # Outside of the handler, so that the failed pass and its tensors are let go before the next.
        if failed is not None:
            if len(batch) == 1:
                raise ModelError(
                    f"model {model!r}: the device's memory does not hold the net and one picture ({failed}); "
                    f"free the device, or set {DEVICE}=cpu"
                )
            size = len(batch) // 2
            if torch.cuda.is_available():
                torch.cuda.empty_cache()
            continue
        yield result
        start += len(batch)
