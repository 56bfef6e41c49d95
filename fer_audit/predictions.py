"""Predictions: what a model answered on every image of a dataset, as columns of integer codes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fer_audit.records import Provenance

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Column", "Predictions"]


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """A categorical column.

    Attributes:
        codes: shape (rows,), int32: index into ``levels``.
        levels: the distinct values, sorted by name unless the column has an order of its own.
    """

    codes: NDArray[np.int32]
    levels: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Predictions:
    """One row for each time a model was asked about an image.

    Rows that share ``image`` are repeats of one question and are averaged before anything is counted.

    Attributes:
        identity: the person in the image; the unit of all statistics.
        image: which picture the row is about.
        true: the true label; its levels are the dataset's label set.
        predicted: the answered label; code -1 where there is none. Its levels begin with those of
            ``true`` in the same order and may go on (a model may answer outside the dataset's labels).
        kind: shape (rows,), int8: position in ``list(AnswerKind)``; 0 is answered.
        attributes: demographic and control columns by name.
        provenance: where the rows come from.
        notes: repeats merged, rows left out, each with its reason.
    """

    identity: Column
    image: Column
    true: Column
    predicted: Column
    kind: NDArray[np.int8]
    attributes: Mapping[str, Column]
    provenance: Provenance = field(default_factory=lambda: Provenance(model="predictions", dataset="table"))
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.kind)
