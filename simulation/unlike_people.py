"""Other ways for people to differ, and for pictures to hang together, than those of the package's own plans.

Each effect is given like those of :mod:`simulation.effects`, so that the mean is exactly the rate.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit, ndtr, stdtrit

from simulation.effects import VALUES
from simulation.worlds import World, values_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulation.shapes import Places

__all__ = ["HeavyTailed", "LinkedWorld", "TwoKinds"]


@dataclass(frozen=True, slots=True)
class TwoKinds:
    """Two kinds of people and nothing in between.

    Attributes:
        alike: correlation between images of one person, above 0.
        share: share of people who are read worse.

    >>> people = TwoKinds(0.1, 0.25).abilities(0.85)
    >>> [round(float(people[place]), 3) for place in (0, 1023, 1024, -1)]
    [0.654, 0.654, 0.915, 0.915]
    """

    alike: float
    share: float

    def abilities(self, rate: float) -> NDArray[np.float64]:
        """Both probabilities, as far from the rate as the correlation wants.

        Raises:
            ValueError: a probability would be beyond 0 or 1.
        """
        scale = float(np.sqrt(self.alike * rate * (1 - rate)))
        worse = rate - scale * float(np.sqrt((1 - self.share) / self.share))
        better = rate + scale * float(np.sqrt(self.share / (1 - self.share)))
        if worse < 0 or better > 1:
            raise ValueError(f"with {self} a rate of {rate} needs people at {worse:.3f} and {better:.3f}")
        # The band on the border holds both kinds, so that the mean is exact for any share.
        bad = np.clip(self.share * VALUES - np.arange(VALUES), 0, 1)
        return np.asarray(bad * worse + (1 - bad) * better)


@dataclass(frozen=True, slots=True)
class HeavyTailed:
    """Student's t with three degrees of freedom on the scale of log odds: most people alike, some far off.

    Attributes:
        alike: correlation between images of one person, above 0.
    """

    alike: float

    def abilities(self, rate: float) -> NDArray[np.float64]:
        """Quantiles of the distribution with this mean and correlation."""
        return _t_quantiles(rate, self.alike)


@lru_cache(maxsize=1024)
def _t_quantiles(rate: float, alike: float) -> NDArray[np.float64]:
    heavy = stdtrit(3, (np.arange(VALUES) + 0.5) / VALUES)

    def values(scale: float) -> NDArray[np.float64]:
        place = brentq(lambda x: float(expit(x + scale * heavy).mean()) - rate, -80.0, 80.0, xtol=1e-13)
        return np.asarray(expit(place + scale * heavy))

    scale = brentq(lambda s: float(values(s).var()) / (rate * (1 - rate)) - alike, 1e-3, 12.0, xtol=1e-8)
    return values(scale)


@dataclass(frozen=True, slots=True)
class LinkedWorld(World):
    """A world where pictures of one person hang together in more ways than by the person.

    Attributes:
        chain: a picture has the luck of the one before it, of the same person and label, with this
            probability: frames of one film.
        by_label: share of what sets a person apart that belongs to the person and one label: who is hard to
            read in anger may be easy in joy.
    """

    chain: float = 0.0
    by_label: float = 0.0

    def hits(self, places: Places, runs: int, generator: np.random.Generator) -> NDArray[np.float64]:
        """Shape (runs, U, L): pictures with the event, table by table, drawn one picture after the other."""
        shape = (runs, *places.images.shape)
        people = int(places.person.max()) + 1
        latent = np.sqrt(self.joined) * generator.standard_normal((runs, people))[:, places.person]
        latent += np.sqrt(1 - self.joined) * generator.standard_normal(shape[:2])
        own = generator.standard_normal((runs, people, shape[2]))[:, places.person]
        mixed = np.sqrt(1 - self.by_label) * latent[..., None] + np.sqrt(self.by_label) * own
        rank = np.minimum((ndtr(mixed) * VALUES).astype(np.int64), VALUES - 1)
        chance = values_of(self)[places.level[:, None], rank, np.arange(shape[2])]
        luck, hits = generator.random(shape), np.zeros(shape)
        for image in range(int(places.images.max())):
            hits += (luck < chance) & (image < places.images)
            luck = np.where(generator.random(shape) < self.chain, luck, generator.random(shape))
        return hits
