"""What misread pictures are taken for: tables of every response, where a world knows only right and wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fer_audit.records import Slicing
from fer_audit.stats.counts import NON_ANSWERS, Counts
from simulation.worlds import draw

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fer_audit.stats.tally import Tally
    from simulation.worlds import World

__all__ = ["OTHER", "Confusions", "count_responses", "draw_confused"]

OTHER = "other"
"""A label that may be answered and is never right."""


@dataclass(frozen=True, slots=True)
class Confusions:
    """How misread pictures spread over the wrong labels, and a confusion that only one slice has.

    The labels that may be answered are the world's and :data:`OTHER`. Every true label has favourite
    confusions: the next label takes half of what the one before takes.

    Attributes:
        own: concentration of a Dirichlet distribution about the common favourites, from which each person
            draws his own. The smaller, the more a person's confusions are alike.
        planted: share of the first slice's pictures of the first label that are taken for the second label
            although all other slices read them right.
    """

    own: float = 4.0
    planted: float = 0.0

    def favourites(self, labels: int) -> NDArray[np.float64]:
        """Shape (labels, labels + 1): how the wrong answers to a label divide; 0 for the right one.

        >>> Confusions().favourites(2).round(2).tolist()
        [[0.0, 0.67, 0.33], [0.33, 0.0, 0.67]]
        """
        responses = labels + 1
        true, seen = np.arange(labels)[:, None], np.arange(responses)
        weight = np.where(seen == true, 0.0, 0.5 ** ((seen - true) % responses))
        return np.asarray(weight / weight.sum(axis=1, keepdims=True))


def draw_confused(
    world: World, confusions: Confusions, runs: int, generator: np.random.Generator
) -> tuple[Counts, ...]:
    """Tables of every response on one set of people and images.

    A person's own favourites are the same in all slices he is in.
    """
    tally = draw(world, runs, generator)
    images, hits = tally.images.astype(np.int64), tally.hits.astype(np.int64)
    labels = images.shape[1]
    moved = np.zeros_like(hits)
    if confusions.planted:
        first = tally.level == 0
        share = confusions.planted / world.table[0, 0]
        moved[:, first, 0] = generator.binomial(hits[:, first, 0], share)
    people = int(tally.person.max()) + 1
    strength = confusions.own * confusions.favourites(labels)
    drawn = generator.standard_gamma(strength, size=(runs, people, *strength.shape))
    own = drawn / drawn.sum(axis=-1, keepdims=True)
    responses = generator.multinomial(images - hits, own[:, tally.person])
    responses[..., np.arange(labels), np.arange(labels)] += hits - moved
    responses[..., 0, 1] += moved[..., 0]
    return tuple(count_responses(tally, table.astype(np.float64)) for table in responses)


def count_responses(tally: Tally, responses: NDArray[np.float64]) -> Counts:
    """Answers of one table as an audit counts them.

    Args:
        tally: people, levels and labels.
        responses: shape (U, L, R): images of each label by what was answered: the labels, then OTHER, then a
            refusal where R says that there are some.
    """
    labels = len(tally.labels)
    cells = np.zeros((*responses.shape[:2], labels + 1 + len(NON_ANSWERS)))
    cells[..., : responses.shape[-1]] = responses
    return Counts(
        person=tally.person,
        level=tally.level,
        cells=cells,
        people=tuple(map(str, range(int(tally.person.max()) + 1))),
        levels=tally.levels,
        labels=tally.labels,
        predicted=(*tally.labels, OTHER),
        slicing=Slicing(("group",)),
    )
