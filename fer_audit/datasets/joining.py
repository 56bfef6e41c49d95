"""Demographics from a table of one's own, joined to a dataset that does not say them.

The table is a CSV or Parquet file with a column ``image`` or ``identity`` and one column for each attribute;
floats of a Parquet file are covariates. Every face needs a row, and an empty cell says "unknown": a row that
was forgotten and a person of whom nothing is known would else look alike. Rows beyond the faces are noted and
no error, for a list often covers a whole set of which the copy holds a part; a name written wrongly leaves
its face without a row, so that nothing hides among them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from fer_audit.datasets.demographics import read_demographics, read_header
from fer_audit.datasets.matching import match_images, match_people
from fer_audit.datasets.widening import WidenedDataset
from fer_audit.errors import DatasetError
from fer_audit.records import Slicing
from fer_audit.tables import Column

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from fer_audit.datasets.demographics import Demographics, Header
    from fer_audit.datasets.face_table import FaceTable
    from fer_audit.datasets.specification import DatasetSpec

__all__ = ["joined"]

_SHOWN = 3


def joined(spec: DatasetSpec, path: Path) -> DatasetSpec:
    """The dataset with the columns of a table of demographics; its rows are read when it is opened.

    A column that the dataset has already may complete it and must not contradict it. The columns are slicings
    that a test without a marker is judged on only where the dataset has none.

    Args:
        spec: the dataset.
        path: the .csv or .parquet file. Keys are people (``identity``) or pictures (``image``): the path
            inside the dataset, or as much of its end as is unique, such as the file's name.

    Raises:
        DatasetError: the file is missing or of another kind, has no key or two, or no column that can be
            joined to this dataset.
    """
    head = read_header(path)
    where = f"demographics {path.name}"
    if head.key == "identity" and not spec.identified:
        raise DatasetError(
            f"{where}: dataset {spec.name!r} does not say who is in a picture, so that no row can be found "
            "by identity; name pictures in a column image"
        )
    for name in {*head.attributes} & {*spec.covariates} | {*head.covariates} & {*spec.attributes}:
        raise DatasetError(
            f"{where}: column {name!r} is of numbers in one of the table and dataset {spec.name!r}, and of "
            "words in the other; rename it"
        )
    return replace(
        spec,
        open=lambda: _open(spec, path, head),
        attributes=tuple(dict.fromkeys((*spec.attributes, *head.attributes))),
        covariates=tuple(dict.fromkeys((*spec.covariates, *head.covariates))),
        slicings=spec.slicings or tuple(Slicing((name,)) for name in head.attributes),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Match:
    """Which key speaks of which face.

    Attributes:
        key_of: shape (faces,): the place of each face's key.
        strangers: keys that name no face.
    """

    key_of: NDArray[np.int64]
    strangers: tuple[str, ...]


def _open(spec: DatasetSpec, path: Path, head: Header) -> WidenedDataset:
    opened = WidenedDataset.of(spec.open(), identified=spec.identified)
    faces = opened.faces
    where = f"demographics {path.name}"
    table = read_demographics(path, head)
    match = _match(spec, faces, table, where)
    attributes, covariates = dict(faces.attributes), dict(faces.covariates)
    for name, words in table.attributes.items():
        new = Column(words.codes[match.key_of], words.levels)
        attributes[name] = _completed(name, faces, attributes.get(name), new, where)
    for name, numbers in table.covariates.items():
        known = covariates.get(name, np.full(len(faces), np.nan))
        covariates[name] = _completed_numbers(name, faces, known, numbers[match.key_of], where)
    said = f"{', '.join((*head.attributes, *head.covariates))} of {len(faces):,} faces, by {head.key}"
    if match.strangers:
        count = len(match.strangers)
        said += f"; {count:,} {'row names' if count == 1 else 'rows name'} none ({_listed(match.strangers)})"
    return replace(
        opened,
        faces=replace(faces, attributes=attributes, covariates=covariates),
        details={**opened.details, f"joined from {path.name}": said},
    )


def _match(spec: DatasetSpec, faces: FaceTable, table: Demographics, where: str) -> _Match:
    """The key of every face.

    Raises:
        DatasetError: a face has none.
    """
    if table.key == "identity" and faces.identity is not None:
        people = match_people(faces.identity.levels, table.keys)
        key_of, names = people[faces.identity.codes], [faces.identity.levels[c] for c in faces.identity.codes]
        what = "people"
    else:
        # One picture may hold several faces.
        distinct = tuple(dict.fromkeys(faces.images))
        place = {image: position for position, image in enumerate(distinct)}
        names, what = list(faces.images), "pictures"
        key_of = match_images(distinct, table.keys, where=where)[[place[image] for image in names]]
    lacking = tuple(dict.fromkeys(name for name, key in zip(names, key_of.tolist(), strict=True) if key < 0))
    total = len(set(names))
    if total and len(lacking) == total:
        raise DatasetError(
            f"{where}: none of its {len(table.keys):,} rows names one of the {total:,} {what} of dataset "
            f"{spec.name!r}; it begins with {table.keys[0]!r}, and they with {names[0]!r}"
        )
    if lacking:
        raise DatasetError(
            f"{where}: {len(lacking):,} of {total:,} {what} of dataset {spec.name!r} have no row "
            f"({_listed(lacking)}); add them, with empty cells where something is not known"
        )
    met = set(key_of.tolist())
    return _Match(key_of, tuple(key for place, key in enumerate(table.keys) if place not in met))


def _completed(name: str, faces: FaceTable, old: Column | None, new: Column, where: str) -> Column:
    """What the dataset says, and where it says nothing, the table."""
    if old is None:
        return new
    levels = tuple(sorted({*old.levels, *new.levels}))
    place = {level: position for position, level in enumerate(levels)}

    def recoded(words: Column) -> NDArray[np.int32]:
        return np.array([*(place[level] for level in words.levels), -1], dtype=np.int32)[words.codes]

    before, after = recoded(old), recoded(new)
    _refuse(name, faces, (before >= 0) & (after >= 0) & (before != after), (_words(old), _words(new)), where)
    return Column(np.where(before >= 0, before, after), levels)


def _completed_numbers(
    name: str, faces: FaceTable, old: NDArray[np.float64], new: NDArray[np.float64], where: str
) -> NDArray[np.float64]:
    both = np.isfinite(old) & np.isfinite(new)
    _refuse(name, faces, both & (old != new), (old, new), where)
    return np.where(np.isfinite(old), old, new)


def _words(values: Column) -> NDArray[np.object_]:
    return np.array([*values.levels, None], dtype=object)[values.codes]


def _refuse(
    name: str,
    faces: FaceTable,
    differing: NDArray[np.bool_],
    values: tuple[NDArray[Any], NDArray[Any]],
    where: str,
) -> None:
    """Raise DatasetError where dataset and table say different things of a face."""
    rows = np.flatnonzero(differing).tolist()
    if rows:
        before, after = values
        said = [f"{faces.images[row]}: {before[row]!s} and {after[row]!s}" for row in rows[: _SHOWN + 1]]
        raise DatasetError(
            f"{where}: column {name!r} contradicts the dataset in {len(rows):,} "
            f"{'face' if len(rows) == 1 else 'faces'} ({_listed(said)}); "
            "correct the table, or rename its column"
        )


def _listed(names: Sequence[str]) -> str:
    return ", ".join([*names[:_SHOWN], *(["..."] if len(names) > _SHOWN else [])])
