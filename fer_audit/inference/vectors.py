"""Vectors of pictures, each made once: a second prompt set or a probe costs no forward pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fer_audit.errors import ModelError
from fer_audit.inference.pictures import Batch, batches
from fer_audit.store import key

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray
    from PIL.Image import Image

    from fer_audit.inference.cell import Cell
    from fer_audit.records import Embedder
    from fer_audit.store import PredictionStore

__all__ = ["vectors"]

_CHUNK = 1024
"""Pictures whose vectors are looked up at a time: what is in memory does not grow with the dataset."""


def vectors(
    cell: Cell, embedder: Embedder, store: PredictionStore, pictures: Sequence[str]
) -> Iterator[Batch[NDArray[np.float32]]]:
    """The vectors of these pictures, in batches: stored ones first, then those that are made now.

    Args:
        cell: the cell; its model says what the vectors depend on.
        embedder: makes those that are missing.
        store: where they are kept under the picture's content.
        pictures: hashes of the wanted contents.

    Raises:
        ModelError: the embedder breaks its contract.
        StoreError: the store cannot be used.
    """
    for start in range(0, len(pictures), _CHUNK):
        chunk = pictures[start : start + _CHUNK]
        keys = _keys(cell, chunk)
        found = store.vectors(list(keys.values()))
        stored = {picture: found[name] for picture, name in keys.items() if name in found}
        if stored:
            yield Batch(stored)
        for batch in batches(cell, [picture for picture in chunk if picture not in stored]):
            made = _embed(cell, embedder, batch.inputs)
            store.put_vectors({keys[picture]: vector for picture, vector in made.items() if picture in keys})
            yield Batch(made, batch.faults)


def _keys(cell: Cell, pictures: Sequence[str]) -> dict[str, str]:
    """The content keys of the vectors; none where nothing says what they depend on."""
    if cell.model.describe_vectors is None:
        return {}
    parts = {"vectors of": "the whole picture", **cell.model.describe_vectors()}
    return {picture: key(parts, picture) for picture in pictures}


def _embed(cell: Cell, embedder: Embedder, images: Mapping[str, Image]) -> dict[str, NDArray[np.float32]]:
    if not images:
        return {}
    made = np.asarray(embedder.embed(list(images.values())))
    if made.ndim != 2 or len(made) != len(images) or not np.isfinite(made).all():  # noqa: PLR2004 - rows, columns
        raise ModelError(
            f"model {cell.model.name!r}: embed gave an array of shape {made.shape} for {len(images)} "
            "pictures, or numbers that are not finite; return one row of finite numbers for each"
        )
    return dict(zip(images, made.astype(np.float32), strict=True))
