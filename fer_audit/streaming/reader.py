"""A Parquet prediction table counted while it is read: what is held is people, not rows.

It gives the counts that reading the whole table would give, to the last bit, and refuses what they would
refuse. It cannot average the rows of one image, which may lie anywhere in the file: it refuses them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from fer_audit.errors import TableError, UnknownNameError, did_you_mean
from fer_audit.predictions import TABLE_COLUMNS, Predictions
from fer_audit.records import Slicing
from fer_audit.stats.completeness import refuse_gaps, refuse_many_groups
from fer_audit.stats.counts import NON_ANSWERS, Counts
from fer_audit.stats.slicing import cut
from fer_audit.streaming.accumulator import Accumulator
from fer_audit.streaming.pictures import Pictures, trimmed
from fer_audit.streaming.words import Combinations, Words
from fer_audit.tables import groupable, header, require_columns
from fer_audit.vocabulary import AnswerKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from fer_audit.streaming.accumulator import Sums

__all__ = ["count_parquet"]

# Rows a batch: what a step touches stays near the processor, and its overhead is spread over many rows.
_BATCH = 131_072
# Units a step when all is read.
_LINES = 2048
_KINDS = tuple(AnswerKind)
_IDENTITY, _TRUE, _PREDICTED, _IMAGE, _ANSWER = TABLE_COLUMNS[:5]


def count_parquet(path: Path, by: str | Slicing, *, labels: Sequence[str] | None = None) -> Counts:
    """Count a prediction table of any length by person within slice, true label and response.

    `fer_audit.Audit.from_counts` judges what it returns. Memory is taken by people (some hundred bytes for
    each) and, where there is a column ``image``, by the pictures (8 bytes for each, up to 128 MiB).

    Args:
        path: a .parquet file with the standard column names; see `fer_audit.Predictions.from_pandas`.
            Columns that the slicing does not name are not read, nor are prompts and confidences.
        by: the slicing, e.g. ``"gender"`` or ``"gender*race"``.
        labels: every label a model may answer, where that is not the vocabulary of expressions.

    Returns:
        What counting the whole table would give.

    Raises:
        TableError: what reading the whole table refuses; besides, an image in more than one row, and rows
            without an identity. Both need all rows at once: `fer_audit.Predictions.read`.
        UnknownNameError: the table has no such attribute.
        ConfigurationError: the slicing makes more groups than can be compared, or leaves out an unknown one.
        IncompleteError: too many rows are absent or in error, overall or in one slice.
    """
    slicing = by if isinstance(by, Slicing) else Slicing(by)
    if path.suffix.casefold() != ".parquet":
        raise TableError(
            f"{path.name}: only .parquet is read in batches; for another file use Predictions.read"
        )
    names = header(path)
    require_columns(names, (_IDENTITY, _TRUE, _PREDICTED), where=path.name)
    attributes = set(groupable(path)) - set(TABLE_COLUMNS)
    for name in slicing.attributes:
        if name not in attributes:
            raise UnknownNameError(
                f"unknown attribute {name!r} in slicing {slicing.name!r}; {did_you_mean(name, attributes)}"
            )
    stream = _Stream(path, slicing, labels, answers=_ANSWER in names, images=_IMAGE in names)
    return stream.read()


class _Stream:
    """One pass over one file."""

    def __init__(
        self, path: Path, slicing: Slicing, labels: Sequence[str] | None, *, answers: bool, images: bool
    ) -> None:
        self._path, self._slicing, self._labels = path, slicing, labels
        self._columns = (_TRUE, _PREDICTED, _ANSWER) if answers else (_TRUE, _PREDICTED)
        self._people = Words()
        self._words = {name: Words() for name in (*self._columns, *slicing.attributes)}
        self._responses = Combinations(f"{path.name}: label and answer")
        self._groups = Combinations(f"{path.name}: the attributes of {slicing.name!r}")
        self._pictures = Pictures() if images else None
        self._sums = Accumulator()

    def read(self) -> Counts:
        """All batches, and what they add up to."""
        start = 0
        for batch in self._batches():
            self._add(batch, start)
            start += batch.num_rows
        if not start:
            raise TableError(f"{self._path.name}: no rows; a prediction table has one row for each answer")
        if self._pictures is not None and (repeats := self._pictures.repeats):
            raise TableError(
                f"{self._path.name}: {repeats} rows show an image that another row shows. Rows of one image "
                "are averaged, and a table read in batches does not hold them together: use "
                "Predictions.read, or average them beforehand"
            )
        return self._count(self._sums.total(len(self._responses)))

    def _batches(self) -> Iterator[pa.RecordBatch]:
        wanted = [_IDENTITY, *self._words, *([_IMAGE] if self._pictures is not None else [])]
        try:
            # Pictures have a name each; every other column repeats a few words, which are decoded once.
            # Asked before anything else: a list cannot be read as a dictionary of words.
            _refuse_nested(pq.read_schema(self._path), wanted, where=self._path.name)
            file = pq.ParquetFile(self._path, read_dictionary=wanted[: 1 + len(self._words)])
            yield from file.iter_batches(batch_size=_BATCH, columns=wanted)
        except (OSError, pa.ArrowException) as error:
            reason = (str(error).splitlines() or [type(error).__name__])[0]
            raise TableError(f"{self._path.name}: cannot be read as a table ({reason})") from error

    def _add(self, batch: pa.RecordBatch, start: int) -> None:
        person = self._people.codes(batch.column(_IDENTITY))
        if person.min(initial=0) < 0:
            row = start + int(np.flatnonzero(person < 0)[0]) + 1
            raise TableError(
                f"{self._path.name}: column {_IDENTITY!r} is empty or NaN in row {row}; fill it or remove "
                "those rows (pictures of unknown people are counted by Predictions.read)"
            )
        if self._pictures is not None:
            self._pictures.add(self._named(batch.column(_IMAGE), start))
        codes = {name: words.codes(batch.column(name)) for name, words in self._words.items()}
        sizes = {name: len(words) for name, words in self._words.items()}
        by = self._slicing.attributes
        refuse_many_groups(self._slicing, [sizes[name] for name in by])
        known = len(self._responses)
        response = self._responses.number(
            [codes[name] for name in self._columns], [sizes[name] for name in self._columns]
        )
        if len(self._responses) > known:
            self._check(batch, start)
        self._sums.add(
            person,
            self._groups.number([codes[name] for name in by], [sizes[name] for name in by]),
            response,
            people=len(self._people),
            combinations=len(self._responses),
        )

    def _named(self, images: pa.Array[Any], start: int) -> pa.Array[Any]:
        names = trimmed(images)
        if names.null_count:
            row = start + int(np.flatnonzero(names.is_null().to_numpy(zero_copy_only=False))[0]) + 1
            raise TableError(
                f"{self._path.name}: column {_IMAGE!r} is empty or NaN in row {row}; "
                "fill it or remove those rows"
            )
        return names

    def _check(self, batch: pa.RecordBatch, start: int) -> None:
        """Refuse a new combination of label and answer as the whole table would refuse it."""
        try:
            self._interpret(self._distinct())
        except TableError:
            # Once more with the rows themselves, so that the message counts them; and with what was before,
            # beside which alone some words are unknown.
            rows = pa.table({name: batch.column(name).cast(pa.string()) for name in self._columns})
            where = self._path.name if not start else f"{self._path.name} from row {start + 1} on"
            self._interpret(rows, where)
            self._interpret(pa.concat_tables([rows, self._distinct()]), where)
            raise

    def _distinct(self) -> pa.Table:
        """One row for each combination of label and answer."""
        columns = _words(self._responses, [self._words[name].words for name in self._columns])
        return pa.table(dict(zip(self._columns, columns, strict=True)))

    def _interpret(self, table: pa.Table, where: str = "") -> Predictions:
        somebody = pa.array(["somebody"] * table.num_rows)
        return Predictions.from_arrow(
            table.append_column(_IDENTITY, somebody), labels=self._labels, where=where or self._path.name
        )

    def _count(self, sums: Sums) -> Counts:
        meaning = self._interpret(self._distinct())
        slices = cut(self._slices(), self._slicing)
        level = slices.codes[sums.slice_]
        kinds = np.zeros((len(slices.levels) + 1, len(_KINDS)), dtype=np.int64)
        rows = sums.rows.sum(1, dtype=np.int64)
        for kind in np.unique(meaning.kind).tolist():
            of_kind = sums.rows[:, meaning.kind == kind].sum(1)
            kinds[:, kind] = np.bincount(level + 1, of_kind, len(kinds))
        refuse_gaps(kinds, self._slicing, slices.levels)

        outcome = np.array([kind == 0 or _KINDS[kind] in NON_ANSWERS for kind in meaning.kind.tolist()])
        counted = np.flatnonzero((level >= 0) & sums.rows[:, outcome].any(1))
        people = sorted(self._people.words)
        code = {name: place for place, name in enumerate(people)}
        rank = np.array([code[name] for name in self._people.words], dtype=np.int64)
        units = counted[np.lexsort((level[counted], rank[sums.person[counted]]))]
        cells = _place(sums.rows, units, meaning)
        incomplete = np.array([min(codes) < 0 for codes in self._groups.seen])
        return Counts(
            person=rank[sums.person[units]],
            level=level[units],
            cells=cells,
            people=tuple(people),
            levels=slices.levels,
            labels=meaning.true.levels,
            predicted=meaning.predicted.levels,
            slicing=self._slicing,
            empty=slices.empty,
            missing=int(rows[incomplete[sums.slice_]].sum()),
        )

    def _slices(self) -> Predictions:
        """One row for each combination of attributes; the rest is filled in."""
        by = self._slicing.attributes
        columns = _words(self._groups, [self._words[name].words for name in by])
        word = pa.array(["any"] * len(self._groups))
        return Predictions.from_arrow(
            pa.table({**dict(zip(by, columns, strict=True)), _IDENTITY: word, _TRUE: word, _PREDICTED: word}),
            labels=("any",),
            where=self._path.name,
        )


def _refuse_nested(schema: pa.Schema, names: Sequence[str], *, where: str) -> None:
    for name in names:
        kind = schema.field(name).type
        if pa.types.is_nested(kind):
            raise TableError(
                f"{where}: column {name!r} holds values of type {kind}, which are no text or number; give it "
                "one plain value a row, or leave the column out"
            )


def _place(rows: NDArray[np.int32], units: NDArray[np.int64], meaning: Predictions) -> NDArray[np.float64]:
    """Rows by combination as the cells of `Counts`: by true label and response.

    Args:
        rows: shape (lines, C).
        units: shape (U,): the lines that become units, in their order.
        meaning: what each of the C combinations stands for; several may be one, as two words for a label.
    """
    answers = len(meaning.predicted.levels)
    responses = answers + len(NON_ANSWERS)
    of_kind = np.array(
        [answers + NON_ANSWERS.index(kind) if kind in NON_ANSWERS else -1 for kind in _KINDS], dtype=np.int64
    )
    response = np.where(meaning.kind == 0, meaning.predicted.codes, of_kind[meaning.kind])
    cells = np.zeros((len(units), len(meaning.true.levels) * responses))
    left = np.flatnonzero(response >= 0)
    while len(left):
        # Each cell once a round: an addition to the same cell twice would count once.
        target, first = np.unique(meaning.true.codes[left] * responses + response[left], return_index=True)
        for start in range(0, len(units), _LINES):
            part = slice(start, start + _LINES)
            cells[part, target] += rows[units[part, None], left[first]]
        left = np.delete(left, first)
    return cells.reshape(len(units), len(meaning.true.levels), responses)


def _words(combinations: Combinations, words: Sequence[tuple[str, ...]]) -> list[pa.Array[Any]]:
    """The combinations as columns of words, one row each."""
    return [
        pa.array([known[code] if code >= 0 else None for code in codes], pa.string())
        for known, codes in zip(words, zip(*combinations.seen, strict=True), strict=True)
    ]
