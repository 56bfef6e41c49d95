"""A loaded CLIP net at work: pictures and texts become vectors of length 1."""

from __future__ import annotations

import os
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch.nn import functional

from fer_audit.errors import ModelError
from fer_audit.models.torch_runtime.batches import in_batches
from fer_audit.models.torch_runtime.runtime import PRECISION

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from concurrent.futures import Future

    from numpy.typing import NDArray
    from PIL.Image import Image

    from fer_audit.models.clip.loading import Loaded
    from fer_audit.models.torch_runtime import Started

__all__ = ["ClipEmbedder"]

_BATCH, _BATCH_OF_CARD = 16, 64  # no larger: while one is computed, the next is prepared
_TEXTS = 64
_MOST_WORKERS = 16


class ClipEmbedder:
    """Pictures and texts to vectors, with one net on one device.

    Args:
        name: short name of the model, for messages.
        loaded: the net with its own preprocessing and tokenizer.
        started: device and precision.
    """

    def __init__(self, name: str, loaded: Loaded, started: Started) -> None:
        self.name = name
        # Read before the net is rounded: 100 would become 98.9 in bf16.
        self.scale = float(loaded.net.logit_scale.detach().float().exp())
        """What a cosine is multiplied by before the softmax."""
        self.dimensions = loaded.dimensions
        """Length of a vector in numbers."""
        self._net = loaded.net.to(started.device, started.dtype).eval()
        self._preprocess = loaded.preprocess
        self._tokenize = loaded.tokenize
        self._started = started
        self._texts: dict[str, NDArray[np.float32]] = {}

    def embed(self, images: Sequence[Image], /) -> NDArray[np.float32]:
        """One vector a picture, in the same order: shape (images, dimensions), of length 1.

        Pictures are prepared in threads, one batch ahead of the net.

        Raises:
            ModelError: the device's memory does not hold one picture, or the net gives no finite numbers.
        """
        size = _BATCH if self._started.device.type == "cpu" else _BATCH_OF_CARD
        batches = [images[start : start + size] for start in range(0, len(images), size)]
        vectors: list[NDArray[np.float32]] = []
        with ThreadPoolExecutor(_workers()) as pool:
            for prepared in _one_ahead(pool, self._preprocess, batches):
                vectors += in_batches(self._pictures, prepared, size=size, model=self.name)
        return np.concatenate(vectors) if vectors else np.zeros((0, self.dimensions), dtype=np.float32)

    def embed_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One vector a text, in the same order; a text is embedded once for all wordings that hold it.

        Raises:
            ModelError: as `embed`.
        """
        missing = [text for text in dict.fromkeys(texts) if text not in self._texts]
        batches = in_batches(self._sentences, missing, size=_TEXTS, model=self.name)
        self._texts.update(zip(missing, chain.from_iterable(batches), strict=True))
        return np.stack([self._texts[text] for text in texts])

    def _pictures(self, prepared: Sequence[torch.Tensor]) -> NDArray[np.float32]:
        inputs = torch.stack(list(prepared)).to(device=self._started.device, dtype=self._started.dtype)
        return self._normalised(self._net.encode_image(inputs))

    def _sentences(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self._normalised(self._net.encode_text(self._tokenize(list(texts)).to(self._started.device)))

    def _normalised(self, features: torch.Tensor) -> NDArray[np.float32]:
        """In fp32, whatever the net computed in: a length of 1 would be rounded too."""
        vectors: NDArray[np.float32] = functional.normalize(features.float(), dim=-1).cpu().numpy()
        if not np.isfinite(vectors).all():
            raise ModelError(
                f"model {self.name!r}: the net gives {vectors[~np.isfinite(vectors)][0]} in a vector "
                f"({self._started.precision}); check its weights, or set {PRECISION}=fp32"
            )
        return vectors


def _workers() -> int:
    """Threads that prepare pictures; one where pytest's workers already share the cores."""
    return 1 if os.environ.get("PYTEST_XDIST_WORKER") else min(os.cpu_count() or 1, _MOST_WORKERS)


def _one_ahead(
    pool: ThreadPoolExecutor, preprocess: Callable[[Image], torch.Tensor], batches: Sequence[Sequence[Image]]
) -> Iterator[list[torch.Tensor]]:
    """The prepared batches in order; while one is used, the next is being prepared."""
    ahead: deque[list[Future[torch.Tensor]]] = deque()
    for batch in batches:
        ahead.append([pool.submit(preprocess, image) for image in batch])
        if len(ahead) > 1:
            yield [one.result() for one in ahead.popleft()]
    while ahead:
        yield [one.result() for one in ahead.popleft()]
