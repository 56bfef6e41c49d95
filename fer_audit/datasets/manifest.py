"""A dataset from a manifest: a CSV or Parquet file with the columns image, identity, expression.

A column ``label`` in place of ``expression`` holds any labels, as they are written; a column ``task`` beside
it says in every row what they are of, such as gender or hair colour. Without a column ``identity``, or with
an empty one, nobody knows who is in which picture; a column ``max_images_per_person`` then declares in how
many one person may be.

Every other column is a demographic or control attribute, or a covariate where a Parquet file types it as
floats. A CSV types nothing: which of its columns are numbers is said where they are wanted
(``--fer-measure=yaw``). Images are named relative to the manifest's folder, with forward slashes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from fer_audit.answer_columns import MOST_IMAGES_COLUMN, most_images
from fer_audit.datasets.face_table import FaceTable
from fer_audit.datasets.folder import FolderDataset
from fer_audit.datasets.inventory import Inventory
from fer_audit.datasets.specification import DatasetSpec
from fer_audit.errors import DatasetError, TableError, did_you_mean
from fer_audit.records import Slicing
from fer_audit.tables import (
    Column,
    column,
    first_values,
    floats,
    groupable,
    header,
    numbers,
    read_table,
    require_columns,
)
from fer_audit.vocabulary import EXPRESSION, LABEL, Expression, expression_named

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

__all__ = ["check_task", "manifest_dataset", "read_manifest", "short_name"]

_TASK = re.compile(r"\w[\w -]{0,39}")


@dataclass(frozen=True, slots=True)
class _Roles:
    """Which columns of a manifest say what.

    Attributes:
        label: the column of the label.
        identity: the column of the person is there.
        said: columns that say something of the whole set.
    """

    label: str
    identity: bool
    said: tuple[str, ...]

    @classmethod
    def of(cls, names: Sequence[str]) -> _Roles:
        """Read from the header; an expression is the label where there is one."""
        label = EXPRESSION if EXPRESSION in names or LABEL not in names else LABEL
        said = (MOST_IMAGES_COLUMN, "task") if label == LABEL else (MOST_IMAGES_COLUMN,)
        return cls(label, "identity" in names, tuple(name for name in said if name in names))

    @property
    def needed(self) -> tuple[str, ...]:
        """Columns without which there is no face."""
        return ("image", self.label)

    @property
    def taken(self) -> tuple[str, ...]:
        """Columns that are neither attribute nor covariate."""
        return (*self.needed, "identity", *self.said)


def manifest_dataset(path: Path, *, name: str | None = None) -> DatasetSpec:
    """A dataset specification from the header of a manifest; rows are read when it is opened.

    Of its columns identity, task and max_images_per_person as many cells are looked at as are empty before
    the first that is not.

    Args:
        path: the .csv or .parquet manifest.
        name: the short name; the file's stem without one.

    Raises:
        DatasetError: the file is missing, of another kind, or lacks a column; or what it says of the whole
            set makes no sense.
    """
    try:
        names = header(path)
        roles = _Roles.of(names)
        require_columns(names, roles.needed, where=path.name)
        wanted = [*roles.said, *(["identity"] if roles.identity else [])]
        said = first_values(path, wanted) if wanted else {}
    except TableError as error:
        raise DatasetError(
            f"manifest {error}. A manifest has the columns image, identity, expression (or label)"
        ) from error
    attributes = tuple(name for name in groupable(path) if name not in roles.taken)
    covariates = tuple(name for name in floats(path) if name not in roles.taken)
    task = EXPRESSION if roles.label == EXPRESSION else said.get("task", LABEL)
    return DatasetSpec(
        name=name or short_name(path.stem),
        open=lambda: read_manifest(path),
        attributes=attributes,
        slicings=tuple(Slicing((attribute,)) for attribute in attributes),
        covariates=covariates,
        identified="identity" in said,
        most_images=None if "identity" in said else _declared(said.get(MOST_IMAGES_COLUMN), path.name),
        task=check_task(task, where=f"manifest {path.name}"),
    )


def read_manifest(path: Path, *, details: Mapping[str, str] | None = None) -> FolderDataset:
    """Every face of a manifest.

    Raises:
        DatasetError: no rows, an empty cell, or an unknown expression; with the row.
    """
    where = path.name
    try:
        table = read_table(path)
        roles = _Roles.of(table.column_names)
        require_columns(table.column_names, roles.needed, where=where)
        image = column(table, "image", where=where, exact=True)
        identity = _people(table, where) if roles.identity else None
        label = column(table, roles.label, where=where)
        if "task" in roles.said:
            _refuse_two_tasks(column(table, "task", where=where), where)
        if identity is None:
            most_images(table, where=where)
        attributes = {
            name: column(table, name, where=where, optional=True)
            for name, kind in zip(table.column_names, table.schema.types, strict=True)
            if name not in roles.taken and not pa.types.is_floating(kind)
        }
        covariates = {
            name: numbers(table, name, where=where) for name in floats(path) if name not in roles.taken
        }
    except TableError as error:
        raise DatasetError(f"manifest {error}") from error
    if not table.num_rows:
        raise DatasetError(
            f"manifest {where}: no rows; list one image a row under image, identity, {roles.label}"
        )
    if roles.label == EXPRESSION:
        label = _expressions(label, where)
    images = tuple(image.levels[code] for code in image.codes.tolist())
    faces = FaceTable(images, identity, label, attributes, covariates)
    inventory = Inventory(len(faces), len(faces), entry="row")
    return FolderDataset(path.parent, faces, label.levels, inventory, details or {"manifest": where})


def check_task(task: str, *, where: str) -> str:
    """The name of a task, which becomes part of what models are asked.

    Args:
        task: a word or a few.
        where: what the dataset is called in messages.

    Raises:
        DatasetError: it is no short name in letters.

    >>> check_task("hair colour", where="people.csv")
    'hair colour'
    """
    if not _TASK.fullmatch(task):
        raise DatasetError(
            f"{where}: the task {task!r:.60} cannot be asked for; name what the labels are of in a word or a "
            "few, of letters, such as gender or hair colour"
        )
    return task


def short_name(stem: str) -> str:
    """The name of a dataset in test ids, from that of its file or folder.

    >>> short_name("my people")
    'my_people'
    """
    return re.sub(r"[^A-Za-z0-9_.\-]", "_", stem)


def _people(table: pa.Table, where: str) -> Column | None:
    """The person of each row; None where no row names one."""
    if not column(table, "identity", where=where, optional=True).levels:
        return None
    return column(table, "identity", where=where)


def _declared(text: str | None, where: str) -> int | None:
    """In how many pictures one unknown person may be, as the first row that says so declares."""
    if text is None:
        return None
    one = pa.table({MOST_IMAGES_COLUMN: [text]})
    try:
        return most_images(one, where=where)
    except TableError as error:
        raise DatasetError(f"manifest {error}") from error


def _refuse_two_tasks(task: Column, where: str) -> None:
    if len(task.levels) > 1:
        shown = " and ".join(map(repr, task.levels[:2]))
        raise DatasetError(
            f"manifest {where}: column 'task' holds {shown}; one dataset has one task, the same in every "
            "row: split the manifest"
        )


def _expressions(said: Column, where: str) -> Column:
    """The column over the vocabulary of expressions."""
    labels = tuple(_expression(word, said, code, where) for code, word in enumerate(said.levels))
    words = tuple(sorted(set(labels)))
    place = np.array([words.index(label) for label in labels], dtype=np.int32)
    return Column(place[said.codes], words)


def _expression(word: str, said: Column, code: int, where: str) -> str:
    found = expression_named(word)
    if found is None:
        row = int(np.flatnonzero(said.codes == code)[0]) + 1
        raise DatasetError(
            f"manifest {where}: unknown expression {word!r} in row {row}; {did_you_mean(word, Expression)}. "
            "Labels of another kind stand in a column 'label'"
        )
    return str(found)
