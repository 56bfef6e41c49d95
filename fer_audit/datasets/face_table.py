"""Labelled faces as columns: a hundred thousand are a few arrays; a `Face` is made when it is asked for."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Self, overload

import numpy as np

from fer_audit.records import Face
from fer_audit.tables import Column

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

__all__ = ["FaceColumns", "FaceTable", "face_table"]


@dataclass(frozen=True, slots=True, eq=False)
class FaceTable(Sequence[Face]):
    """Faces in columns, as a sequence of `Face`.

    Attributes:
        images: the picture of each face.
        identity: the person of each; None where nobody knows, and every picture stands for itself.
        label: the true label of each.
        attributes: demographic and control factors by name; code -1 where one is not recorded.
        covariates: numbers by name, each of shape (faces,); nan where unknown.
    """

    images: tuple[str, ...]
    identity: Column | None
    label: Column
    attributes: Mapping[str, Column]
    covariates: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.images)

    @overload
    def __getitem__(self, place: int) -> Face: ...
    @overload
    def __getitem__(self, place: slice) -> Self: ...
    def __getitem__(self, place: int | slice) -> Face | Self:
        if isinstance(place, slice):
            return self.take(np.arange(len(self))[place])
        image = self.images[place]
        return Face(
            image,
            image if self.identity is None else self.identity.levels[self.identity.codes[place]],
            self.label.levels[self.label.codes[place]],
            {
                name: column.levels[code]
                for name, column in self.attributes.items()
                if (code := column.codes[place]) >= 0
            },
            {
                name: float(value)
                for name, values in self.covariates.items()
                if np.isfinite(value := values[place])
            },
        )

    def take(self, rows: NDArray[np.int64] | NDArray[np.bool_]) -> Self:
        """Some of the faces; levels that lose all of theirs keep their names.

        Args:
            rows: positions, or a mask of shape (faces,).
        """
        places = np.flatnonzero(rows) if rows.dtype == np.bool_ else rows

        def part(column: Column) -> Column:
            return Column(column.codes[places], column.levels)

        return replace(
            self,
            images=tuple(self.images[place] for place in places.tolist()),
            identity=None if self.identity is None else part(self.identity),
            label=part(self.label),
            attributes={name: part(column) for name, column in self.attributes.items()},
            covariates={name: values[places] for name, values in self.covariates.items()},
        )


class FaceColumns:
    """Faces as they are found, one after the other, on their way into a `FaceTable`.

    Args:
        attributes: names of the attributes, in the order in which their values are given.
        covariates: names of the numbers, likewise.
        identified: whether it is known who is in which picture.
    """

    def __init__(
        self, attributes: Sequence[str], covariates: Sequence[str] = (), *, identified: bool = True
    ) -> None:
        self._images: list[str] = []
        self._identity: dict[str, int] | None = {} if identified else None
        self._people = array("i")
        # Label and attributes together are few, however many faces there are: a face is one code.
        self._said: dict[tuple[str | None, ...], int] = {}
        self._codes = array("i")
        self._attributes = tuple(attributes)
        self._covariates = {name: array("d") for name in covariates}

    def __len__(self) -> int:
        return len(self._images)

    def add(
        self,
        image: str,
        identity: str | None,
        label: str,
        attributes: Sequence[str | None],
        covariates: Sequence[float] = (),
    ) -> None:
        """Add one face.

        Args:
            image: its picture.
            identity: the person; None in a set where nobody knows.
            label: the true label.
            attributes: one value a name; None where it is not recorded.
            covariates: one number a name; nan where unknown.

        Raises:
            ValueError: not as many values as names, or an identity where nobody knows any (or the reverse).
        """
        if (identity is None) != (self._identity is None):
            raise ValueError(f"{image}: identity {identity!r} does not fit a set of this kind")
        said = (label, *attributes)
        code = self._said.get(said)
        if code is None:
            if len(attributes) != len(self._attributes):
                raise ValueError(f"{image}: {len(attributes)} values for {len(self._attributes)} attributes")
            code = self._said[said] = len(self._said)
        if self._covariates:
            for numbers, number in zip(self._covariates.values(), covariates, strict=True):
                numbers.append(number)
        self._images.append(image)
        self._codes.append(code)
        if self._identity is not None and identity is not None:
            self._people.append(self._identity.setdefault(identity, len(self._identity)))

    def table(self) -> FaceTable:
        """The faces so far."""
        codes = np.array(self._codes, dtype=np.int32)
        label, *attributes = (
            _column(codes, [said[place] for said in self._said]) for place in range(1 + len(self._attributes))
        )
        people = self._identity
        return FaceTable(
            tuple(self._images),
            None if people is None else _column(np.array(self._people, dtype=np.int32), list(people)),
            label,
            dict(zip(self._attributes, attributes, strict=True)),
            {name: np.array(values, dtype=np.float64) for name, values in self._covariates.items()},
        )


def face_table(faces: Sequence[Face], *, identified: bool) -> FaceTable:
    """Faces in columns, as they are or one by one from any sequence.

    Args:
        faces: the faces.
        identified: whether it is known who is in which picture.
    """
    if isinstance(faces, FaceTable):
        return faces
    attributes = tuple(dict.fromkeys(name for face in faces for name in face.attributes))
    covariates = tuple(dict.fromkeys(name for face in faces for name in face.covariates))
    columns = FaceColumns(attributes, covariates, identified=identified)
    for face in faces:
        columns.add(
            face.image,
            face.identity if identified else None,
            face.expression,
            [face.attributes.get(name) for name in attributes],
            [face.covariates.get(name, np.nan) for name in covariates],
        )
    return columns.table()


def _column(codes: NDArray[np.int32], values: Sequence[str | None]) -> Column:
    """A column whose levels are sorted by name.

    Args:
        codes: shape (rows,): position of each row's value.
        values: the values; some may be the same.
    """
    levels = tuple(sorted({value for value in values if value is not None}))
    place: dict[str | None, int] = {level: position for position, level in enumerate(levels)} | {None: -1}
    rank = np.array([place[value] for value in values], dtype=np.int32)
    return Column(rank[codes], levels)
