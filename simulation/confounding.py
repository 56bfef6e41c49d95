"""Worlds in which light differs between slices, and what is asked of them given that light."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import expit, logit

from fer_audit.stats.confounding.adjustment import compare_adjusted
from fer_audit.stats.confounding.observations import (
    Observations,
    covariate_terms,
    only_compared,
    tally_of,
)
from fer_audit.stats.confounding.standardisation import standardise
from fer_audit.stats.differences.engine import compare
from fer_audit.stats.settings import Settings
from fer_audit.stats.tally import Tally
from simulation.questions import Property, over

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from fer_audit.stats.differences.engine import Differences
    from simulation.worlds import World

__all__ = ["AskGiven", "Light", "photograph", "strata_tally"]

_ROUNDING = 1e-12
# Abilities between which the log odds that belong to them are interpolated.
_KNOTS = 801
_EDGE = 1e-4


@dataclass(frozen=True, slots=True)
class Light:
    """How bright pictures are in each slice, and what that does to a model.

    Brightness has variance 1 within a slice, and slices of even and odd number have other means.

    Attributes:
        apart: difference of the two means, in standard deviations.
        effect: log odds of a right answer for each unit of brightness.
        own: share of the variance that belongs to the person, not to the picture.
        threshold: pictures darker than this lose ``effect`` log odds and no others do; None for a straight
            line.
        only_odd: brightness matters in slices of odd number only.
        bands: there are only two kinds of light, bright and dark, and the model is told which.
    """

    apart: float
    effect: float
    own: float = 0.5
    threshold: float | None = None
    only_odd: bool = False
    bands: bool = False

    def acts(self, brightness: NDArray[np.float64]) -> NDArray[np.float64]:
        """Log odds that the light adds."""
        if self.bands:
            return np.asarray(self.effect * (brightness > 0))
        if self.threshold is not None:
            return np.asarray(-self.effect * (brightness < self.threshold))
        return self.effect * brightness


@dataclass(frozen=True, slots=True)
class AskGiven:
    """Do slices differ by more than a tolerance, given the light?

    Attributes:
        light: how it differs between slices.
        tolerance: the largest gap allowed.
        settings: error rate, floors and the fewest people.
        batch: tables a set of people.
    """

    light: Light
    tolerance: float = 0.1
    settings: Settings = field(default_factory=Settings)
    batch: int = 100

    @property
    def asks(self) -> tuple[str, ...]:
        """The adjustment, or the engine over strata."""
        return ("fer_audit.stats.confounding.adjustment", "fer_audit.stats.confounding.standardisation")

    def count(self, world: World, runs: int, generator: np.random.Generator) -> Mapping[Property, int]:
        """FAIL, PASS, both, bounds on the wrong side of the truth, and FAIL without the light.

        The truth is the difference of the slices' rates over the light of everybody: ``world.rates``.
        """
        total = dict.fromkeys(
            (
                Property.FAIL,
                Property.PASS,
                Property.BOTH,
                Property.LOWER,
                Property.UPPER,
                Property.CRUDE_FAIL,
            ),
            0,
        )
        rates = np.array(world.rates)
        for _ in range(runs):
            pictures = photograph(world, self.light, generator)
            crude = compare(tally_of(pictures.seen), self.settings)
            found = self._given(pictures)
            failed = bool(over(found, self.tolerance))
            passed = bool(found.compared.any()) and bool(
                (found.upper[found.compared] <= self.tolerance + _ROUNDING).all()
            )
            truth = np.abs(rates[found.layout.first] - rates[found.layout.second])
            widest = int(truth.argmax())
            total[Property.FAIL] += failed
            total[Property.PASS] += passed
            total[Property.BOTH] += failed and passed
            total[Property.LOWER] += bool((found.lower > truth + _ROUNDING)[found.compared].any())
            total[Property.UPPER] += bool(found.upper[widest] < truth[widest] - _ROUNDING)
            total[Property.CRUDE_FAIL] += bool(over(crude, self.tolerance))
        return total

    def _given(self, pictures: Pictures) -> Differences:
        if self.light.bands:
            return compare(strata_tally(pictures), self.settings)
        seen = pictures.seen
        found = standardise(only_compared(seen, self.settings.least_people))
        return compare_adjusted(tally_of(seen), found, self.settings)


@dataclass(frozen=True, slots=True, eq=False)
class Pictures:
    """One set of answers.

    Attributes:
        seen: the rows as the adjustment takes them.
        brightness: shape (N,).
    """

    seen: Observations
    brightness: NDArray[np.float64]


def photograph(world: World, light: Light, generator: np.random.Generator) -> Pictures:
    """Pictures of new people, their light, and a model's answers.

    A person's own rate over the light of everybody is drawn from the world's effect, and the light moves the
    log odds of each picture around it, so that the slices' adjusted rates are exactly those of the world.
    """
    places = world.shape.place(generator)
    images = places.images[:, 0]
    person = np.repeat(np.arange(len(images)), images)
    level = places.level[person]
    mean = np.where(level % 2 == 0, light.apart / 2, -light.apart / 2)
    own = generator.standard_normal(len(images))[person]
    brightness = (
        mean + np.sqrt(light.own) * own + np.sqrt(1 - light.own) * generator.standard_normal(len(person))
    )
    effect = world.effects[0]
    ability = np.empty(len(images))
    for slice_, rate in enumerate(world.rates):
        who = np.flatnonzero(places.level == slice_)
        ability[who] = generator.choice(np.atleast_1d(effect.abilities(rate)), len(who))
    odds = _log_odds(light, ability)[person] + light.acts(brightness)
    if light.only_odd:
        odds = np.where(level % 2 == 1, odds, logit(np.clip(ability[person], _EDGE, 1 - _EDGE)))
    right = generator.random(len(person)) < expit(odds)
    rows = np.arange(len(person))
    return Pictures(
        Observations(
            row=rows,
            person=person,
            level=level,
            label=np.zeros(len(person), dtype=np.int64),
            event=right.astype(np.float64),
            share=np.ones(len(person)),
            terms=covariate_terms(brightness),
            levels=tuple(f"s{slice_}" for slice_ in range(world.shape.slices)),
            labels=("l0",),
        ),
        brightness,
    )


def strata_tally(pictures: Pictures) -> Tally:
    """The same answers with a label for bright and one for dark pictures."""
    seen = pictures.seen
    bright = (pictures.brightness > 0).astype(np.int64)
    _, first, unit = np.unique(seen.person, return_index=True, return_inverse=True)
    cell = unit.ravel() * 2 + bright
    size = len(first) * 2
    return Tally(
        person=seen.person[first],
        level=seen.level[first],
        hits=np.bincount(cell, seen.event, size).astype(np.float64).reshape(-1, 2),
        images=np.bincount(cell, minlength=size).astype(np.float64).reshape(-1, 2),
        levels=seen.levels,
        labels=("l0, dark", "l0, bright"),
    )


def _log_odds(light: Light, ability: NDArray[np.float64]) -> NDArray[np.float64]:
    """The log odds at brightness 0 of people whose rate over everybody's light is their ability."""
    knots, places = _curve(light)
    return np.interp(np.clip(ability, _EDGE, 1 - _EDGE), knots, places)


@lru_cache(maxsize=64)
def _curve(light: Light) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Rates over everybody's light, and the log odds that lead to them."""
    normal = np.linspace(-6, 6, 1201)
    weight = np.exp(-(normal**2) / 2)
    brightness = np.concatenate([normal + light.apart / 2, normal - light.apart / 2])
    weights = np.concatenate([weight, weight]) / (2 * weight.sum())
    if light.bands:
        # Exact strata count the same, however many pictures have which light.
        brightness, weights = np.array([-1.0, 1.0]), np.array([0.5, 0.5])
    places = np.linspace(-16, 16, _KNOTS)
    rates = np.array([weights @ expit(place + light.acts(brightness)) for place in places])
    return rates, places
