"""What an undecided ratio would take: people needed, and the ratio that these data could have shown.

As for a gap, imagined tables are judged by the functions that judge real ones; a formula only says where the
search begins.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtri

from fer_audit.results import Outcome
from fer_audit.stats.association.permutation import derived_generator
from fer_audit.stats.planning.design import design_for
from fer_audit.stats.planning.gap import MOST_PEOPLE, Plan, describe_hopeless
from fer_audit.stats.planning.worlds import World, draw, enlarge
from fer_audit.stats.quantiles import range_quantile
from fer_audit.stats.ratios.comparison import compare_ratios, undecided_pair
from fer_audit.stats.tally import canonical

if TYPE_CHECKING:
    from collections.abc import Callable

    from fer_audit.stats.planning.design import Design
    from fer_audit.stats.ratios.comparison import RatioClaim, Ratios
    from fer_audit.stats.settings import Settings
    from fer_audit.stats.tally import Tally

__all__ = ["plan_ratio", "ratio_power"]

_TARGET = 0.8
_NEAR = 0.02
_RUNS = 400
_FEWEST_RUNS = 100
# Person-label cells that are imagined for one power: what keeps a plan within about a second.
_CELLS = 1_000_000
_TRIALS = 8
# About how many standard errors a decision takes: where the probit of power begins.
_CRITICAL = 2.0
# A formula that is off by more than this factor has met a world in which no number of people decides.
_FARTHEST = 12.0
_LARGEST_RATIO = 100.0
_VERSION = "ratio-power-2"


def plan_ratio(tally: Tally, claim: RatioClaim, settings: Settings) -> Plan:
    """How many people a slice would decide a ratio that is still open, were the truth as observed.

    Where an estimate exceeds both tolerances the question is how many would FAIL it, else how many would
    PASS all pairs. The randomness is derived from the data, of which names and order are no part.

    Args:
        tally: the table that was judged, without replicate axes.
        claim: the two tolerances.
        settings: error rate and floors.
    """
    data = canonical(tally)
    found = compare_ratios(data, claim, settings)
    compared = found.differences.compared
    outcome, pair = Outcome.PASS, 0
    table = replace(found.differences, alike=found.alike)
    if compared.any():
        pair = undecided_pair(found)
        outcome = Outcome.FAIL if found.p[pair] < 1 else Outcome.PASS
        # The design takes the pair that is left, and whether to ask for FAIL or PASS from its tolerance.
        table = replace(table, compared=np.arange(len(compared)) == pair)
    design = design_for(data, table, 0.0 if outcome is Outcome.FAIL else 1.0, settings)
    if design is None:
        return Plan((), None, ("no number of people like these would decide: no two slices share a label",))
    if compared.any() and data.conditional:
        design = _as_observed(design, data, found, pair)
    generator = derived_generator(data, repr(claim), _VERSION)
    search = _Search(design, claim, outcome, settings, int(generator.integers(2**63)))
    needed = search.people()
    detectable = search.detectable() if compared.any() else None
    people: tuple[tuple[str, int], ...] = ()
    if needed is not None and needed.people is not None:
        people = tuple((name, needed.people) for name in tally.levels if name in design.asked)
    notes = [_describe(design, claim, outcome, needed, settings)]
    notes += [design.sampled] if design.sampled and people else []
    if compared.any() and detectable is None:
        notes.append(f"no ratio up to {_LARGEST_RATIO:g} would FAIL {claim.at_most:g} with 80 % power here")
    return Plan(people, detectable, tuple(notes))


def ratio_power(
    layout: Tally,
    world: World,
    claim: RatioClaim,
    outcome: Outcome,
    *,
    settings: Settings,
    generator: np.random.Generator,
    family: int | None = None,
    runs: int = _RUNS,
) -> float:
    """Probability that a layout of people and images reaches PASS, or FAIL, in a given world.

    Args:
        layout: people, slices and images; its hits are not read.
        world: what is true.
        claim: the two tolerances.
        outcome: PASS or FAIL.
        settings: error rate and floors.
        generator: the source of randomness.
        family: slices over which FAIL is simultaneous, where the layout holds only some of them.
        runs: imagined tables.
    """
    found = compare_ratios(draw(layout, world, runs, generator), claim, settings, family=family)
    compared = found.differences.compared
    if outcome is Outcome.FAIL:
        return float(found.fails.any(axis=-1).mean())
    if not compared.any() or not found.differences.layout.assessable.all():
        return 0.0
    return float(found.passes[..., compared].all(axis=-1).mean())


@dataclass(frozen=True, slots=True)
class _Needed:
    """People a slice; None where it takes more than anybody asks."""

    people: int | None


@dataclass(frozen=True, slots=True)
class _Search:
    """Looks for the number of people, or the ratio, at which power crosses 80 %."""

    design: Design
    claim: RatioClaim
    outcome: Outcome
    settings: Settings
    seed: int

    def people(self) -> _Needed | None:
        """People a slice; None where the truth lies on the edge of the claim, or no number found decides."""
        formula = self._formula()
        if formula is None:
            return None
        fewest = float(self.settings.least_people)
        start = max(formula, fewest)
        if start > MOST_PEOPLE:
            return _Needed(None)
        most = min(_FARTHEST * start, float(MOST_PEOPLE))
        root = _cross(self._power_of_people, start**0.5, fewest**0.5, most**0.5, origin=0.0)
        if root is None:
            return _Needed(None) if most >= MOST_PEOPLE else None
        return _Needed(max(self.settings.least_people, round(root**2)))

    def detectable(self) -> float | None:
        """The smallest true ratio that the people at hand would FAIL; None where none would."""
        edge = 0.5 / (len(np.unique(self.design.pair_layout.person)) + 1)
        middle = float(self.design.pair_rate.mean())

        def power(log_ratio: float) -> float:
            ratio = float(np.exp(log_ratio))
            # Both rates move, so that their mean stays what was observed as long as there is room.
            high = min(2.0 * middle * ratio / (1.0 + ratio), 1.0 - edge)
            truth = np.array([[high], [high / ratio]])
            shape = (2, self.design.pair_rate.shape[1])
            world = replace(self.design.world, rate=np.broadcast_to(truth, shape))
            return self._power(self.design.pair_layout, world, Outcome.FAIL, self._stream())

        low, high = float(np.log(self.claim.at_most)), float(np.log(_LARGEST_RATIO))
        if power(high) < _TARGET - _NEAR:
            return None
        found = _cross(power, (low + min(high, low + 1.0)) / 2.0, low, high, origin=low)
        return None if found is None else round(float(np.exp(found)), 3)

    def _stream(self) -> np.random.Generator:
        # The same luck at every step keeps the search from chasing noise.
        return np.random.Generator(np.random.Philox(np.random.SeedSequence(self.seed)))

    def _power_of_people(self, root: float) -> float:
        stream = self._stream()
        layout = enlarge(self.design.layout, round(root**2), stream)
        return self._power(layout, self.design.world, self.outcome, stream)

    def _power(self, layout: Tally, world: World, outcome: Outcome, stream: np.random.Generator) -> float:
        return ratio_power(
            layout,
            world,
            self.claim,
            outcome,
            settings=self.settings,
            generator=stream,
            family=self.design.family,
            runs=int(np.clip(_CELLS / max(layout.images.size, 1), _FEWEST_RUNS, _RUNS)),
        )

    def _formula(self) -> float | None:
        """People by (q s_0 + z s_1)^2 / distance^2: for both demands of FAIL, or the easier of PASS."""
        high, low = np.sort(self.design.pair_rate.mean(axis=1))[::-1]
        depth = float(self.design.pair_layout.images.sum()) / len(self.design.pair_layout.person)
        fails = self.outcome is Outcome.FAIL
        floor = self.settings.fail_floor if fails else self.settings.pass_floor
        alike = self.design.world.alike
        reckoned = (1.0 + max(alike, floor) * (depth - 1.0)) / depth
        seen = (1.0 + alike * (depth - 1.0)) / depth
        if fails:
            quantile = float(range_quantile(self.design.family, 1e6, self.settings.alpha)) / np.sqrt(2.0)
        else:
            quantile = float(ndtri(1.0 - self.settings.alpha))
        needed = []
        for weight, shift in ((self.claim.at_most, 0.0), (1.0, self.claim.difference)):
            distance = high - weight * low - shift
            spread = high * (1.0 - high) + weight**2 * low * (1.0 - low)
            reach = (quantile * np.sqrt(reckoned) + float(ndtri(_TARGET)) * np.sqrt(seen)) * np.sqrt(spread)
            right = distance > 0 if fails else distance < 0
            needed.append((reach / distance) ** 2 if right else np.inf)
        formula = max(needed) if fails else min(needed)
        return float(formula) if np.isfinite(formula) else None


@dataclass(frozen=True, slots=True)
class _Tried:
    """A value that was tried, and the probit of the power it has."""

    x: float
    probit: float


def _cross(
    power: Callable[[float], float], start: float, low: float, high: float, *, origin: float
) -> float | None:
    """Where a rising power crosses 80 %, its probit being about linear in the distance from an origin.

    Returns:
        None where the target lies above ``high``.
    """
    x, target = float(np.clip(start, low, high)), float(ndtri(_TARGET))
    below: _Tried | None = None
    above: _Tried | None = None
    for _ in range(_TRIALS):
        reached = power(x)
        if abs(reached - _TARGET) <= _NEAR:
            return x
        tried = _Tried(x, float(ndtri(np.clip(reached, 0.005, 0.995))))
        if reached < _TARGET:
            if x >= high:
                return None
            below = tried
        else:
            if x <= low:
                return x
            above = tried
        if below is None or above is None:
            seen = max(tried.probit + _CRITICAL, 1.0)
            x = float(np.clip(origin + (x - origin) * (target + _CRITICAL) / seen, low, high))
        else:
            share = (target - below.probit) / (above.probit - below.probit)
            # A little inside the bracket, for a power at its end of scale says little about where it left it.
            x = below.x + (above.x - below.x) * float(np.clip(share, 0.1, 0.9))
    return x


def _as_observed(design: Design, tally: Tally, found: Ratios, pair: int) -> Design:
    """Imagine the rates that were compared, which are those of images; a gap takes those of people."""
    table = found.differences
    at = np.flatnonzero(table.compared)
    known = dict(zip(table.layout.first[at].tolist(), found.rate_first[at].tolist(), strict=True))
    known |= dict(zip(table.layout.second[at].tolist(), found.rate_second[at].tolist(), strict=True))
    edge = 0.5 / (len(np.unique(design.layout.person)) + 1)
    rate = design.world.rate.copy()
    for place, level in enumerate(design.layout.levels):
        rate[place] = np.clip(known.get(tally.levels.index(level), rate[place, 0]), edge, 1.0 - edge)
    pair_rate = np.clip([[found.rate_first[pair]], [found.rate_second[pair]]], edge, 1.0 - edge)
    return replace(design, world=replace(design.world, rate=rate), pair_rate=pair_rate)


def _describe(
    design: Design, claim: RatioClaim, outcome: Outcome, needed: _Needed | None, settings: Settings
) -> str:
    high, low = np.sort(design.pair_rate.mean(axis=1))[::-1]
    truth = f"if the true rates are {high:.3f} and {low:.3f}, as observed"
    if not design.compared:
        truth = f"if all slices are alike at the rate observed overall, {design.rate:.2f}"
    if needed is None:
        return f"no number of people was found that would {outcome.name} {claim.at_most:g} {truth}"
    if needed.people is None:
        near = (
            "the observed rates lie too near the tolerances"
            if design.compared
            else "the tolerances are too narrow"
        )
        return describe_hopeless(f"{outcome.name} {claim.at_most:g}", truth, near)
    floor = settings.fail_floor if outcome is Outcome.FAIL else settings.pass_floor
    return (
        f"about {needed.people} people a slice would {outcome.name} {claim.at_most:g} with 80 % power "
        f"{truth}, and images of one person correlate by {design.world.alike:.2f}{design.assumed}, "
        f"reckoned with at least {floor:g} (simulated); "
        f"{'what was observed is an estimate, and ' if design.compared else ''}another truth takes another "
        "number; more images of the same people do not replace them"
    )
