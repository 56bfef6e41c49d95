"""A study that does not exist yet: how many people it needs, and how its power grows with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtri

from fer_audit.errors import ConfigurationError
from fer_audit.results import Outcome
from fer_audit.stats.planning.power import (
    TARGET,
    affordable_runs,
    closed_formula,
    rate_beyond,
    simulate_power,
)
from fer_audit.stats.planning.search import find_people, stream
from fer_audit.stats.planning.worlds import World
from fer_audit.stats.quantiles import range_quantile
from fer_audit.stats.ratios.comparison import RatioClaim
from fer_audit.stats.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from fer_audit.stats.planning.power import Claim
    from fer_audit.stats.settings import Settings

__all__ = ["CurvePoint", "PeopleNeeded", "Study", "check_power", "people_needed", "power_curve"]

_RUNS = 4_000
_FEWEST_RUNS = 300
_CELLS = 4_000_000
_NEAR = 0.01
_SEED = 20_260_101
_MOST_SLICES = 100
_MOST_IMAGES = 10_000
_LARGEST_CORRELATION = 0.95
_LARGEST_POWER = 0.99


@dataclass(frozen=True, slots=True)
class Study:
    """What is taken for granted about people and model before there are data.

    Every person has the same number of images of every label, and every label the same rate.

    Attributes:
        claim: the tolerance of a gap, or of a ratio.
        rate: of the measure, in every slice but one.
        effect: what is true of that one: it lies this gap below the others, or has this ratio to them
            (above, or below where there is no room); 0 or 1 for a fair model.
        slices: groups that are compared.
        images: of a person in a slice, of each label.
        labels: expressions that the measure averages over.
        correlation: between images of one person, beyond chance.
        paired: the same people are in all slices, with what makes their faces hard in each of them.

    Raises:
        ConfigurationError: a value outside its range, or an effect on the edge of the claim.
    """

    claim: Claim
    rate: float
    effect: float
    slices: int = 2
    images: int = 1
    labels: int = 1
    correlation: float = 0.1
    paired: bool = False

    def __post_init__(self) -> None:
        _check_range("rate", self.rate, "a share of images strictly between 0 and 1, e.g. 0.85")
        if not 0 <= self.correlation <= _LARGEST_CORRELATION:
            raise ConfigurationError(
                f"correlation is {self.correlation:g}; images of one person correlate by 0 to "
                f"{_LARGEST_CORRELATION:g}, e.g. 0.1 where nothing is known"
            )
        for name, value, least, most in (
            ("slices", self.slices, 2, _MOST_SLICES),
            ("images", self.images, 1, _MOST_IMAGES),
            ("labels", self.labels, 1, _MOST_IMAGES),
        ):
            if not least <= value <= most:
                raise ConfigurationError(f"{name} is {value}; give a number from {least} to {most:,}")
        self._check_effect()

    def _check_effect(self) -> None:
        is_ratio = isinstance(self.claim, RatioClaim)
        least, what = (1, "ratio") if is_ratio else (0, "gap")
        if not least <= self.effect < np.inf:
            raise ConfigurationError(
                f"the {what} assumed true is {self.effect:g}; it is {least:g} for a fair model, "
                "and larger for an unfair one"
            )
        if not is_ratio and not 0 < self.other_rate < 1:
            raise ConfigurationError(
                f"a gap of {self.effect:g} cannot be true at a rate of {self.rate:g}: one group would have "
                f"{self.rate - self.effect:g}; assume a smaller gap, or another rate"
            )
        if self.outcome is None:
            raise ConfigurationError(
                f"the {what} assumed true, {self.effect:g}, lies on the edge of what is allowed: no "
                "number of people decides that case; assume more, which would FAIL, or less, which would PASS"
            )

    @property
    def other_rate(self) -> float:
        """The rate of the one slice that may differ."""
        if isinstance(self.claim, RatioClaim):
            up = self.rate * self.effect
            return up if up < 1 else self.rate / self.effect
        return self.rate - self.effect

    @property
    def outcome(self) -> Outcome | None:
        """The verdict that is right; None on the edge of the claim."""
        low, high = sorted((self.rate, self.other_rate))
        excesses = (
            [high - low - self.claim]
            if not isinstance(self.claim, RatioClaim)
            else [
                high - self.claim.at_most * low,
                high - low - self.claim.difference,
            ]
        )
        # Both demands of a ratio have to be exceeded.
        excess = round(min(excesses), 12)
        return None if excess == 0 else Outcome.FAIL if excess > 0 else Outcome.PASS

    @property
    def depth(self) -> int:
        """Images of a person in a slice."""
        return self.images * self.labels

    def layout(self, people: Sequence[int]) -> Tally:
        """The table without answers.

        With complete labels of equal rates a person's images of all labels say what as many images of one
        label would, so the table holds one.

        Args:
            people: of each slice; all the same where they are paired.
        """
        level = np.repeat(np.arange(len(people)), people)
        person = np.arange(len(level))
        if self.paired:
            person = np.concatenate([np.arange(number) for number in people])
        images = np.full((len(level), 1), float(self.depth))
        names = tuple(f"group {number + 1}" for number in range(len(people)))
        conditional = isinstance(self.claim, RatioClaim) and self.labels == 1
        return Tally(person, level, np.zeros_like(images), images, names, ("all",), conditional)

    def world(self, other_rate: float | None = None) -> World:
        """The truth: all slices alike but the last.

        Args:
            other_rate: the rate of the last; the one assumed if None.
        """
        rate = np.full((self.slices, 1), self.rate)
        rate[-1] = self.other_rate if other_rate is None else other_rate
        return World(rate, self.correlation)


@dataclass(frozen=True, slots=True)
class PeopleNeeded:
    """How many people decide, and how often they do.

    Attributes:
        people: of each slice; None where no practical number decides.
        power: measured with them on fresh imagined tables; 0 without a number.
        simulated: the number was found by simulation; False where it is a formula's.
    """

    people: int | None
    power: float
    simulated: bool


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """Power at one number of people.

    Attributes:
        people: of each slice.
        passes: probability of PASS if all slices are alike.
        fails: probability of FAIL if one slice lies twice the tolerance away; None where rates leave no room.
    """

    people: int
    passes: float
    fails: float | None


def people_needed(
    study: Study,
    settings: Settings,
    *,
    power: float = TARGET,
    on_step: Callable[[], None] | None = None,
) -> PeopleNeeded:
    """People a slice with whom the right verdict is reached as often as wanted.

    Args:
        study: what is taken for granted.
        settings: error rate, floors and the fewest people.
        power: probability of the verdict, between the error rate and 1.
        on_step: called after every number of people that was tried.

    Returns:
        The same number for the same arguments. Its power may lie above the one wanted where already the
        fewest people that are assessed have more.

    Raises:
        ConfigurationError: a power that is none.
    """
    check_power(power, settings)
    outcome = study.outcome
    assert outcome is not None  # noqa: S101 - checked when the study was made

    def power_of(layout: Tally, generator: np.random.Generator) -> float:
        found = simulate_power(
            layout,
            study.world(),
            study.claim,
            outcome,
            settings=settings,
            generator=generator,
            runs=affordable_runs(layout, _CELLS, _FEWEST_RUNS, _RUNS),
        )
        if on_step is not None:
            on_step()
        return found

    needed = find_people(
        study.layout([1] * study.slices),
        power_of,
        _formula(study, outcome, settings, power),
        fewest=settings.least_people,
        seed=_SEED,
        target=power,
        near=_NEAR,
    )
    if needed is None or needed.people is None:
        return PeopleNeeded(None, 0.0, simulated=True)
    fresh = power_of(study.layout([needed.people] * study.slices), stream(_SEED + 1))
    return PeopleNeeded(needed.people, fresh, needed.simulated)


def power_curve(
    study: Study,
    people: Sequence[int],
    settings: Settings,
    *,
    on_step: Callable[[], None] | None = None,
) -> tuple[CurvePoint, ...]:
    """How power grows with people: PASS of a fair model, and FAIL of one that is plainly unfair.

    Args:
        study: what is taken for granted; its effect is not looked at.
        people: numbers of each slice.
        settings: error rate, floors and the fewest people.
        on_step: called after every point.
    """
    unfair = rate_beyond(study.rate, study.claim)
    points = []
    for number in people:
        layout = study.layout([number] * study.slices)
        runs = affordable_runs(layout, _CELLS, _FEWEST_RUNS, _RUNS)
        found = [
            None
            if rate is None
            else simulate_power(
                layout,
                study.world(rate),
                study.claim,
                outcome,
                settings=settings,
                generator=stream(_SEED + 2),
                runs=runs,
            )
            for outcome, rate in ((Outcome.PASS, study.rate), (Outcome.FAIL, unfair))
        ]
        points.append(CurvePoint(number, found[0] or 0.0, found[1]))
        if on_step is not None:
            on_step()
    return tuple(points)


def check_power(power: float, settings: Settings) -> None:
    """Refuse a power that no number of people, or any, would have.

    Raises:
        ConfigurationError: see above.
    """
    if not settings.alpha < power <= _LARGEST_POWER:
        raise ConfigurationError(
            f"power is {power:g}; give a probability above alpha ({settings.alpha:g}) and up to "
            f"{_LARGEST_POWER:g}, e.g. 0.8"
        )


def _check_range(name: str, value: float, meaning: str) -> None:
    if not 0 < value < 1:
        raise ConfigurationError(f"{name} is {value:g}; give {meaning}")


def _formula(study: Study, outcome: Outcome, settings: Settings, power: float) -> float:
    """Where the search begins: one pair, or for PASS all pairs if each misses with its share of the rest."""
    low, high = sorted((study.rate, study.other_rate))
    fails = outcome is Outcome.FAIL
    floor = settings.fail_floor if fails else settings.pass_floor
    depth, alike = study.depth, study.correlation
    own = 1.0 - alike if study.paired else 1.0 + alike * (depth - 1.0)
    reckoned = own if study.paired else 1.0 + max(alike, floor) * (depth - 1.0)
    if fails:
        critical, share = float(range_quantile(study.slices, 1e6, settings.alpha)) / np.sqrt(2.0), power
    else:
        pairs = study.slices * (study.slices - 1) // 2
        critical, share = float(ndtri(1.0 - settings.alpha)), 1.0 - (1.0 - power) / (2 * pairs)
    demands = (
        [(1.0, study.claim)]
        if not isinstance(study.claim, RatioClaim)
        else [
            (study.claim.at_most, 0.0),
            (1.0, study.claim.difference),
        ]
    )
    needed = []
    for weight, shift in demands:
        distance = high - weight * low - shift
        spread = (high * (1.0 - high) + weight**2 * low * (1.0 - low)) / depth
        if (distance > 0) is fails and distance != 0:
            needed.append(closed_formula(critical, share, reckoned * spread, own * spread, distance))
    return max(needed) if fails else min(needed)
