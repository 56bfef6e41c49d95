"""What a model said instead of a label, in each slice: kinds of answer, counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fer_audit.records import Slicing
from fer_audit.report.names import level_words, shortened
from fer_audit.report.quantities import percent
from fer_audit.stats.slicing import cut
from fer_audit.stats.tabulation import tabulate
from fer_audit.vocabulary import AnswerKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fer_audit.report.cells import CellTable
    from fer_audit.results import RunResult

__all__ = ["Answers", "Kinds", "Said", "answer_kinds", "words_said"]

_KINDS = tuple(AnswerKind)
_ROWS = 60
_WORDS = 160  # characters of a model's own words
_NOWHERE = "no value recorded"


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers to the faces of one slice.

    Attributes:
        level: the slice; empty for faces that no value is recorded of.
        asked: how many answers there are; a picture that was asked about twice has two.
        counts: how many of each of the table's kinds.
    """

    level: str
    asked: int
    counts: tuple[int, ...]

    @property
    def shares(self) -> tuple[float, ...]:
        """Each count as a share of the answers, 0 to 1."""
        return tuple(count / self.asked for count in self.counts)


@dataclass(frozen=True, slots=True)
class Kinds:
    """The kinds of answer of one model on one dataset, sliced one way.

    Attributes:
        model: short name of the model.
        dataset: short name of the dataset.
        slicing: how the faces are divided.
        kinds: answered first, then each kind that occurs, in the order of the vocabulary.
        rows: the slices, those of which most is not answered first.
    """

    model: str
    dataset: str
    slicing: str
    kinds: tuple[AnswerKind, ...]
    rows: tuple[Answers, ...]

    @property
    def where(self) -> str:
        """Model and dataset.

        >>> Kinds("clip", "faces", "race", (), ()).where
        'clip on faces'
        """
        return f"{shortened(self.model)} on {shortened(self.dataset)}"

    @property
    def heads(self) -> tuple[str, ...]:
        """The headings of the columns beside the slice."""
        return ("answers", *(_in_words(kind) for kind in self.kinds))

    @property
    def told(self) -> str:
        """From which share to which share of its answers a slice has no label."""
        unanswered = [1.0 - row.shares[0] for row in self.rows]
        by = shortened(self.slicing, 48).replace("_", " ").replace("*", " × ")
        return f"by {by}: {percent(min(unanswered))} to {percent(max(unanswered))} without a label"

    @property
    def shown(self) -> tuple[tuple[str, ...], ...]:
        """The first rows in words: the slice, the number of answers, and each kind as count and share."""
        return tuple(self._row_in_words(row) for row in self.rows[:_ROWS])

    @property
    def unlisted(self) -> int:
        """How many rows are not shown."""
        return max(len(self.rows) - _ROWS, 0)

    def _row_in_words(self, row: Answers) -> tuple[str, ...]:
        level = level_words(self.slicing, row.level) if row.level else _NOWHERE
        counts = (
            f"{count:,} ({percent(share)})" if count else "–"
            for count, share in zip(row.counts, row.shares, strict=True)
        )
        return (level, f"{row.asked:,}", *counts)


@dataclass(frozen=True, slots=True)
class Said:
    """A few answers without a label of one kind, in the model's own words.

    Attributes:
        where: model and dataset.
        kind: what the words were read as.
        words: clean and cut.
    """

    where: str
    kind: str
    words: tuple[str, ...]


def answer_kinds(result: RunResult, cells: Sequence[CellTable]) -> tuple[Kinds, ...]:
    """The kinds of answer of every cell by every slicing that it was judged on.

    A cell of which everything was answered has none; neither has a slicing that a cell lacks.
    """
    judged = dict.fromkeys((r.model, r.dataset, r.verdict.slicing) for r in result.records)
    return tuple(
        found
        for cell in cells
        for model, dataset, slicing in judged
        if (model, dataset) == (cell.model, cell.dataset) and (found := _kinds(cell, slicing)) is not None
    )


def words_said(cells: Sequence[CellTable]) -> tuple[Said, ...]:
    """What models said where no label was read, a few examples of each kind."""
    return tuple(
        Said(
            f"{shortened(cell.model)} on {shortened(cell.dataset)}",
            _in_words(kind),
            tuple(shortened(said, _WORDS) for said in words),
        )
        for cell in cells
        for kind, words in cell.predictions.words.items()
    )


def _in_words(kind: str) -> str:
    return shortened(kind).replace("_", " ")


def _kinds(cell: CellTable, slicing: str) -> Kinds | None:
    predictions = cell.predictions
    names = tuple(slicing.split("*"))
    if not predictions.kind.any() or any(name not in predictions.attributes for name in names):
        return None
    slices = cut(predictions, Slicing(names))
    levels = ("", *slices.levels)
    table = tabulate([slices.codes + 1, predictions.kind], (len(levels), len(_KINDS)))
    used = [
        place for place, kind in enumerate(_KINDS) if kind is AnswerKind.ANSWERED or table[:, place].any()
    ]
    rows = [
        Answers(level, int(counts.sum()), tuple(int(counts[place]) for place in used))
        for level, counts in zip(levels, table, strict=True)
        if counts.any()
    ]
    return Kinds(
        model=cell.model,
        dataset=cell.dataset,
        slicing=slicing,
        kinds=tuple(_KINDS[place] for place in used),
        rows=tuple(sorted(rows, key=lambda row: row.shares[0])),
    )
