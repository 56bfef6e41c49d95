from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

import pytest

torch = pytest.importorskip("torch")

from fer_audit.errors import ModelError  # noqa: E402
from fer_audit.models.torch_runtime.batches import in_batches  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Sequence

ITEMS = tuple(range(10))


class Net:
    """A forward pass on a device whose memory holds so many items."""

    def __init__(self, holds: int, error: type[RuntimeError], words: str) -> None:
        self.holds = holds
        self.error = error
        self.words = words
        self.tried: list[int] = []

    def __call__(self, items: Sequence[int]) -> list[int]:
        assert torch.is_inference_mode_enabled()
        self.tried.append(len(items))
        if len(items) > self.holds:
            raise self.error(self.words)
        return list(items)


def out_of_memory(holds: int) -> Net:
    return Net(holds, torch.OutOfMemoryError, "CUDA out of memory. Tried to allocate 2 GiB\nmore")


def test_batches_are_of_bounded_size_and_in_order() -> None:
    net = out_of_memory(100)
    assert list(in_batches(net, ITEMS, size=4, model="m")) == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]
    assert net.tried == [4, 4, 2]


def test_a_batch_that_does_not_fit_is_halved_and_so_are_those_after_it() -> None:
    net = out_of_memory(2)
    assert list(chain.from_iterable(in_batches(net, ITEMS, size=8, model="m"))) == list(ITEMS)
    assert net.tried == [8, 4, 2, 2, 2, 2, 2]


def test_apple_says_it_in_words() -> None:
    net = Net(1, RuntimeError, "MPS backend out of memory (MPS allocated: 1 GB)")
    assert list(chain.from_iterable(in_batches(net, ITEMS, size=4, model="m"))) == list(ITEMS)


def test_one_item_that_does_not_fit_is_told_with_the_cure() -> None:
    with pytest.raises(ModelError) as caught:
        list(in_batches(out_of_memory(0), ITEMS, size=4, model="net"))
    assert str(caught.value) == (
        "model 'net': the device's memory does not hold the net and one picture (CUDA out of memory. Tried to "
        "allocate 2 GiB); free the device, or set FER_AUDIT_DEVICE=cpu"
    )


def test_another_error_is_not_taken_for_a_lack_of_memory() -> None:
    net = Net(2, RuntimeError, "shapes differ")
    with pytest.raises(RuntimeError, match=r"^shapes differ$"):
        list(in_batches(net, ITEMS, size=4, model="m"))
    assert net.tried == [4]


def test_no_items_are_no_batches() -> None:
    assert list(in_batches(out_of_memory(9), (), size=4, model="m")) == []
