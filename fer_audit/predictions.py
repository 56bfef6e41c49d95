"""Predictions: what a model answered on every image of a dataset, as columns of integer codes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Self

import numpy as np
import pyarrow as pa

from fer_audit.drawable import drawable
from fer_audit.errors import TableError, did_you_mean
from fer_audit.records import Provenance
from fer_audit.tables import Column, column, numbers, read_table, require_columns
from fer_audit.vocabulary import AnswerKind, Expression, expression_named

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import pandas as pd
    from numpy.typing import NDArray

__all__ = [
    "LEAST_PRESENT",
    "MOST_ERRORS",
    "MOST_IMAGES_COLUMN",
    "TABLE_COLUMNS",
    "Column",
    "Predictions",
    "label_order",
    "table_name",
]

TABLE_COLUMNS = ("identity", "expression", "predicted", "image", "answer", "prompt", "confidence")
"""Columns of a prediction table that are no attributes; the first three must be there."""

MOST_IMAGES_COLUMN = "max_images_per_person"
"""Column by which a table without identities declares in how many pictures nobody exceeds."""

LEAST_PRESENT = 0.98
"""Share of the rows that must be there for any verdict, overall and in every slice."""

MOST_ERRORS = 0.01
"""Share of the rows that may be in error (a crash is no answer), overall and in every slice."""

_KINDS = list(AnswerKind)


@drawable
@dataclass(frozen=True, slots=True, eq=False)
class Predictions:
    """One row for each time a model was asked about an image.

    Rows that share ``image`` are repeats of one question and are averaged before anything is counted: first
    those of one prompt, then the prompts.

    Attributes:
        identity: the person in the image; the unit of all statistics.
        image: which picture the row is about.
        true: the true label; its levels are the dataset's label set.
        predicted: the answered label; code -1 where there is none. Its levels begin with those of
            ``true`` in the same order and may go on (a model may answer outside the dataset's labels).
        kind: shape (rows,), int8: position in ``list(AnswerKind)``; 0 is answered.
        attributes: demographic and control columns by name.
        provenance: where the rows come from.
        notes: what was merged or left out, each with its reason.
        faults: why rows are in error or absent, one reason a row.
        prompt: the wording of the question; None where there was one only.
        confidence: shape (rows,): probability that the model gave to its answer, in [0, 1]; nan where it
            gave none. None where no row has one.
        covariates: numbers measured on each picture by name (brightness, yaw, ...), each of shape (rows,);
            nan where unknown.
        identified: whether it is known who is in which picture. Where it is not, every picture has an
            ``identity`` of its own, and verdicts say what they would take.
        most_images: nobody is in more pictures than this, as the dataset declares; None where it is not
            known, and where people are identified.
    """

    identity: Column
    image: Column
    true: Column
    predicted: Column
    kind: NDArray[np.int8]
    attributes: Mapping[str, Column]
    provenance: Provenance = field(default_factory=lambda: Provenance(model="predictions", dataset="table"))
    notes: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    prompt: Column | None = None
    confidence: NDArray[np.float64] | None = None
    covariates: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)
    identified: bool = True
    most_images: int | None = None

    def __len__(self) -> int:
        return len(self.kind)

    def take(self, rows: NDArray[np.int64] | NDArray[np.bool_]) -> Self:
        """Some of the rows; levels that lose all their rows keep their names.

        Args:
            rows: positions, or a mask of shape (rows,).
        """

        def part(column: Column) -> Column:
            return Column(column.codes[rows], column.levels)

        return replace(
            self,
            identity=part(self.identity),
            image=part(self.image),
            true=part(self.true),
            predicted=part(self.predicted),
            kind=self.kind[rows],
            attributes={name: part(column) for name, column in self.attributes.items()},
            prompt=None if self.prompt is None else part(self.prompt),
            confidence=None if self.confidence is None else self.confidence[rows],
            covariates={name: values[rows] for name, values in self.covariates.items()},
        )

    @classmethod
    def from_pandas(
        cls,
        frame: pd.DataFrame,
        *,
        identity: str = "identity",
        true: str = "expression",
        predicted: str = "predicted",
        image: str = "image",
        labels: Sequence[str] | None = None,
        provenance: Provenance | None = None,
    ) -> Self:
        """Read a finished prediction table: one row an answer, one column each for person, truth, answer.

        Args:
            frame: the table. A column ``answer`` may say ``refused``, ``unreadable``, ... where nothing
                was predicted, ``prompt`` the wording of the question, ``confidence`` the probability given
                to the answer. Every other column is an attribute, or a covariate where it holds floats.
            identity: column of the person. Where it is empty in every row nobody knows who is in which
                picture; ``max_images_per_person`` may then declare how many of them can be one person.
            true: column of the true label.
            predicted: column of the answered label.
            image: column of the picture; without it each row is one image.
            labels: every label a model may answer, where that is not the vocabulary of expressions.
            provenance: names of model and dataset, for reports.

        Raises:
            TableError: a column is missing, a cell is empty, a label unknown, or an image is listed
                under two people, two labels or two groups.
        """
        table = pa.Table.from_pandas(frame, preserve_index=False)
        return cls._from_table(
            table, "table", (identity, true, predicted, image), labels, provenance or _default_provenance()
        )

    @classmethod
    def read_parquet(cls, path: Path, *, labels: Sequence[str] | None = None) -> Self:
        """Read a prediction table with the standard column names from a Parquet file; see from_pandas."""
        return cls.read(path, labels=labels)

    @classmethod
    def read(cls, path: Path, *, labels: Sequence[str] | None = None) -> Self:
        """Read a prediction table with the standard column names from a .csv or .parquet file.

        Raises:
            TableError: see from_pandas.
        """
        identity, true, predicted, image = TABLE_COLUMNS[:4]
        names = (identity, true, predicted, image)
        provenance = Provenance(model=table_name(path), dataset="table", details={"predictions": path.name})
        return cls._from_table(read_table(path), path.name, names, labels, provenance)

    @classmethod
    def from_arrow(
        cls, table: pa.Table, *, labels: Sequence[str] | None = None, where: str = "table"
    ) -> Self:
        """Read a prediction table with the standard column names from Arrow; see from_pandas.

        Args:
            table: the table.
            labels: every label a model may answer, where that is not the vocabulary of expressions.
            where: what the table is called in messages.

        Raises:
            TableError: see from_pandas.
        """
        identity, true, predicted, image = TABLE_COLUMNS[:4]
        return cls._from_table(
            table, where, (identity, true, predicted, image), labels, _default_provenance()
        )

    @classmethod
    def _from_table(
        cls,
        table: pa.Table,
        where: str,
        names: tuple[str, str, str, str],
        labels: Sequence[str] | None,
        provenance: Provenance,
    ) -> Self:
        identity_name, true_name, predicted_name, image_name = names
        require_columns(table.column_names, (identity_name, true_name, predicted_name), where=where)
        if not table.num_rows:
            raise TableError(f"{where}: no rows; a prediction table has one row for each answer")
        true = _in_order(column(table, true_name, where=where), labels, where=where, name=true_name)
        kind = _kinds(table, predicted_name, where=where)
        predicted = _predicted(table, predicted_name, kind, true, labels, where=where)
        who = column(table, identity_name, where=where, optional=True)
        identified = bool(who.levels)
        if image_name in table.column_names:
            image = column(table, image_name, where=where, exact=True)
        else:
            rows = np.arange(table.num_rows, dtype=np.int32)
            image = Column(rows, tuple(str(row + 1) for row in rows.tolist()))
        identity = column(table, identity_name, where=where) if identified else image
        taken = {*names, *TABLE_COLUMNS, MOST_IMAGES_COLUMN}
        floats = {field.name for field in table.schema if pa.types.is_floating(field.type)}
        attributes = {
            name: column(table, name, where=where, optional=True)
            for name in table.column_names
            if name not in taken and name not in floats
        }
        for name, col in {identity_name: identity, true_name: true, **attributes}.items():
            _check_one_value_per_image(image, name, col, where=where)
        prompt = column(table, "prompt", where=where) if "prompt" in table.column_names else None
        repeats = table.num_rows - len(image.levels)
        notes = (f"{repeats} rows repeat an image and are averaged with it",) if repeats else ()
        return cls(
            identity,
            image,
            true,
            predicted,
            kind,
            attributes,
            provenance,
            notes,
            prompt=prompt,
            confidence=_confidence(table, where=where),
            covariates={name: numbers(table, name, where=where) for name in sorted(floats - taken)},
            identified=identified,
            most_images=None if identified else _most_images(table, where=where),
        )


def table_name(path: Path) -> str:
    """The short name of the model behind a prediction table: the file's stem, as test ids allow it.

    >>> from pathlib import Path
    >>> table_name(Path("gpt 4o.csv"))
    'gpt_4o'
    """
    return re.sub(r"[^A-Za-z0-9_.\-]", "_", path.stem)


def label_order(labels: Sequence[str]) -> tuple[str, ...]:
    """A label set in its standard order: by name, which is the order of the vocabulary too.

    >>> label_order(["surprise", "anger"])
    ('anger', 'surprise')
    """
    return tuple(sorted(set(labels)))


def _default_provenance() -> Provenance:
    return Provenance(model="predictions", dataset="table")


def _in_order(col: Column, labels: Sequence[str] | None, *, where: str, name: str) -> Column:
    """The column over the label set: synonyms become expressions, declared labels keep their order."""
    words = col.levels
    named = [expression_named(word) for word in words]
    if labels is None and any(named):
        known: tuple[str, ...] = tuple(Expression)
        renamed = [str(found) if found else word for found, word in zip(named, words, strict=True)]
    else:
        known = tuple(labels) if labels is not None else words
        renamed = list(words)
    for word in renamed:
        if word not in known:
            row = int(np.flatnonzero(col.codes == renamed.index(word))[0]) + 1
            raise TableError(
                f"{where}: unknown label {word!r} in column {name!r}, row {row}; {did_you_mean(word, known)}"
            )
    levels = tuple(labels) if labels is not None else label_order(renamed)
    rank = np.array([levels.index(word) for word in renamed], dtype=np.int32)
    return Column(rank[col.codes], levels)


def _kinds(table: pa.Table, predicted_name: str, *, where: str) -> NDArray[np.int8]:
    if "answer" not in table.column_names:
        return np.zeros(table.num_rows, dtype=np.int8)
    answer = column(table, "answer", where=where, optional=True)
    for word in answer.levels:
        if word not in _KINDS:
            row = int(np.flatnonzero(answer.codes == answer.levels.index(word))[0]) + 1
            raise TableError(
                f"{where}: unknown kind of answer {word!r} in row {row}; {did_you_mean(word, _KINDS)}"
            )
    # An empty cell, code -1, takes the last position: nothing said means answered.
    positions = np.array([*(_KINDS.index(AnswerKind(word)) for word in answer.levels), 0], dtype=np.int8)
    kind: NDArray[np.int8] = positions[answer.codes]
    predicted = column(table, predicted_name, where=where, optional=True)
    clash = np.flatnonzero((kind != 0) & (predicted.codes >= 0))
    if clash.size:
        row = int(clash[0])
        raise TableError(
            f"{where}: row {row + 1} is marked {_KINDS[kind[row]].value!r} but predicts "
            f"{predicted.levels[predicted.codes[row]]!r}; only answered rows carry a prediction"
        )
    return kind


def _predicted(
    table: pa.Table,
    name: str,
    kind: NDArray[np.int8],
    true: Column,
    labels: Sequence[str] | None,
    *,
    where: str,
) -> Column:
    raw = column(table, name, where=where, optional=True)
    unexplained = np.flatnonzero((raw.codes < 0) & (kind == 0))
    if unexplained.size:
        raise TableError(
            f"{where}: column {name!r} is empty or NaN in {unexplained.size} of {len(kind)} rows (first: row "
            f"{int(unexplained[0]) + 1}); say why in a column 'answer' (refused, unreadable, ...) or fill it"
        )
    expressions = any(expression_named(label) for label in true.levels)
    levels = list(true.levels)
    positions = []
    for word in raw.levels:
        found = expression_named(word)
        label = str(found) if expressions and labels is None and found else word
        if label not in levels:
            if labels is not None or (expressions and found is None):
                row = int(np.flatnonzero(raw.codes == raw.levels.index(word))[0]) + 1
                known = labels if labels is not None else tuple(Expression)
                raise TableError(
                    f"{where}: unknown label {word!r} in column {name!r}, row {row}; "
                    f"{did_you_mean(word, known)}. An answer outside the labels is written with an empty "
                    "prediction and 'unreadable' in a column 'answer'"
                )
            levels.append(label)
        positions.append(levels.index(label))
    return Column(np.array([*positions, -1], dtype=np.int32)[raw.codes], tuple(levels))


def _confidence(table: pa.Table, *, where: str) -> NDArray[np.float64] | None:
    if "confidence" not in table.column_names:
        return None
    found = numbers(table, "confidence", where=where)
    outside = np.flatnonzero((found < 0) | (found > 1))
    if outside.size:
        row = int(outside[0])
        raise TableError(
            f"{where}: confidence {found[row]:g} in row {row + 1} is no probability; give the probability of "
            "the answer from 0 to 1 (percentages divided by 100), or leave the cell empty"
        )
    return found if np.isfinite(found).any() else None


def _most_images(table: pa.Table, *, where: str) -> int | None:
    if MOST_IMAGES_COLUMN not in table.column_names:
        return None
    declared = np.unique(numbers(table, MOST_IMAGES_COLUMN, where=where))
    if len(declared) != 1 or not declared[0] >= 1 or declared[0] % 1:
        shown = ", ".join(f"{value:g}" for value in declared[:3])
        raise TableError(
            f"{where}: column {MOST_IMAGES_COLUMN!r} holds {shown}; it declares one whole number, the "
            "same in every row: in how many of the pictures one person may be"
        )
    return int(declared[0])


def _check_one_value_per_image(image: Column, name: str, col: Column, *, where: str) -> None:
    first = np.full(len(image.levels), -1, dtype=np.int32)
    # Later rows overwrite earlier ones; any row that disagrees with the last one shows a second value.
    first[image.codes] = col.codes
    differs = np.flatnonzero(first[image.codes] != col.codes)
    if differs.size:
        row = int(differs[0])
        picture = image.codes[row]
        raise TableError(
            f"{where}: image {image.levels[picture]!r} is listed with two values of {name!r}: "
            f"{_level(col, col.codes[row])} and {_level(col, first[picture])}; one picture shows "
            "one person with one label and one group"
        )


def _level(col: Column, code: int) -> str:
    return repr(col.levels[code]) if code >= 0 else "nothing"
