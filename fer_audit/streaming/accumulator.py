"""Rows of each person in each slice by combination of label and answer, added up batch by batch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Accumulator", "Sums"]


@dataclass(frozen=True, slots=True, eq=False)
class Sums:
    """Rows of U units (a person within a slice) and C combinations of label and answer.

    Attributes:
        person: shape (U,): code of the person.
        slice_: shape (U,): number of the slice.
        rows: shape (U, C), int32.
    """

    person: NDArray[np.int64]
    slice_: NDArray[np.int64]
    rows: NDArray[np.int32]


class Accumulator:
    """Adds rows to units. Memory grows with people and combinations, not with rows.

    A person's first slice is home, and home has one line a person, found without a search. Whoever is in
    other slices too has a line of the second table for each.
    """

    def __init__(self) -> None:
        self._home = np.empty(0, dtype=np.int32)
        self._rows = np.zeros((0, 0), dtype=np.int32)
        self._elsewhere: dict[tuple[int, int], int] = {}
        self._rows_elsewhere = np.zeros((0, 0), dtype=np.int32)

    def add(
        self,
        person: NDArray[np.int32],
        slice_: NDArray[np.int32],
        combination: NDArray[np.int32],
        *,
        people: int,
        combinations: int,
    ) -> None:
        """Add a batch of rows.

        Args:
            person: shape (rows,): code of the person.
            slice_: shape (rows,): number of the slice.
            combination: shape (rows,): number of the combination of label and answer.
            people: how many people there are so far.
            combinations: how many combinations there are so far.
        """
        self._rows = _with_room(self._rows, people, combinations)
        if len(self._home) < len(self._rows):
            more = len(self._rows) - len(self._home)
            self._home = np.concatenate([self._home, np.full(more, -1, dtype=np.int32)])
        home = self._home[person]
        if home.min(initial=0) < 0:
            new = home < 0
            self._home[person[new]] = slice_[new]
            home = self._home[person]
        away = home != slice_
        if away.any():
            self._add_elsewhere(person[away], slice_[away], combination[away], combinations)
            here = ~away
            person, combination = person[here], combination[here]
        _add(self._rows, person, combination)

    def _add_elsewhere(
        self,
        person: NDArray[np.int32],
        slice_: NDArray[np.int32],
        combination: NDArray[np.int32],
        combinations: int,
    ) -> None:
        slices = int(slice_.max()) + 1
        keys, place = np.unique(person.astype(np.int64) * slices + slice_, return_inverse=True)
        line = [
            self._elsewhere.setdefault(divmod(key, slices), len(self._elsewhere)) for key in keys.tolist()
        ]
        self._rows_elsewhere = _with_room(self._rows_elsewhere, len(self._elsewhere), combinations)
        _add(self._rows_elsewhere, np.array(line, dtype=np.int32)[place.ravel()], combination)

    def total(self, combinations: int) -> Sums:
        """All rows so far, over the combinations so far."""
        at_home = np.flatnonzero(self._home >= 0)
        elsewhere = np.array(list(self._elsewhere), dtype=np.int64).reshape(-1, 2)
        others = _with_room(self._rows_elsewhere, len(elsewhere), combinations)
        return Sums(
            person=np.concatenate([at_home, elsewhere[:, 0]]),
            slice_=np.concatenate([self._home[at_home].astype(np.int64), elsewhere[:, 1]]),
            rows=np.concatenate(
                [self._rows[at_home][:, :combinations], others[: len(elsewhere), :combinations]]
            ),
        )


def _add(table: NDArray[np.int32], line: NDArray[np.int32], column: NDArray[np.int32]) -> None:
    place = line.astype(np.int64)
    place *= table.shape[1]
    place += column
    np.add.at(table.reshape(-1), place, np.int32(1))


def _with_room(table: NDArray[np.int32], lines: int, columns: int) -> NDArray[np.int32]:
    """The table, or a copy of twice the size where it is too small."""
    if lines <= table.shape[0] and columns <= table.shape[1]:
        return table
    # A copy costs what it holds: doubling makes all of them together cost no more than the last.
    larger = tuple(
        have if need <= have else max(need, 2 * have, 16)
        for have, need in zip(table.shape, (lines, columns), strict=True)
    )
    grown = np.zeros(larger, dtype=np.int32)
    grown[: table.shape[0], : table.shape[1]] = table
    return grown
