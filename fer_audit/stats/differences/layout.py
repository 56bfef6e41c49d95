"""Which slices can be compared, over which labels, and whether the same people are in both."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fer_audit.stats.settings import Settings
    from fer_audit.stats.tally import Tally

__all__ = ["Block", "Layout", "PairKind", "lay_out"]


class PairKind(StrEnum):
    """How the people of two slices are related."""

    APART = "apart"
    SHARED = "shared"
    PARTLY_SHARED = "partly shared"


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Pairs that are compared over the same labels in the same way.

    Attributes:
        kind: how their people are related.
        labels: shape (L,): index into the tally's labels.
        pairs: shape (P,): position in the layout's pairs.
        held: shape (U, labels of the tally): cells that take part; only for shared pairs, where a label
            counts for the people who have it in both slices.
    """

    kind: PairKind
    labels: NDArray[np.int64]
    pairs: NDArray[np.int64]
    held: NDArray[np.bool_] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """Everything about the comparisons that does not depend on the answers.

    Attributes:
        people: shape (S,): people of each of the tally's levels.
        holders: shape (S, L): people who have each label.
        assessable: shape (S,): enough people.
        first: shape (P,): lower level of each pair of assessable slices.
        second: shape (P,): higher level.
        blocks: how the pairs are compared; a pair in no block shares no label that enough people have.
    """

    people: NDArray[np.int64]
    holders: NDArray[np.int64]
    assessable: NDArray[np.bool_]
    first: NDArray[np.int64]
    second: NDArray[np.int64]
    blocks: tuple[Block, ...]


def lay_out(tally: Tally, settings: Settings) -> Layout:
    """Sort the pairs of assessable slices by the labels they have in common and by their people."""
    held = tally.images > 0
    slices = len(tally.levels)
    holders = np.zeros((slices, len(tally.labels)), dtype=np.int64)
    np.add.at(holders, tally.level, held)
    people = np.bincount(tally.level[held.any(1)], minlength=slices)
    assessable = people >= settings.least_people
    chosen = np.flatnonzero(assessable)
    row, column = np.triu_indices(len(chosen), 1)
    first, second = chosen[row], chosen[column]

    enough = holders >= settings.least_people
    twins = _twins(tally, held, people, first, second)
    blocks = [
        block
        for p in np.flatnonzero(twins)
        if (block := _twin_block(tally, held, int(p), (first[p], second[p]), settings)) is not None
    ]
    others = np.flatnonzero(~twins)
    common = enough[first[others]] & enough[second[others]]
    patterns, member = np.unique(common, axis=0, return_inverse=True)
    for index, pattern in enumerate(patterns):
        if not pattern.any():
            continue
        labels = np.flatnonzero(pattern)
        pairs = others[member.ravel() == index]
        overlap = _overlap(tally, np.asarray(held[:, labels].any(1)))[first[pairs], second[pairs]] > 0
        for kind, part in ((PairKind.APART, pairs[~overlap]), (PairKind.PARTLY_SHARED, pairs[overlap])):
            if len(part):
                blocks.append(Block(kind, labels, part))
    return Layout(people, holders, assessable, first, second, tuple(blocks))


def _overlap(tally: Tally, units: NDArray[np.bool_]) -> NDArray[np.float64]:
    """How many people any two levels have in common, among these units; shape (S, S)."""
    slices = len(tally.levels)
    person, row = np.unique(tally.person[units], return_inverse=True)
    if len(person) == int(units.sum()):
        return np.zeros((slices, slices))
    incidence = np.zeros((len(person), slices))
    incidence[row, tally.level[units]] = 1
    return np.asarray(incidence.T @ incidence)


def _twins(
    tally: Tally,
    held: NDArray[np.bool_],
    people: NDArray[np.int64],
    first: NDArray[np.int64],
    second: NDArray[np.int64],
) -> NDArray[np.bool_]:
    overlap = _overlap(tally, np.asarray(held.any(1)))[first, second]
    return np.asarray((overlap > 0) & (overlap == people[first]) & (overlap == people[second]))


def _twin_block(
    tally: Tally,
    held: NDArray[np.bool_],
    position: int,
    levels: tuple[np.int64, np.int64],
    settings: Settings,
) -> Block | None:
    """One pair of twins: a label takes part for the people who have it in both slices."""
    sides = [np.flatnonzero((tally.level == level) & held.any(1)) for level in levels]
    left, right = (side[np.argsort(tally.person[side])] for side in sides)
    both = held[left] & held[right]
    labels = np.flatnonzero(both.sum(0) >= settings.least_people)
    if not len(labels):
        return None
    mask = np.zeros_like(held)
    mask[left] = mask[right] = both
    return Block(PairKind.SHARED, labels, np.array([position]), mask)
