"""Hits and images per person, level and label: the only thing that any method looks at."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import islice, permutations, product
from typing import TYPE_CHECKING

import numpy as np

from fer_audit.drawable import drawable

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Tally", "canonical", "rounded"]

# Averages over repeats are sums of fractions, and their last digits depend on the order of the rows.
_DIGITS = 9
# Orders of slices with the same contents that are tried where people are in several of them.
_MOST_ORDERS = 120
_ROUNDS = 3


@drawable
@dataclass(frozen=True, slots=True, eq=False)
class Tally:
    """How often a measure's event happened, per unit and label.

    A unit is a person within a level: a person whose images all lie in one slice is one unit, a person
    photographed (or rendered) in several levels is one unit in each. U units, L labels.

    Attributes:
        person: shape (U,): code of the person; the same code in two units makes them paired.
        level: shape (U,): index into ``levels``.
        hits: shape (..., U, L): number of images (after averaging repeats) on which the event happened;
            leading axes are replicates of one layout, as simulation and permutation use them.
        images: shape (U, L): number of images; 0 where the person has no image of that label.
        levels: names of the slices.
        labels: names of the labels the measure averages over, in the dataset's order.
        conditional: the measure conditions on one true label (recall, misclassification), so that a ratio
            may count images; otherwise labels and people are averaged, whether there is one label or seven.
        inflation: factor on every variance for people who may be in several units unknown to anybody; 1
            where everybody is known.
    """

    person: NDArray[np.int64]
    level: NDArray[np.int64]
    hits: NDArray[np.float64]
    images: NDArray[np.float64]
    levels: tuple[str, ...]
    labels: tuple[str, ...]
    conditional: bool = False
    inflation: float = 1.0


def rounded(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Numbers that differ by the order in which they were added become equal.

    >>> rounded(np.array([0.1 + 0.2, 0.3, -1e-17])).tolist()
    [0.3, 0.3, 0.0]
    """
    # Adding 0 turns -0 into 0, which has other bytes.
    return np.asarray(np.round(values, _DIGITS) + 0.0)


def canonical(tally: Tally) -> Tally:
    """The same data with units, people and slices in an order that depends on their contents alone.

    Draws go from place to place, so that a table numbered as a file happens to list it gets other draws when
    the file is sorted or a slice renamed. Units without images are dropped, and levels without units;
    the others keep their names. (Where people are in several slices and more than 120 orders of slices of
    the same contents are possible, only the first 120 are told apart.)

    Args:
        tally: without replicate axes.

    >>> data = Tally(np.array([0, 1]), np.array([0, 1]), np.array([[1.0], [2.0]]), np.array([[2.0], [2.0]]),
    ...              ("a", "b"), ("anger",))
    >>> renamed = replace(data, person=np.array([7, 3]), level=np.array([1, 0]))
    >>> canonical(renamed).hits.tolist() == canonical(data).hits.tolist()
    True
    >>> canonical(data).levels, canonical(renamed).levels
    (('a', 'b'), ('b', 'a'))
    """
    kept = np.flatnonzero((tally.images > 0).any(axis=1))
    content = _rank_rows(rounded(np.concatenate([tally.images[kept], tally.hits[kept]], axis=1)))
    names, level = np.unique(tally.level[kept], return_inverse=True)
    people, person = np.unique(tally.person[kept], return_inverse=True)
    level, person = level.ravel(), person.ravel()
    table = np.full((len(people), len(names)), -1, dtype=np.int64)
    table[person, level] = content
    order = _order_levels(table)
    rank_of_level = np.argsort(order)
    rank_of_person = np.argsort(_order_people(table[:, order]))
    place = np.lexsort((rank_of_level[level], rank_of_person[person]))
    units = kept[place]
    return replace(
        tally,
        person=rank_of_person[person][place],
        level=rank_of_level[level][place],
        hits=tally.hits[units],
        images=tally.images[units],
        levels=tuple(tally.levels[names[position]] for position in order),
    )


def _order_levels(table: NDArray[np.int64]) -> NDArray[np.int64]:
    """Columns of a table of contents (people by levels, -1 for none) by what they contain."""
    people, levels = table.shape
    shared = bool(((table >= 0).sum(axis=1) > 1).any())
    # A level is known by its contents, and then by the company that those who are in it keep elsewhere.
    known = np.zeros(levels, dtype=np.int64)
    colour = table
    for _ in range(_ROUNDS if shared else 1):
        known = _rank_rows(np.column_stack([known, np.sort(colour, axis=0).T]))
        if not shared or len(np.unique(known)) == levels:
            break
        own = np.where(table >= 0, table * levels + known, -1)
        company = _rank_rows(np.sort(own, axis=1))
        colour = np.where(table >= 0, table * people + company[:, None], -1)
    first = np.argsort(known, kind="stable")
    if not shared:
        return first
    ties = [np.flatnonzero(known == value) for value in np.unique(known)]
    arranged = (_arrangements(table, tie) for tie in ties)
    candidates = [np.concatenate(parts) for parts in islice(product(*arranged), _MOST_ORDERS)]
    return (
        candidates[0] if len(candidates) == 1 else min(candidates, key=lambda order: _bytes(table[:, order]))
    )


def _arrangements(table: NDArray[np.int64], tie: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Orders of columns that may matter: one where everybody has the same in all of them."""
    if (table[:, tie] == table[:, tie[:1]]).all():
        return [tie]
    return [np.array(order) for order in islice(permutations(tie.tolist()), _MOST_ORDERS)]


def _order_people(table: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.lexsort(table.T[::-1]) if table.size else np.arange(len(table))


def _bytes(table: NDArray[np.int64]) -> bytes:
    return table[_order_people(table)].astype(">i8").tobytes()


def _rank_rows(rows: NDArray[np.float64] | NDArray[np.int64]) -> NDArray[np.int64]:
    """Rank of each row among the distinct rows."""
    return np.unique(rows, axis=0, return_inverse=True)[1].reshape(-1).astype(np.int64)
