"""Attributes made from what a dataset says: bands of ages, merged groups, and skin tone to be measured.

Each function takes a specification and gives one with a further attribute; nothing is read before it is
opened. Slicings stay the dataset's own: a derived attribute is judged where a test or ``--slices`` names it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from fer_audit.datasets.widening import WidenedDataset
from fer_audit.errors import (
    ConfigurationError,
    DatasetError,
    DuplicateNameError,
    UnknownNameError,
    did_you_mean,
)
from fer_audit.tables import Column, as_numbers

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from fer_audit.datasets.face_table import FaceTable
    from fer_audit.datasets.specification import DatasetSpec

__all__ = ["AGE_BAND", "AGE_EDGES", "MEASURED_TONES", "age_bands", "banded", "merged", "skin_tone"]

AGE_BAND = "age_band"
AGE_EDGES = (18, 30, 45, 60)
"""First ages of the bands: from 18 on people consent for themselves, and few sets hold many beyond 60."""

MEASURED_TONES = ("ita_band_measured", "monk_measured")
"""Attributes that are measured on the pixels of each picture when a cell is gathered."""

_OLDEST = 130


def age_bands(
    spec: DatasetSpec, column: str = "age", *, edges: Sequence[int] = AGE_EDGES, name: str = AGE_BAND
) -> DatasetSpec:
    """The dataset with an attribute that groups people by their age.

    Args:
        spec: the dataset.
        column: its column of ages in years, of words or numbers; an empty cell is in no band.
        edges: the first age of each band but the youngest.
        name: of the new attribute.

    Raises:
        UnknownNameError: the dataset has no such column.
        DuplicateNameError: it has one of the new name.
        ConfigurationError: the edges do not increase.
    """
    _refuse_edges(edges)
    _refuse_unknown(spec, column, (*spec.attributes, *spec.covariates))

    def found(faces: FaceTable) -> Column:
        where = f"dataset {spec.name}"
        ages = faces.covariates.get(column)
        if ages is None:
            ages = as_numbers(_words(faces, column), column, where=where)
        return banded(ages, column, edges=edges, where=where)

    return _widened(spec, name, found)


def merged(
    spec: DatasetSpec, column: str, groups: Mapping[str, str], *, name: str | None = None
) -> DatasetSpec:
    """The dataset with an attribute whose groups are groups of another put together.

    Small groups can be judged together where they cannot be judged alone. What is merged is a decision about
    people: the report names it.

    Args:
        spec: the dataset.
        column: its attribute.
        groups: from a group of it to the group that takes it in; groups that are not named stay.
        name: of the new attribute; the old one's with ``_merged`` without it.

    Raises:
        UnknownNameError: the dataset has no such attribute; once it is opened: a group that nobody is in.
        DuplicateNameError: it has one of the new name.
    """
    _refuse_unknown(spec, column, spec.attributes)

    def found(faces: FaceTable) -> Column:
        old = _words(faces, column)
        for level in groups:
            if level not in old.levels:
                raise UnknownNameError(
                    f"dataset {spec.name!r}: nobody is {level!r} in column {column!r}, which was to be "
                    f"merged; {did_you_mean(level, old.levels)}"
                )
        new = [groups.get(level, level) for level in old.levels]
        levels = tuple(sorted(set(new)))
        place = np.array([*(levels.index(level) for level in new), -1], dtype=np.int32)
        return Column(place[old.codes], levels)

    into = {group: [old for old, new in groups.items() if new == group] for group in groups.values()}
    said = "; ".join(f"{group} = {' + '.join(sorted(old))}" for group, old in into.items())
    return _widened(spec, name or f"{column}_merged", found, said)


def skin_tone(spec: DatasetSpec, *names: str) -> DatasetSpec:
    """The dataset with skin tone as it can be measured on its pictures; see ``docs/demographics.md``.

    Args:
        spec: the dataset.
        names: which attributes of `MEASURED_TONES`; all without one.

    Raises:
        UnknownNameError: another name.
        DuplicateNameError: the dataset has a column of the name.
    """
    wanted = names or MEASURED_TONES
    for name in wanted:
        if name not in MEASURED_TONES:
            raise UnknownNameError(
                f"{name!r} cannot be measured on pictures; {did_you_mean(name, MEASURED_TONES)}"
            )
        _refuse_taken(spec, name)
    return replace(spec, attributes=(*spec.attributes, *wanted), measured=(*spec.measured, *wanted))


def banded(ages: NDArray[np.float64], column: str, *, edges: Sequence[int] = AGE_EDGES, where: str) -> Column:
    """The band of each age, from the first year of one to the last before the next.

    Args:
        ages: in years, shape (rows,); nan where unknown.
        column: what it is called in messages.
        edges: the first age of each band but the youngest.
        where: what the table or dataset is called in messages.

    Raises:
        DatasetError: an age that nobody has.

    >>> found = banded(np.array([17.5, 18, 60, np.nan]), "age", where="table")
    >>> found.levels, found.codes.tolist()
    (('0-17', '18-29', '60+'), [0, 1, 2, -1])
    """
    beyond = np.flatnonzero((ages < 0) | (ages > _OLDEST))
    if beyond.size:
        row = int(beyond[0])
        raise DatasetError(
            f"{where}: {ages[row]:g} in column {column!r}, row {row + 1}, is no age in years; leave unknown "
            "cells empty"
        )
    firsts = (0, *edges[:-1])
    names = [
        f"{low}-{high - 1}" if high - low > 1 else f"{low}" for low, high in zip(firsts, edges, strict=True)
    ]
    levels = (*names, f"{edges[-1]}+")
    codes = np.where(np.isnan(ages), -1, np.digitize(np.nan_to_num(ages), edges))
    met = np.unique(codes[codes >= 0])
    place = np.full(len(levels) + 1, -1, dtype=np.int32)
    place[met] = np.arange(len(met))
    return Column(place[codes], tuple(levels[code] for code in met))


def _words(faces: FaceTable, column: str) -> Column:
    """A column that the specification names; all unknown where no face has it."""
    return faces.attributes.get(column) or Column(np.full(len(faces), -1, dtype=np.int32), ())


def _widened(
    spec: DatasetSpec, name: str, found: Callable[[FaceTable], Column], said: str = ""
) -> DatasetSpec:
    _refuse_taken(spec, name)

    def opened() -> WidenedDataset:
        dataset = WidenedDataset.of(spec.open(), identified=spec.identified)
        faces = dataset.faces
        attributes = {**faces.attributes, name: found(faces)}
        about = {f"merged into {name}": said} if said else {}
        return replace(
            dataset,
            faces=replace(faces, attributes=attributes),
            details={**dataset.details, **about},
        )

    return replace(spec, open=opened, attributes=(*spec.attributes, name))


def _refuse_edges(edges: Sequence[int]) -> None:
    if not edges or list(edges) != sorted(set(edges)) or edges[0] < 1:
        raise ConfigurationError(
            f"age bands with the edges {tuple(edges)} cannot be told apart; give increasing first ages, e.g. "
            f"{AGE_EDGES}"
        )


def _refuse_unknown(spec: DatasetSpec, column: str, known: Sequence[str]) -> None:
    if column not in known:
        raise UnknownNameError(
            f"dataset {spec.name!r} has no column {column!r} to derive from; {did_you_mean(column, known)}"
        )


def _refuse_taken(spec: DatasetSpec, name: str) -> None:
    if name in spec.attributes or name in spec.covariates:
        raise DuplicateNameError(
            f"dataset {spec.name!r} has a column {name!r} already; give the derived one another name"
        )
