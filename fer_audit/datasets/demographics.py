"""Tables of demographics: what is known of people or pictures, one row for each, under one key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fer_audit.errors import DatasetError, TableError
from fer_audit.tables import Column, column, floats, groupable, numbers, read_table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["Demographics", "Header", "read_demographics", "read_header"]

_KEYS = ("image", "identity")
_NO_ATTRIBUTES = (*_KEYS, "expression", "predicted", "answer", "prompt", "confidence")


@dataclass(frozen=True, slots=True)
class Header:
    """What a table will say, known before its rows are read.

    Attributes:
        key: ``image`` or ``identity``.
        attributes: columns of groups.
        covariates: columns of numbers.
    """

    key: str
    attributes: tuple[str, ...]
    covariates: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Demographics:
    """What a table says, once for each key.

    Attributes:
        key: ``image`` or ``identity``.
        keys: every value of it, sorted.
        attributes: one value a key.
        covariates: one number a key, each of shape (keys,); nan where unknown.
    """

    key: str
    keys: tuple[str, ...]
    attributes: Mapping[str, Column]
    covariates: Mapping[str, NDArray[np.float64]]


def read_header(path: Path) -> Header:
    """What a table of demographics will say.

    Args:
        path: the .csv or .parquet file.

    Raises:
        DatasetError: it is missing or of another kind, or has no key, two, or no column beside it.
    """
    try:
        words, decimals = groupable(path), floats(path)
    except TableError as error:
        raise DatasetError(f"demographics {error}") from error
    where = f"demographics {path.name}"
    keys = [name for name in _KEYS if name in words]
    if len(keys) != 1:
        found = "a column image and a column identity" if keys else "no column image or identity"
        raise DatasetError(f"{where}: {found}; rows are joined by one of the two, keep or add that one")
    attributes = tuple(name for name in words if name != keys[0])
    for name in (*attributes, *decimals):
        if name in _NO_ATTRIBUTES:
            raise DatasetError(f"{where}: column {name!r} says nothing about people; leave it out")
    if not attributes and not decimals:
        raise DatasetError(f"{where}: no column beside {keys[0]}; add one such as gender")
    return Header(keys[0], attributes, decimals)


def read_demographics(path: Path, head: Header) -> Demographics:
    """The rows of a table of demographics.

    A key may be listed twice as long as its rows agree.

    Args:
        path: the .csv or .parquet file.
        head: what its header says.

    Raises:
        DatasetError: no rows, a cell that cannot be read, or two rows of one key that differ.
    """
    where = f"demographics {path.name}"
    try:
        table = read_table(path)
        keys = column(table, head.key, where=where)
        attributes = {name: column(table, name, where=where, optional=True) for name in head.attributes}
        covariates = {name: numbers(table, name, where=where) for name in head.covariates}
    except TableError as error:
        # What `read_table` says begins with the file's name alone.
        raise DatasetError(str(error) if str(error).startswith(where) else f"demographics {error}") from error
    if not table.num_rows:
        raise DatasetError(f"{where}: no rows; list one {head.key} a row")
    first = _first_rows(keys)
    for name, words in attributes.items():
        _refuse_two_values(keys, words.codes, (*words.levels, None), name, where)
    for name, values in covariates.items():
        # Codes make nan equal to itself.
        distinct, codes = np.unique(values, return_inverse=True)
        _refuse_two_values(keys, codes, [None if np.isnan(v) else v for v in distinct], name, where)
    return Demographics(
        head.key,
        keys.levels,
        {name: Column(words.codes[first], words.levels) for name, words in attributes.items()},
        {name: values[first] for name, values in covariates.items()},
    )


def _first_rows(keys: Column) -> NDArray[np.int64]:
    """The first row of each key, shape (keys,)."""
    first = np.full(len(keys.levels), len(keys.codes), dtype=np.int64)
    np.minimum.at(first, keys.codes, np.arange(len(keys.codes)))
    return first


def _refuse_two_values(
    keys: Column,
    codes: NDArray[np.integer],
    values: Sequence[str | float | None],
    name: str,
    where: str,
) -> None:
    """Raise DatasetError where a key is listed twice and the rows disagree in one column.

    Args:
        keys: the key of each row.
        codes: the place of each row's value among the values.
        values: those of the column; the last may be None for unknown.
        name: of the column.
        where: what the table is called in messages.
    """
    earlier = _first_rows(keys)[keys.codes]
    differing = np.flatnonzero(codes != codes[earlier])
    if not differing.size:
        return
    row, other = int(differing[0]), int(earlier[differing[0]])
    here, there = ("unknown" if values[code] is None else values[code] for code in codes[[row, other]])
    raise DatasetError(
        f"{where}: {keys.levels[keys.codes[row]]!r} is listed twice and the rows differ in {name!r}: {there} "
        f"in row {other + 1}, {here} in row {row + 1}; keep the right one"
    )
