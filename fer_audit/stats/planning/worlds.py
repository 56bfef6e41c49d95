"""Imagined tables: people like those observed, answered at known rates, to be judged by the engine."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import betaincinv, ndtr

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fer_audit.stats.tally import Tally

__all__ = ["World", "draw", "enlarge"]

# Quantiles of the person effect: its distribution as this many equally likely values.
_EFFECTS = 256
# Up to here images are drawn one by one, so that two slices can share the luck of a picture.
_MOST_IMAGES = 16
_INDEPENDENT = 1e-3


@dataclass(frozen=True, slots=True, eq=False)
class World:
    """What is true in an imagined table.

    Attributes:
        rate: shape (levels, labels): probability of a hit, strictly between 0 and 1.
        alike: correlation between images of one person within a level.
        person_shared: share of a person's effect that is the same in every level.
        image_shared: probability that the luck of a picture is the same in every level.
    """

    rate: NDArray[np.float64]
    alike: float
    person_shared: float = 1.0
    image_shared: float = 0.0


def enlarge(layout: Tally, people: int, generator: np.random.Generator) -> Tally:
    """A table without answers, of copies of the people observed, so that each slice has a given number.

    Slices that share people grow together, until the largest of them has the number.

    Args:
        layout: whose people are copied, with the labels and the numbers of images they have.
        people: people wanted in each slice.
        generator: which people are copied once more where the number is not a multiple.
    """
    group = _groups_of_levels(layout)
    sizes = np.bincount(layout.level, minlength=len(layout.levels))
    unit_parts, person_parts, used = [], [], 0
    for component in np.unique(group[layout.level]):
        members = np.flatnonzero(group[layout.level] == component)
        distinct, position = np.unique(layout.person[members], return_inverse=True)
        position = position.ravel()
        wanted = max(1, round(people * len(distinct) / sizes[group == component].max()))
        copies = np.concatenate(
            [
                np.tile(np.arange(len(distinct)), wanted // len(distinct)),
                generator.permutation(len(distinct))[: wanted % len(distinct)],
            ]
        )
        order = np.argsort(position, kind="stable")
        counts = np.bincount(position, minlength=len(distinct))
        starts = np.cumsum(counts) - counts
        repeats = counts[copies]
        within = np.arange(repeats.sum()) - np.repeat(np.cumsum(repeats) - repeats, repeats)
        unit_parts.append(members[order[np.repeat(starts[copies], repeats) + within]])
        person_parts.append(used + np.repeat(np.arange(len(copies)), repeats))
        used += len(copies)
    units = np.concatenate(unit_parts)
    images = layout.images[units]
    return replace(
        layout,
        person=np.concatenate(person_parts),
        level=layout.level[units],
        hits=np.zeros_like(images),
        images=images,
    )


def draw(layout: Tally, world: World, runs: int, generator: np.random.Generator) -> Tally:
    """Answers for every image of a layout, many times over.

    Person effects are beta-distributed, so that images of one person correlate as the world says; effects
    of one person in several levels are joined by a Gaussian copula.

    Returns:
        The layout with ``hits`` of shape (runs, units, labels).
    """
    images = np.rint(layout.images).astype(np.int64)
    chance = _chances(layout, world, runs, generator)
    if int(images.max(initial=0)) > _MOST_IMAGES:
        hits = generator.binomial(images, chance).astype(np.float64)
    else:
        hits = np.zeros(chance.shape)
        people = int(layout.person.max(initial=-1)) + 1
        for image in range(int(images.max(initial=0))):
            luck = generator.random(chance.shape)
            if world.image_shared > 0:
                common = generator.random((runs, people, images.shape[1]))[:, layout.person]
                luck = np.where(generator.random(chance.shape) < world.image_shared, common, luck)
            hits += (luck < chance) & (image < images)
    return replace(layout, hits=hits)


def _chances(layout: Tally, world: World, runs: int, generator: np.random.Generator) -> NDArray[np.float64]:
    """Shape (runs, units, labels): each person's own probability of a hit."""
    if world.alike < _INDEPENDENT:
        return np.broadcast_to(world.rate[layout.level], (runs, *layout.images.shape))
    scale = (1 - world.alike) / world.alike
    middles = (np.arange(_EFFECTS) + 0.5) / _EFFECTS
    effect = betaincinv(world.rate[..., None] * scale, (1 - world.rate[..., None]) * scale, middles)
    people = int(layout.person.max(initial=-1)) + 1
    common = generator.standard_normal((runs, people))[:, layout.person]
    own = generator.standard_normal((runs, len(layout.person)))
    latent = np.sqrt(world.person_shared) * common + np.sqrt(1 - world.person_shared) * own
    place = np.minimum((ndtr(latent) * _EFFECTS).astype(np.int64), _EFFECTS - 1)
    return np.asarray(effect.transpose(0, 2, 1)[layout.level, place])


def _groups_of_levels(layout: Tally) -> NDArray[np.int64]:
    """Shape (levels,): levels that share people, directly or through others, carry the same number."""
    group = np.arange(len(layout.levels))
    for person in _people_in_several(layout):
        levels = group[layout.level[layout.person == person]]
        group[np.isin(group, levels)] = levels.min()
    return group


def _people_in_several(layout: Tally) -> NDArray[np.int64]:
    """One person for every distinct combination of several levels."""
    incidence = np.zeros((int(layout.person.max(initial=-1)) + 1, len(layout.levels)), dtype=np.bool_)
    incidence[layout.person, layout.level] = True
    patterns, first = np.unique(incidence, axis=0, return_index=True)
    return np.asarray(first[patterns.sum(1) > 1])
