"""Pictures of a cell, decoded ahead by a few threads, with as many in memory as a batch needs and no more."""

from __future__ import annotations

import os
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

from fer_audit.errors import ImageError
from fer_audit.pixels import decode

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from PIL.Image import Image

    from fer_audit.inference.cell import Cell

__all__ = ["BATCH", "Batch", "batches"]

T = TypeVar("T")

BATCH = 64
"""The most pictures of one batch."""

_PIXELS = 64_000_000
"""The most pixels of one batch, and of what is decoded ahead: large photographs come in smaller batches."""

_THREADS = 4


@dataclass(frozen=True, slots=True)
class Batch(Generic[T]):
    """Some pictures as a model takes them.

    Attributes:
        inputs: pixels, or a vector, by the hash of the picture's content.
        faults: why a picture cannot be read, by the same.
    """

    inputs: dict[str, T] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)


def batches(cell: Cell, pictures: Iterable[str]) -> Iterator[Batch[Image]]:
    """The pictures in order, in batches of bounded size; one that cannot be read says why.

    Args:
        cell: the dataset that is read, and how far the model lets pictures be reduced while decoding.
        pictures: hashes of the wanted contents.
    """
    batch: Batch[Image] = Batch()
    size = 0
    for picture in _decoded(cell, pictures):
        if isinstance(picture.result, ImageError):
            batch.faults[picture.name] = str(picture.result)
            continue
        if batch.inputs and (len(batch.inputs) == BATCH or size + picture.pixels > _PIXELS):
            yield batch
            batch, size = Batch(), 0
        batch.inputs[picture.name] = picture.result
        size += picture.pixels
    if batch.inputs or batch.faults:
        yield batch


@dataclass(frozen=True, slots=True)
class _Decoded:
    """One picture, or why there is none."""

    name: str
    result: Image | ImageError

    @property
    def pixels(self) -> int:
        return 0 if isinstance(self.result, ImageError) else self.result.width * self.result.height


def _decoded(cell: Cell, pictures: Iterable[str]) -> Iterator[_Decoded]:
    """Files are read here, one after the other; a thread only turns bytes into pixels."""
    threads = min(_THREADS, os.cpu_count() or 1)
    with ThreadPoolExecutor(threads, thread_name_prefix="decode") as pool:
        waiting: deque[Future[_Decoded]] = deque()
        # Until the first is decoded nobody knows how large they are: no more than the threads hold.
        ahead, largest = threads, 1
        try:
            for name in pictures:
                waiting.append(_begin(pool, cell, name))
                if len(waiting) > ahead:
                    picture = waiting.popleft().result()
                    largest = max(largest, picture.pixels)
                    ahead = max(min(BATCH, _PIXELS // largest), threads)
                    yield picture
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def _begin(pool: ThreadPoolExecutor, cell: Cell, name: str) -> Future[_Decoded]:
    image = cell.image_of[name]
    try:
        data = cell.dataset.read(image)
    except ImageError as error:
        missing: Future[_Decoded] = Future()
        missing.set_result(_Decoded(name, error))
        return missing
    return pool.submit(_decode, name, data, image, cell.model.smallest_side)


def _decode(name: str, data: bytes, image: str, smallest_side: int | None) -> _Decoded:
    try:
        return _Decoded(name, decode(data, name=image, smallest_side=smallest_side))
    except ImageError as error:
        return _Decoded(name, error)
