"""Confusion matrices as a page prints them: shares of each row, with the counts in sight."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fer_audit.report.names import level_words, shortened
from fer_audit.report.quantities import number, percent

if TYPE_CHECKING:
    from fer_audit.report.cells import CellTable
    from fer_audit.results import Comparison, Verdict

__all__ = ["Matrix", "MatrixRow", "Share", "matrices"]


@dataclass(frozen=True, slots=True)
class Share:
    """One cell of a confusion matrix.

    Attributes:
        share: images as a share of the row, 0 to 1.
        percent: the share in words.
        count: images, in words.
        is_right: whether row and column name the same label.
    """

    share: float
    percent: str
    count: str
    is_right: bool


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """How images with one true label were read.

    Attributes:
        label: the true label.
        images: how many there are, in words.
        cells: one for each answer.
    """

    label: str
    images: str
    cells: tuple[Share, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """The confusion matrix of one slice.

    Attributes:
        level: the slice.
        columns: the answers.
        rows: the true labels that the slice has images of.
    """

    level: str
    columns: tuple[str, ...]
    rows: tuple[MatrixRow, ...]


def matrices(table: CellTable, verdict: Verdict, pair: Comparison) -> tuple[Matrix, ...]:
    """The matrices of both slices of a comparison, with the same columns; none where the cell lacks one."""
    found = [table.confusion(verdict.slicing, level) for level in (pair.a, pair.b)]
    if found[0] is None or found[1] is None:
        return ()
    columns = max((found[0].predicted, found[1].predicted), key=len)
    columns = tuple(dict.fromkeys((*columns, *found[0].predicted, *found[1].predicted)))
    made = []
    for level, confusion in zip((pair.a, pair.b), (found[0], found[1]), strict=True):
        place = {name: j for j, name in enumerate(confusion.predicted)}
        rows = []
        for label, images in zip(confusion.true, confusion.images.tolist(), strict=True):
            total = sum(images)
            if not total:
                continue
            counts = [images[place[name]] if name in place else 0.0 for name in columns]
            cells = tuple(
                Share(n / total, percent(n / total), number(n), name == label)
                for name, n in zip(columns, counts, strict=True)
            )
            rows.append(MatrixRow(shortened(label, 30), number(total), cells))
        made.append(
            Matrix(
                level_words(verdict.slicing, level),
                tuple(shortened(name, 30) for name in columns),
                tuple(rows),
            )
        )
    return tuple(made)
