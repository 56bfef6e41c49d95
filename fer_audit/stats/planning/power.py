"""How likely a study is to reach a verdict, found by judging imagined tables with the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtri

from fer_audit.results import Outcome
from fer_audit.stats.differences.engine import compare
from fer_audit.stats.planning.worlds import draw
from fer_audit.stats.ratios.comparison import RatioClaim, compare_ratios

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fer_audit.stats.planning.worlds import World
    from fer_audit.stats.settings import Settings
    from fer_audit.stats.tally import Tally

__all__ = ["TARGET", "Claim", "affordable_runs", "closed_formula", "rate_beyond", "reach", "simulate_power"]

Claim = float | RatioClaim
"""What is claimed of any two slices: the largest gap, or the largest ratio with its difference."""

TARGET = 0.8
"""The power that is promised where nobody asks for another."""

_ROUNDING = 1e-12


def reach(
    table: Tally, claim: Claim, outcome: Outcome, settings: Settings, *, family: int | None = None
) -> NDArray[np.bool_]:
    """Whether each of many tables of one layout gets the verdict.

    Args:
        table: ``hits`` carry leading replicate axes.
        claim: the tolerance of a gap, or of a ratio.
        outcome: PASS or FAIL.
        settings: error rate and floors.
        family: slices over which FAIL is simultaneous, where the layout holds only some of them.

    Returns:
        Shape of the replicate axes. Nobody PASSes where a slice is too small or nothing is compared.
    """
    if isinstance(claim, RatioClaim):
        ratios = compare_ratios(table, claim, settings, family=family)
        found, fails, passes = ratios.differences, ratios.fails, ratios.passes
    else:
        allowed = claim if outcome is Outcome.PASS else 1.0
        found = compare(table, settings, family=family, allowed=allowed)
        fails, passes = found.lower > claim + _ROUNDING, found.upper <= claim + _ROUNDING
    if outcome is Outcome.FAIL:
        return np.asarray(fails[..., found.compared].any(axis=-1))
    assessed = bool(found.compared.any()) and bool(found.layout.assessable.all())
    return np.asarray(passes[..., found.compared].all(axis=-1) & assessed)


def simulate_power(
    layout: Tally,
    world: World,
    claim: Claim,
    outcome: Outcome,
    *,
    settings: Settings,
    generator: np.random.Generator,
    runs: int,
    family: int | None = None,
) -> float:
    """Probability that a layout of people and images reaches PASS, or FAIL, in a given world.

    Args:
        layout: people, slices and images; its hits are not read.
        world: what is true.
        claim: the tolerance of a gap, or of a ratio.
        outcome: PASS or FAIL.
        settings: error rate and floors.
        generator: the source of randomness.
        runs: imagined tables.
        family: slices over which FAIL is simultaneous, where the layout holds only some of them.
    """
    table = draw(layout, world, runs, generator)
    return float(reach(table, claim, outcome, settings, family=family).mean())


def affordable_runs(layout: Tally, cells: int, fewest: int, most: int) -> int:
    """How many imagined tables a budget allows.

    Args:
        layout: one table.
        cells: person-label cells that may be drawn in all.
        fewest: runs below which a power says nothing, whatever they cost.
        most: runs beyond which more say nothing new.
    """
    return int(np.clip(cells / max(layout.images.size, 1), fewest, most))


def rate_beyond(rate: float, claim: Claim) -> float | None:
    """The rate of a slice that is plainly unfair: twice the tolerance away from one of the given rate.

    For a ratio that is the tolerance squared, and at least twice the difference allowed. A gap is taken
    downwards and a ratio upwards where there is room, else the other way.

    Returns:
        None where rates between 0 and 1 leave no room either way.

    >>> rate_beyond(0.85, 0.1), rate_beyond(0.15, 0.1), rate_beyond(0.5, 0.3)
    (0.65, 0.35, None)
    >>> rate_beyond(0.08, RatioClaim(1.25, 0.05))
    0.18
    """
    if isinstance(claim, RatioClaim):
        ways = (
            max(rate * claim.at_most**2, rate + 2 * claim.difference),
            min(rate / claim.at_most**2, rate - 2 * claim.difference),
        )
    else:
        ways = (rate - 2 * claim, rate + 2 * claim)
    return next((round(way, 12) for way in ways if 0 < way < 1), None)


def closed_formula(critical: float, power: float, reckoned: float, seen: float, distance: float) -> float:
    """People a slice by (z_critical sigma_0 + z_power sigma_1)^2 / distance^2: where a search begins.

    Args:
        critical: standard errors that a decision takes.
        power: wanted.
        reckoned: variance of a difference between two people's values, as the bounds reckon it.
        seen: the same as it is.
        distance: between what is true and the tolerance, not 0.

    >>> round(closed_formula(1.645, 0.8, 0.25, 0.25, 0.1), 1)
    154.6
    """
    width = critical * np.sqrt(reckoned) + float(ndtri(power)) * np.sqrt(seen)
    return float((width / distance) ** 2)
