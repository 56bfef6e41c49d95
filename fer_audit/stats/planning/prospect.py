"""What a table of given people and images could show, whatever was answered on it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from fer_audit.errors import ConfigurationError
from fer_audit.results import Outcome
from fer_audit.stats.differences.engine import compare
from fer_audit.stats.planning.power import TARGET, affordable_runs, simulate_power
from fer_audit.stats.planning.search import cross, stream
from fer_audit.stats.planning.study import check_power
from fer_audit.stats.planning.worlds import World, draw
from fer_audit.stats.ratios.comparison import RatioClaim, compare_ratios
from fer_audit.stats.tally import canonical

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from fer_audit.stats.planning.power import Claim
    from fer_audit.stats.settings import Settings
    from fer_audit.stats.tally import Tally

__all__ = ["Prospect", "ProspectPoint", "Truth", "assume_truth", "foresee"]

_RUNS = 1_000
_FEWEST_RUNS = 200
_CELLS = 2_000_000
_NEAR = 0.01
_SEED = 20_260_102
_POINTS = 13
_LARGEST_RATIO = 100.0
_LARGEST_CORRELATION = 0.95
_FEWEST_SLICES = 2
_LEAST_STEP = 1e-3


@dataclass(frozen=True, slots=True)
class Truth:
    """What is imagined to be true of a table.

    Attributes:
        rate: of the measure, in every slice of a fair model.
        correlation: between images of one person within a slice, beyond chance.
    """

    rate: float
    correlation: float


@dataclass(frozen=True, slots=True)
class ProspectPoint:
    """Power at one size of difference.

    Attributes:
        size: a gap, or a ratio.
        fails: probability of FAIL if one slice differs by so much from the others.
        passes: probability of PASS if all are alike and so much is allowed.
    """

    size: float
    fails: float
    passes: float


@dataclass(frozen=True, slots=True)
class Prospect:
    """What a table could show.

    Attributes:
        fails_from: smallest true gap, or ratio, of one slice to the others that would FAIL the claim as
            often as wanted, whichever slice that is; None where none would.
        passes_from: smallest tolerance that a fair model would PASS as often; None where none would.
        harmed: the slice whose deviation is hardest to show.
        people: people of each assessable slice, by name.
        too_small: slices with too few people; they keep any verdict from PASS.
        truth: what was imagined.
        power: the probability wanted.
        curve: power by size.
    """

    fails_from: float | None
    passes_from: float | None
    harmed: str
    people: tuple[tuple[str, int], ...]
    too_small: tuple[str, ...]
    truth: Truth
    power: float
    curve: tuple[ProspectPoint, ...]


def assume_truth(tally: Tally, settings: Settings) -> Truth:
    """The rate over all people and the correlation of the least certain comparison of an answered table."""
    images = tally.images
    held = images > 0
    answer = np.where(held, tally.hits / np.where(held, images, 1), 0).sum(axis=0)
    holders = held.sum(axis=0)
    rate = float((answer[holders > 0] / holders[holders > 0]).mean()) if holders.any() else 0.5
    people = len(np.unique(tally.person))
    found = compare(tally, settings)
    alike = settings.fail_floor
    if found.compared.any():
        alike = float(found.alike[int(np.where(found.compared, found.upper, -np.inf).argmax())])
    edge = 0.5 / (people + 1)
    return Truth(float(np.clip(rate, edge, 1 - edge)), float(np.clip(alike, 0, _LARGEST_CORRELATION)))


def foresee(
    tally: Tally,
    claim: Claim,
    truth: Truth,
    settings: Settings,
    *,
    power: float = TARGET,
    on_step: Callable[[], None] | None = None,
) -> Prospect:
    """Imagine many models on the people and images of a table, and judge each.

    Args:
        tally: people, slices and images; its hits are not read, and slices that are too small are set aside.
        claim: the tolerance of a gap, or of a ratio, that FAIL is held against.
        truth: what is imagined of a fair model.
        settings: error rate, floors and the fewest people.
        power: probability wanted.
        on_step: called after every power that was simulated.

    Raises:
        ConfigurationError: fewer than two slices can be assessed or compared, or a power that is none.
    """
    check_power(power, settings)
    parts = _assessable(tally, settings)
    table = _Table(parts.table, claim, truth, settings, on_step or _nothing)
    least = table.least_tolerances()
    if not least.size:
        raise ConfigurationError(
            "no two slices have a label that enough people have in both: nothing could be shown; "
            f"a slice needs {settings.least_people} people of each label"
        )
    passes = float(np.quantile(least, power, method="inverted_cdf"))
    fails = table.smallest_fail(power)
    sizes = table.sizes(passes, fails)
    shown = passes < table.largest and not parts.too_small
    people = np.bincount(parts.table.level, minlength=len(parts.table.levels)).tolist()
    known = dict(zip(parts.table.levels, people, strict=True))
    return Prospect(
        fails_from=fails,
        passes_from=round(passes, 4) if shown else None,
        harmed=parts.table.levels[table.harmed],
        people=tuple((name, known[name]) for name in tally.levels if name in known),
        too_small=parts.too_small,
        truth=truth,
        power=power,
        curve=tuple(
            ProspectPoint(size, table.fails(size), 0.0 if parts.too_small else float((least <= size).mean()))
            for size in sizes
        ),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Parts:
    table: Tally
    too_small: tuple[str, ...]


def _assessable(tally: Tally, settings: Settings) -> _Parts:
    ordered = canonical(tally)
    people = np.bincount(ordered.level, minlength=len(ordered.levels))
    # Names in the order of the table, contents in the order that the draws depend on.
    large = np.flatnonzero(people >= settings.least_people)
    absent = [name for name in tally.levels if name not in ordered.levels]
    small = [ordered.levels[level] for level in np.flatnonzero(people < settings.least_people)]
    if len(large) < _FEWEST_SLICES:
        raise ConfigurationError(
            f"{len(large)} of {len(tally.levels)} slices have {settings.least_people} people or more: "
            "nothing can be compared; ask more people, or divide them less finely"
        )
    place = np.full(len(ordered.levels), -1)
    place[large] = np.arange(len(large))
    units = np.flatnonzero(place[ordered.level] >= 0)
    _, person = np.unique(ordered.person[units], return_inverse=True)
    table = replace(
        ordered,
        person=person.ravel(),
        level=place[ordered.level[units]],
        hits=np.zeros_like(ordered.images[units]),
        images=ordered.images[units],
        levels=tuple(ordered.levels[level] for level in large),
    )
    return _Parts(table, tuple(sorted({*absent, *small})))


@dataclass(frozen=True, slots=True, eq=False)
class _Table:
    """Imagined answers on one table."""

    layout: Tally
    claim: Claim
    truth: Truth
    settings: Settings
    on_step: Callable[[], None]

    @property
    def harmed(self) -> int:
        """The slice with the fewest people: where a difference is hardest to show."""
        return int(np.bincount(self.layout.level, minlength=len(self.layout.levels)).argmin())

    @property
    def largest(self) -> float:
        """No tolerance is as large."""
        return _LARGEST_RATIO if isinstance(self.claim, RatioClaim) else 1.0

    def world(self, other: float) -> World:
        rate = np.full((len(self.layout.levels), len(self.layout.labels)), self.truth.rate)
        rate[self.harmed] = other
        return World(rate, self.truth.correlation)

    def runs(self) -> int:
        return affordable_runs(self.layout, _CELLS, _FEWEST_RUNS, _RUNS)

    def least_tolerances(self) -> NDArray[np.float64]:
        """The smallest tolerance that each of many imagined fair models would PASS; sorted by nothing."""
        table = draw(self.layout, self.world(self.truth.rate), self.runs(), stream(_SEED))
        self.on_step()
        if isinstance(self.claim, RatioClaim):
            ratios = compare_ratios(table, self.claim, self.settings)
            near = ratios.difference_upper <= self.claim.difference
            upper, compared = np.where(near, 1.0, ratios.upper), ratios.differences.compared
        else:
            found = compare(table, self.settings)
            upper, compared = found.upper, found.compared
        if not compared.any():
            return np.zeros(0)
        return np.asarray(np.minimum(upper[..., compared].max(axis=-1), self.largest))

    def fails(self, size: float) -> float:
        """Power to FAIL a true difference of this size."""
        other = self._other(size)
        if other is None:
            return 0.0
        found = simulate_power(
            self.layout,
            self.world(other),
            self.claim,
            Outcome.FAIL,
            settings=self.settings,
            generator=stream(_SEED + 1),
            runs=self.runs(),
        )
        self.on_step()
        return found

    def smallest_fail(self, power: float) -> float | None:
        """The smallest true size that FAILs as often as wanted."""
        is_ratio = isinstance(self.claim, RatioClaim)
        origin = np.log(self.claim.at_most) if isinstance(self.claim, RatioClaim) else self.claim
        most = self._most()

        def power_of(place: float) -> float:
            return self.fails(float(np.exp(place)) if is_ratio else place)

        if most <= origin or power_of(most) < power:
            return None
        start = origin + (most - origin) / 3
        found = cross(power_of, start, float(origin), most, origin=float(origin), target=power, near=_NEAR)
        return None if found is None else round(float(np.exp(found) if is_ratio else found), 4)

    def sizes(self, passes: float, fails: float | None) -> list[float]:
        """Where the curve is drawn: from a fair model to a little beyond what both verdicts take."""
        is_ratio = isinstance(self.claim, RatioClaim)
        least = 1.0 if is_ratio else 0.0
        reach = max(passes if passes < self.largest else least, fails or least)
        highest = least + 1.25 * (max(reach - least, _LEAST_STEP))
        top = float(np.exp(self._most())) if is_ratio else self._most()
        return [round(float(size), 4) for size in np.linspace(least, min(highest, top), _POINTS)[1:]]

    def _most(self) -> float:
        """The largest size there is room for, a ratio by its logarithm."""
        edge = 0.5 / (len(np.unique(self.layout.person)) + 1)
        rate = self.truth.rate
        if isinstance(self.claim, RatioClaim):
            return float(np.log(min(max((1 - edge) / rate, rate / edge), _LARGEST_RATIO)))
        return max(rate - edge, 1 - edge - rate)

    def _other(self, size: float) -> float | None:
        """The rate of the slice that differs: below the others for a gap, above for a ratio, as room is."""
        rate = self.truth.rate
        ways = (
            (rate * size, rate / size) if isinstance(self.claim, RatioClaim) else (rate - size, rate + size)
        )
        return next((way for way in ways if 0 < way < 1), None)


def _nothing() -> None:
    """What happens after a step if nobody asks."""
