"""A dataset from a manifest: a CSV or Parquet file with the columns image, identity, expression.

Every other column is a demographic or control attribute, or a covariate where a Parquet file types it as
floats. A CSV types nothing: which of its columns are numbers is said where they are wanted
(``--fer-measure=yaw``). Images are named relative to the manifest's folder, with forward slashes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from fer_audit.datasets.face_table import FaceTable
from fer_audit.datasets.folder import FolderDataset
from fer_audit.datasets.inventory import Inventory
from fer_audit.datasets.specification import DatasetSpec
from fer_audit.errors import DatasetError, TableError, did_you_mean
from fer_audit.records import Slicing
from fer_audit.tables import Column, column, floats, groupable, header, numbers, read_table, require_columns
from fer_audit.vocabulary import Expression, expression_named

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["manifest_dataset", "read_manifest"]

_NEEDED = ("image", "identity", "expression")


def manifest_dataset(path: Path, *, name: str | None = None) -> DatasetSpec:
    """A dataset specification from the header of a manifest; rows are read when it is opened.

    Args:
        path: the .csv or .parquet manifest.
        name: the short name; the file's stem without one.

    Raises:
        DatasetError: the file is missing, of another kind, or lacks a column.
    """
    try:
        names = header(path)
        require_columns(names, _NEEDED, where=path.name)
    except TableError as error:
        raise DatasetError(f"manifest {error}. A manifest has the columns {', '.join(_NEEDED)}") from error
    attributes = tuple(name for name in groupable(path) if name not in _NEEDED)
    covariates = tuple(name for name in floats(path) if name not in _NEEDED)
    if not attributes:
        raise DatasetError(
            f"manifest {path.name}: no column to slice by; add one such as gender beside {', '.join(_NEEDED)}"
        )
    return DatasetSpec(
        name=name or re.sub(r"[^A-Za-z0-9_.\-]", "_", path.stem),
        open=lambda: read_manifest(path),
        attributes=attributes,
        slicings=tuple(Slicing((attribute,)) for attribute in attributes),
        covariates=covariates,
    )


def read_manifest(path: Path, *, details: Mapping[str, str] | None = None) -> FolderDataset:
    """Every face of a manifest.

    Raises:
        DatasetError: no rows, an empty cell, or an unknown expression; with the row.
    """
    where = path.name
    try:
        table = read_table(path)
        require_columns(table.column_names, _NEEDED, where=where)
        image = column(table, "image", where=where, exact=True)
        identity, expression = (column(table, name, where=where) for name in _NEEDED[1:])
        attributes = {
            name: column(table, name, where=where, optional=True)
            for name, kind in zip(table.column_names, table.schema.types, strict=True)
            if name not in _NEEDED and not pa.types.is_floating(kind)
        }
        covariates = {name: numbers(table, name, where=where) for name in floats(path) if name not in _NEEDED}
    except TableError as error:
        raise DatasetError(f"manifest {error}") from error
    if not table.num_rows:
        raise DatasetError(f"manifest {where}: no rows; list one image a row under {', '.join(_NEEDED)}")
    labels = tuple(_label(word, expression.codes, code, where) for code, word in enumerate(expression.levels))
    words = tuple(sorted(set(labels)))
    place = np.array([words.index(label) for label in labels], dtype=np.int32)
    faces = FaceTable(
        tuple(image.levels[code] for code in image.codes.tolist()),
        identity,
        Column(place[expression.codes], words),
        attributes,
        covariates,
    )
    inventory = Inventory(len(faces), len(faces), entry="row")
    return FolderDataset(path.parent, faces, words, inventory, details or {"manifest": where})


def _label(word: str, codes: np.ndarray[tuple[int], np.dtype[np.int32]], code: int, where: str) -> str:
    found = expression_named(word)
    if found is None:
        row = int(np.flatnonzero(codes == code)[0]) + 1
        raise DatasetError(
            f"manifest {where}: unknown expression {word!r} in row {row}; {did_you_mean(word, Expression)}"
        )
    return str(found)
