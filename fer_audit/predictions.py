"""Predictions: what a model answered on every image of a dataset, as columns of integer codes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from itertools import product
from typing import TYPE_CHECKING, Self

import numpy as np
import pyarrow as pa

from fer_audit.answer_columns import (
    MOST_IMAGES_COLUMN,
    answer_kinds,
    confidences,
    most_images,
    predicted_labels,
    refuse_two_values,
    true_labels,
)
from fer_audit.drawable import drawable
from fer_audit.errors import TableError
from fer_audit.records import Provenance
from fer_audit.tables import Column, column, numbers, read_table, require_columns

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import pandas as pd
    from numpy.typing import NDArray

    from fer_audit.records import Slicing

__all__ = [
    "LEAST_PRESENT",
    "MOST_ERRORS",
    "TABLE_COLUMNS",
    "Column",
    "Predictions",
    "table_name",
]

TABLE_COLUMNS = ("identity", "expression", "predicted", "image", "answer", "prompt", "confidence")
"""Columns of a prediction table that are no attributes; the first three must be there."""

LEAST_PRESENT = 0.98
"""Share of the rows that must be there for any verdict, overall and in every slice."""

MOST_ERRORS = 0.01
"""Share of the rows that may be in error (a crash is no answer), overall and in every slice."""


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
        words: a few of the model's own words by the kind of answer, other than a label, that they are.
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
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.kind)

    def divided(self, slicing: Slicing) -> Slicing:
        """A slicing that leaves out no level but those that these people have.

        A dataset's own slicing may name levels of which a copy has nobody.
        """
        columns = [self.attributes[name].levels for name in slicing.attributes if name in self.attributes]
        return slicing.among({"*".join(levels) for levels in product(*columns)}.union(*columns))

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
        true = true_labels(column(table, true_name, where=where), labels, where=where, name=true_name)
        kind = answer_kinds(table, predicted_name, where=where)
        predicted = predicted_labels(table, predicted_name, kind, true, labels, where=where)
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
            refuse_two_values(image, name, col, where=where)
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
            confidence=confidences(table, where=where),
            covariates={name: numbers(table, name, where=where) for name in sorted(floats - taken)},
            identified=identified,
            most_images=None if identified else most_images(table, where=where),
        )


def table_name(path: Path) -> str:
    """The short name of the model behind a prediction table: the file's stem, as test ids allow it.

    >>> from pathlib import Path
    >>> table_name(Path("gpt 4o.csv"))
    'gpt_4o'
    """
    return re.sub(r"[^A-Za-z0-9_.\-]", "_", path.stem)


def _default_provenance() -> Provenance:
    return Provenance(model="predictions", dataset="table")
