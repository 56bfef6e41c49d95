"""Worlds with a known truth, and tables drawn from them.

Nothing is taken from the generator with which the package plans studies: an error there would be confirmed
here, not found.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr

from fer_audit.stats.tally import Tally
from simulation.effects import VALUES, Alike, correlation

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulation.effects import Effect
    from simulation.shapes import Places, Shape

__all__ = ["World", "draw", "values_of"]


@dataclass(frozen=True, slots=True)
class World:
    """What is true, and of whom there are pictures.

    Attributes:
        shape: people, slices, labels and images.
        rates: true rate of each slice, averaged over labels.
        effects: how people differ, one for all slices or one a slice.
        labels: how far each label's rate lies from its slice's; empty for no difference.
        joined: of a person in several slices, the share of the effect that is the same in all: 1 where an
            attribute moves everybody alike, below where it moves each person differently.
        opposed: who is easy to read in one slice is hard to read in the next.
        same_luck: a picture's luck is the same in every slice, as of one face rendered in several tones.
    """

    shape: Shape
    rates: tuple[float, ...]
    effects: tuple[Effect, ...] = (Alike(),)
    labels: tuple[float, ...] = ()
    joined: float = 1.0
    opposed: bool = False
    same_luck: bool = False

    @property
    def table(self) -> NDArray[np.float64]:
        """Shape (S, L): true rate of every slice and label."""
        offsets = np.array(self.labels or (0.0,) * self.shape.labels)
        # Rates are written in hundredths; what their sum adds beyond is rounding.
        return np.asarray(np.round(np.array(self.rates)[:, None] + offsets, 9))

    def hits(self, places: Places, runs: int, generator: np.random.Generator) -> NDArray[np.float64]:
        """Shape (runs, U, L): pictures with the event, table by table."""
        chance = _chances(self, places, runs, generator)
        if self.same_luck:
            return _hits_of_pictures(places, chance, generator)
        return np.asarray(generator.binomial(places.images, chance).astype(np.float64))

    @property
    def alike(self) -> float:
        """The largest correlation between two images of one person, over slices and labels."""
        if max(self.shape.place(np.random.default_rng(0)).images.sum(axis=1)) <= 1:
            return 0.0
        return max(
            correlation(effect, float(rate))
            for effect, row in zip(_of_slices(self), self.table, strict=True)
            for rate in row
        )


def draw(world: World, runs: int, generator: np.random.Generator) -> Tally:
    """Answers of a model in a world, many times over on one set of people and images.

    Returns:
        Hits of shape (runs, units, labels); a measure of one label conditions on it.
    """
    places = world.shape.place(generator)
    return Tally(
        person=places.person.astype(np.int64),
        level=places.level.astype(np.int64),
        hits=world.hits(places, runs, generator),
        images=places.images.astype(np.float64),
        levels=tuple(f"s{level}" for level in range(world.shape.slices)),
        labels=tuple(f"l{label}" for label in range(world.shape.labels)),
        conditional=world.shape.labels == 1,
    )


def values_of(world: World) -> NDArray[np.float64]:
    """Shape (S, VALUES, L): the equally likely probabilities of a hit, by slice, rank and label."""
    return np.stack(
        [
            np.stack([effect.abilities(float(rate)) for rate in row], axis=-1)
            for effect, row in zip(_of_slices(world), world.table, strict=True)
        ]
    )


def _of_slices(world: World) -> tuple[Effect, ...]:
    return world.effects if len(world.effects) > 1 else world.effects * world.shape.slices


def _chances(world: World, places: Places, runs: int, generator: np.random.Generator) -> NDArray[np.float64]:
    """Shape (runs, U, L): each person's own probability of a hit."""
    effects = _of_slices(world)
    if all(isinstance(effect, Alike) for effect in effects):
        return np.broadcast_to(world.table[places.level], (runs, *places.images.shape))
    values = values_of(world)
    if world.shape.shared:
        people = int(places.person.max()) + 1
        common = generator.standard_normal((runs, people))[:, places.person]
        own = generator.standard_normal((runs, len(places.person)))
        latent = np.sqrt(world.joined) * common + np.sqrt(1 - world.joined) * own
        if world.opposed:
            latent = np.where(places.level % 2 == 1, -latent, latent)
        rank = np.minimum((ndtr(latent) * VALUES).astype(np.int64), VALUES - 1)
    else:
        rank = generator.integers(VALUES, size=(runs, len(places.person)))
    return np.asarray(values[places.level, rank])


def _hits_of_pictures(
    places: Places, chance: NDArray[np.float64], generator: np.random.Generator
) -> NDArray[np.float64]:
    """Image by image, one draw for all slices that show the same person."""
    hits = np.zeros(chance.shape)
    people = int(places.person.max()) + 1
    for image in range(int(places.images.max())):
        luck = generator.random((len(chance), people, chance.shape[2]))[:, places.person]
        hits += (luck < chance) & (image < places.images)
    return hits
