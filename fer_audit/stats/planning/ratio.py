"""What an undecided ratio would take: people needed, and the ratio that these data could have shown.

As for a gap, imagined tables are judged by the functions that judge real ones; a formula only says where the
search begins.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtri

from fer_audit.results import Outcome
from fer_audit.stats.association.permutation import derived_generator
from fer_audit.stats.planning.design import design_for
from fer_audit.stats.planning.gap import Plan, describe_hopeless
from fer_audit.stats.planning.power import TARGET, closed_formula
from fer_audit.stats.planning.search import NEAR, DesignSearch, cross, stream
from fer_audit.stats.quantiles import range_quantile
from fer_audit.stats.ratios.comparison import compare_ratios, undecided_pair
from fer_audit.stats.tally import canonical

if TYPE_CHECKING:
    from fer_audit.stats.planning.design import Design
    from fer_audit.stats.planning.search import Needed
    from fer_audit.stats.ratios.comparison import RatioClaim, Ratios
    from fer_audit.stats.settings import Settings
    from fer_audit.stats.tally import Tally

__all__ = ["plan_ratio"]

_RUNS = 400
_LARGEST_RATIO = 100.0
_VERSION = "ratio-power-3"


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
    search = DesignSearch(design, claim, outcome, settings, int(generator.integers(2**62)), _RUNS)
    formula = _formula(design, claim, outcome, settings)
    needed = None if formula is None else search.people(formula)
    detectable = _detectable(search, claim) if compared.any() else None
    people: tuple[tuple[str, int], ...] = ()
    if needed is not None and needed.people is not None:
        people = tuple((name, needed.people) for name in tally.levels if name in design.asked)
    notes = [_describe(design, claim, outcome, needed, settings)]
    notes += [design.sampled] if design.sampled and people else []
    if compared.any() and detectable is None:
        notes.append(f"no ratio up to {_LARGEST_RATIO:g} would FAIL {claim.at_most:g} with 80 % power here")
    return Plan(people, detectable, tuple(notes))


def _detectable(search: DesignSearch, claim: RatioClaim) -> float | None:
    """The smallest true ratio that the people at hand would FAIL; None where none would."""
    design = search.design
    edge = 0.5 / (len(np.unique(design.pair_layout.person)) + 1)
    middle = float(design.pair_rate.mean())

    def power(log_ratio: float) -> float:
        ratio = float(np.exp(log_ratio))
        # Both rates move, so that their mean stays what was observed as long as there is room.
        high = min(2.0 * middle * ratio / (1.0 + ratio), 1.0 - edge)
        truth = np.array([[high], [high / ratio]])
        shape = (2, design.pair_rate.shape[1])
        world = replace(design.world, rate=np.broadcast_to(truth, shape))
        return search.power(design.pair_layout, world, Outcome.FAIL, stream(search.seed))

    low, high = float(np.log(claim.at_most)), float(np.log(_LARGEST_RATIO))
    if power(high) < TARGET - NEAR:
        return None
    found = cross(power, (low + min(high, low + 1.0)) / 2.0, low, high, origin=low)
    return None if found is None else round(float(np.exp(found)), 3)


def _formula(design: Design, claim: RatioClaim, outcome: Outcome, settings: Settings) -> float | None:
    """People by the closed formula: for both demands of FAIL, or the easier of PASS.

    Returns:
        None where the truth lies on the edge of the claim.
    """
    high, low = np.sort(design.pair_rate.mean(axis=1))[::-1]
    depth = float(design.pair_layout.images.sum()) / len(design.pair_layout.person)
    fails = outcome is Outcome.FAIL
    floor = settings.fail_floor if fails else settings.pass_floor
    alike = design.world.alike
    reckoned = (1.0 + max(alike, floor) * (depth - 1.0)) / depth
    seen = (1.0 + alike * (depth - 1.0)) / depth
    if fails:
        quantile = float(range_quantile(design.family, 1e6, settings.alpha)) / np.sqrt(2.0)
    else:
        quantile = float(ndtri(1.0 - settings.alpha))
    needed = []
    for weight, shift in ((claim.at_most, 0.0), (1.0, claim.difference)):
        distance = high - weight * low - shift
        spread = high * (1.0 - high) + weight**2 * low * (1.0 - low)
        right = distance > 0 if fails else distance < 0
        people = (
            closed_formula(quantile, TARGET, reckoned * spread, seen * spread, distance) if right else np.inf
        )
        needed.append(people)
    formula = max(needed) if fails else min(needed)
    return formula if np.isfinite(formula) else None


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
    design: Design, claim: RatioClaim, outcome: Outcome, needed: Needed | None, settings: Settings
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
