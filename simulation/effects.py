"""How people differ in being read: the distribution of one person's probability of a hit.

Every distribution is given as equally likely values in ascending order, so that its mean is exactly the rate
that a world promises, and people can be joined across slices by their rank.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

import numpy as np
from scipy.optimize import brentq
from scipy.special import betainc, betaincinv, expit, ndtri

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "VALUES",
    "Alike",
    "BetaPeople",
    "Effect",
    "FewBad",
    "LogitNormalPeople",
    "correlation",
    "people_as_alike",
]

# An estimated correlation below is none, and above it no beta distribution has two sides.
_INDEPENDENT, _MOST_ALIKE = 1e-3, 0.95

VALUES = 4096
"""Equally likely values by which a distribution of people is given."""


class Effect(Protocol):
    """What kind of people there are at a given rate; a value, so that what follows from it is kept."""

    def __hash__(self) -> int: ...

    def abilities(self, rate: float) -> NDArray[np.float64]:
        """Shape (VALUES,): equally likely probabilities of a hit, ascending, whose mean is the rate."""
        ...


@dataclass(frozen=True, slots=True)
class Alike:
    """Nobody is harder to read than anybody else: images are independent.

    >>> Alike().abilities(0.25)[[0, -1]].tolist()
    [0.25, 0.25]
    """

    def abilities(self, rate: float) -> NDArray[np.float64]:
        """Everyone has the rate."""
        return np.full(VALUES, rate)


@dataclass(frozen=True, slots=True)
class BetaPeople:
    """Beta-distributed probabilities, so that hits are beta-binomial.

    Attributes:
        alike: correlation between images of one person, above 0.

    >>> round(correlation(BetaPeople(0.2), 0.85), 3)
    0.2
    """

    alike: float

    def abilities(self, rate: float) -> NDArray[np.float64]:
        """Means of the beta distribution within its quantile bands: their mean is the rate itself."""
        return _beta_bands(rate, self.alike)


@dataclass(frozen=True, slots=True)
class LogitNormalPeople:
    """Normal on the scale of log odds: lighter tails at the top than beta, longer ones at the bottom.

    Attributes:
        alike: correlation between images of one person, above 0.

    >>> round(correlation(LogitNormalPeople(0.2), 0.85), 3)
    0.2
    """

    alike: float

    def abilities(self, rate: float) -> NDArray[np.float64]:
        """Quantiles of the logit-normal distribution with this mean and correlation."""
        return _logit_quantiles(rate, self.alike)


@dataclass(frozen=True, slots=True)
class FewBad:
    """A few people are read at chance, everyone else equally well: what no small sample shows.

    Attributes:
        share: share of people read at chance.
        chance: their probability of a hit.

    >>> people = FewBad(0.1, 0.14).abilities(0.85)
    >>> [round(float(people[place]), 3) for place in (0, 408, 410, -1)]
    [0.14, 0.14, 0.929, 0.929]
    """

    share: float
    chance: float

    def abilities(self, rate: float) -> NDArray[np.float64]:
        """The rest make up for the few.

        Raises:
            ValueError: not even perfect others would.
        """
        good = (rate - self.share * self.chance) / (1 - self.share)
        if not self.chance <= good <= 1:
            raise ValueError(f"with {self:} no rate of {rate} is possible: the others would need {good:.3f}")
        # The band on the border holds both kinds, so that the mean is exact for any share.
        bad = np.clip(self.share * VALUES - np.arange(VALUES), 0, 1)
        return np.asarray(bad * self.chance + (1 - bad) * good)


@lru_cache(maxsize=4096)
def people_as_alike(alike: float) -> Effect:
    """People as alike as was estimated, which may be below nothing or next to one.

    >>> people_as_alike(-0.2), people_as_alike(0.1)
    (Alike(), BetaPeople(alike=0.1))
    """
    held = min(max(alike, 0.0), _MOST_ALIKE)
    return BetaPeople(held) if held > _INDEPENDENT else Alike()


def correlation(effect: Effect, rate: float) -> float:
    """Correlation between two images of one person.

    >>> correlation(Alike(), 0.9)
    0.0
    """
    chance = rate * (1 - rate)
    return round(float(effect.abilities(rate).var() / chance), 9) if chance > 0 else 0.0


@lru_cache(maxsize=4096)
def _beta_bands(rate: float, alike: float) -> NDArray[np.float64]:
    if rate > 0.5:  # noqa: PLR2004 - near 1 quantiles lose the digits that they keep near 0
        return np.asarray(1 - _beta_bands(1 - rate, alike)[::-1])
    a, b = rate * (1 / alike - 1), (1 - rate) * (1 / alike - 1)
    edges = betaincinv(a, b, np.arange(VALUES + 1) / VALUES)
    # E[X; X in a band] follows from the distribution with one more success.
    return np.asarray(np.clip(rate * VALUES * np.diff(betainc(a + 1, b, edges)), 0.0, 1.0))


@lru_cache(maxsize=4096)
def _logit_quantiles(rate: float, alike: float) -> NDArray[np.float64]:
    normal = ndtri((np.arange(VALUES) + 0.5) / VALUES)

    def values(scale: float) -> NDArray[np.float64]:
        place = brentq(lambda x: float(expit(x + scale * normal).mean()) - rate, -60.0, 60.0, xtol=1e-13)
        return np.asarray(expit(place + scale * normal))

    scale = brentq(lambda s: float(values(s).var()) / (rate * (1 - rate)) - alike, 1e-3, 12.0, xtol=1e-8)
    return values(scale)
