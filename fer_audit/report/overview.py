"""The run at one glance: a row for each demand, a column for each slicing, a sign for each verdict."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fer_audit.report.clauses import demand
from fer_audit.report.names import shortened
from fer_audit.report.overall import anchor, ranked
from fer_audit.results import Outcome

if TYPE_CHECKING:
    from fer_audit.results import RunResult

__all__ = ["SYMBOLS", "Grid", "GridPart", "GridRow", "Mark", "make_grid"]

SYMBOLS = {Outcome.FAIL: "✕", Outcome.INCONCLUSIVE: "?", Outcome.PASS: "✓"}
"""A sign for each outcome, so that no reader depends on colour."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One verdict in the grid.

    Attributes:
        outcome: what was found.
        anchor: id of the verdict's section within the page.
    """

    outcome: Outcome
    anchor: str

    @property
    def symbol(self) -> str:
        """The sign of the outcome."""
        return SYMBOLS[self.outcome]


@dataclass(frozen=True, slots=True)
class GridRow:
    """One demand over all slicings.

    Attributes:
        demand: the criterion in plain words.
        criterion: as it is written.
        marks: for each slicing of the grid its verdicts: one, none where it was not judged, or several where
            several tests demanded the same.
    """

    demand: str
    criterion: str
    marks: tuple[tuple[Mark, ...], ...]


@dataclass(frozen=True, slots=True)
class GridPart:
    """The demands on one model and one dataset.

    Attributes:
        where: model and dataset.
        rows: its demands, in the order of the tests.
    """

    where: str
    rows: tuple[GridRow, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """Every verdict of a run by demand and slicing.

    Attributes:
        slicings: headings of the columns.
        parts: one for each model on each dataset.
    """

    slicings: tuple[str, ...]
    parts: tuple[GridPart, ...]

    @property
    def has_gaps(self) -> bool:
        """Whether some demand was not judged on some slicing."""
        return any(not marks for part in self.parts for row in part.rows for marks in row.marks)


def make_grid(result: RunResult) -> Grid:
    """The grid of a run, rows and columns in the order in which the tests name them."""
    slicings = tuple(dict.fromkeys(record.verdict.slicing for record in result.records))
    demands: dict[tuple[str, str], dict[str, str]] = {}
    for record in result.records:
        words = demands.setdefault((record.model, record.dataset), {})
        words[record.verdict.criterion] = demand(record.verdict)
    marks: dict[tuple[str, str, str, str], list[Mark]] = {}
    for position, record in enumerate(ranked(result)):
        verdict = record.verdict
        place = (record.model, record.dataset, verdict.criterion, verdict.slicing)
        marks.setdefault(place, []).append(Mark(verdict.outcome, anchor(position)))
    parts = []
    for (model, dataset), words in demands.items():
        used = Counter(words.values())
        rows = tuple(
            GridRow(
                # Two demands that differ in a detail the words leave out are told as they are written.
                demand=told if used[told] == 1 else shortened(criterion, 120),
                criterion=shortened(criterion, 120),
                marks=tuple(tuple(marks.get((model, dataset, criterion, by), ())) for by in slicings),
            )
            for criterion, told in words.items()
        )
        parts.append(GridPart(f"{shortened(model)} on {shortened(dataset)}", rows))
    return Grid(tuple(_heading(slicing) for slicing in slicings), tuple(parts))


def _heading(slicing: str) -> str:
    """A slicing above its column, where spaces let it break.

    >>> _heading("gender*skin_tone")
    'gender × skin tone'
    """
    return shortened(slicing, 48).replace("_", " ").replace("*", " × ")
