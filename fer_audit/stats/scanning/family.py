"""What a scan looks at: every way of misreading a label, in every pair of slices with enough people.

People are put in one order, and what a rearrangement leaves alone is worked out once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fer_audit.stats.association.evenness import images_ratio
from fer_audit.stats.association.permutation import strata_of
from fer_audit.stats.association.variances import find_shared_pairs
from fer_audit.stats.measures import Event, Measure, misclassification
from fer_audit.stats.tally import Tally, canonical

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fer_audit.stats.association.permutation import Strata
    from fer_audit.stats.association.variances import SharedPair
    from fer_audit.stats.counts import Counts
    from fer_audit.stats.settings import Settings

__all__ = ["NO_ANSWER", "Family", "LabelScan", "prepare_scan"]

NO_ANSWER = "no answer"
"""Stands for every kind of non-answer together, where an answered label would stand."""

# Thirds of a hit add up to hits again, whatever the order of the rows.
_DIGITS = 12
_FEWEST_SLICES = 2


@dataclass(frozen=True, slots=True, eq=False)
class LabelScan:
    """The pictures of one true label: C ways to misread them, S slices, P pairs; V places in all.

    Attributes:
        label: position among the true labels.
        measures: the C rates that are compared.
        tally: their hits, shape (C, U, 1), over all units.
        slices: shape (S,): position among the family's slices of those with enough people.
        first: shape (P,): position in ``slices`` of one side of each pair.
        second: shape (P,): of the other.
        values: shape (V, C): share of a unit's images that were misread so, less the share over everyone.
        centre: shape (C,): that share.
        shared: pairs with people in common; their ``expected`` has shape (C,).
        people: largest over smallest number of people in a slice.
        images: largest over smallest number of images a person.
        frequent: shape (C,): it happened to enough people, in whatever slices they are.
    """

    label: int
    measures: tuple[Measure, ...]
    tally: Tally
    slices: NDArray[np.int64]
    first: NDArray[np.int64]
    second: NDArray[np.int64]
    values: NDArray[np.float64]
    centre: NDArray[np.float64]
    shared: tuple[SharedPair, ...]
    people: float
    images: float
    frequent: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Family:
    """All comparisons of a scan; V places, S slices, T true labels.

    Attributes:
        data: every response to every label, in canonical order, for the seed.
        parts: one a true label that two slices can be compared by.
        person: shape (V,): who is in each place.
        owner: shape (V,): slice of each place, from 0.
        levels: shape (S,): level of each slice in the data.
        has: shape (V, T): whether the unit has images of the label.
        thinness: shape (V, T): 1 / images, 0 without any.
        strata: which places may be exchanged.
    """

    data: Tally
    parts: tuple[LabelScan, ...]
    person: NDArray[np.int64]
    owner: NDArray[np.int64]
    levels: NDArray[np.int64]
    has: NDArray[np.bool_]
    thinness: NDArray[np.float64]
    strata: Strata

    @property
    def size(self) -> int:
        """Ways of misreading times pairs, over all labels."""
        return sum(len(part.measures) * len(part.first) for part in self.parts)


def prepare_scan(counts: Counts, settings: Settings) -> Family | None:
    """Sort out what can be compared.

    A way of misreading is compared between all slices in which ``least_people`` people have the true label.
    It is tested where it happened to at least ``least_people`` people among all who may be rearranged. Who is
    in which slice does not enter that rule, so that it chooses alike from every rearrangement.

    Args:
        counts: images per person, slice, label and response.
        settings: for the fewest people.

    Returns:
        None where no label is held by enough people in two slices.
    """
    data = canonical(_joint(counts))
    responses = len(counts.predicted) + 1
    images = data.images[:, ::responses]
    holders = np.zeros((len(data.levels), len(counts.labels)), dtype=np.int64)
    np.add.at(holders, data.level, images > 0)
    enough = holders >= settings.least_people
    labels = np.flatnonzero(enough.sum(axis=0) >= _FEWEST_SLICES)
    if not len(labels):
        return None
    levels = np.flatnonzero(enough[:, labels].any(axis=1))
    units = np.flatnonzero(np.isin(data.level, levels))
    units = units[np.argsort(data.level[units], kind="stable")]
    person, owner = data.person[units], np.searchsorted(levels, data.level[units])
    has = images[units] > 0
    return Family(
        data=data,
        parts=tuple(
            _part(
                data,
                counts,
                int(label),
                units=units,
                owner=owner,
                enough=enough[levels, label],
                settings=settings,
            )
            for label in labels
        ),
        person=person,
        owner=owner,
        levels=levels,
        has=has,
        thinness=has / np.where(has, images[units], 1.0),
        strata=strata_of(person, owner, has, settings.least_people),
    )


def _joint(counts: Counts) -> Tally:
    """Every response to every label as one table, non-answers as one response."""
    answers = len(counts.predicted)
    table = np.concatenate(
        [counts.cells[..., :answers], counts.cells[..., answers:].sum(axis=-1, keepdims=True)], axis=-1
    )
    # However often an image was asked about, it is one image.
    images = np.rint(counts.cells.sum(axis=-1))
    names = tuple(f"{true}->{seen}" for true in counts.labels for seen in (*counts.predicted, NO_ANSWER))
    return Tally(
        person=counts.person,
        level=counts.level,
        hits=np.round(table, _DIGITS).reshape(len(table), table.shape[1] * table.shape[2]),
        images=np.repeat(images, answers + 1, axis=1),
        levels=counts.levels,
        labels=names,
    )


def _part(
    data: Tally,
    counts: Counts,
    label: int,
    *,
    units: NDArray[np.int64],
    owner: NDArray[np.int64],
    enough: NDArray[np.bool_],
    settings: Settings,
) -> LabelScan:
    """One true label, over the places of everyone who may be rearranged."""
    true, responses = counts.labels[label], len(counts.predicted) + 1
    seen = [column for column in range(responses) if (*counts.predicted, NO_ANSWER)[column] != true]
    start = label * responses
    images = data.images[:, [start]]
    hits = data.hits[:, [start + column for column in seen]]
    has = images[units] > 0
    share = hits[units] / np.where(has, images[units], 1.0)
    centre = share.sum(axis=0) / has.sum()
    slices = np.flatnonzero(enough)
    row, column = np.triu_indices(len(slices), 1)
    values = np.where(has, share - centre, 0.0)
    held = np.flatnonzero(has[:, 0] & enough[owner])
    mine = np.searchsorted(slices, owner[held])
    people = np.bincount(mine)
    person = data.person[units]
    return LabelScan(
        label=label,
        measures=tuple(_measure(true, counts, response) for response in seen),
        tally=Tally(
            data.person,
            data.level,
            hits.T[..., None],
            images,
            data.levels,
            (true,),
            conditional=True,
            inflation=counts.inflation,
        ),
        slices=slices,
        first=row,
        second=column,
        values=values,
        centre=centre,
        shared=find_shared_pairs(person[held], mine, values[held], row, column),
        people=float(people.max() / people.min()),
        images=images_ratio(images[units[held], 0], mine),
        frequent=np.array([len(np.unique(person[hit > 0])) for hit in share.T]) >= settings.least_people,
    )


def _measure(true: str, counts: Counts, response: int) -> Measure:
    if response == len(counts.predicted):
        return Measure(Event.REFUSALS, true)
    return misclassification(true, counts.predicted[response])
