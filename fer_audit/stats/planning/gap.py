"""What an undecided verdict would take: people needed, and the gap that these data could have shown.

Both are found by judging imagined tables with the engine that judges real ones. A closed formula gives the
starting point only: by itself it promises 80 % power and delivers anything between 57 % and 94 %.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtri

from fer_audit.results import Outcome
from fer_audit.stats.association.permutation import derived_generator
from fer_audit.stats.differences.engine import compare
from fer_audit.stats.planning.design import Design, design_for
from fer_audit.stats.planning.worlds import World, draw, enlarge
from fer_audit.stats.tally import canonical

if TYPE_CHECKING:
    from collections.abc import Callable

    from fer_audit.stats.settings import Settings
    from fer_audit.stats.tally import Tally

__all__ = ["MOST_PEOPLE", "Plan", "describe_hopeless", "gap_power", "plan_gap"]

MOST_PEOPLE = 3_000
"""People a slice beyond which no number is given: nobody asks them, and a formula does not know it."""

_TARGET = 0.8
_NEAR = 0.02
_RUNS = 800
_FEWEST_RUNS = 100
_CELLS = 800_000  # person-label cells that are drawn for one power, unless that leaves too few runs
_TRIALS = 7
# Beyond this many cells a table the starting formula stands and the note says so.
_MOST_CELLS = 20_000
_ROUNDING = 1e-12
_VERSION = "gap-power-2"


@dataclass(frozen=True, slots=True)
class Plan:
    """What would decide an undecided gap.

    Attributes:
        people: people needed by slice; empty where no practical number of people decides.
        detectable: smallest true gap that these very people and images would FAIL with 80 % power; None
            where not even the largest would.
        notes: how both were found, as lines of a report.
    """

    people: tuple[tuple[str, int], ...]
    detectable: float | None
    notes: tuple[str, ...]


def plan_gap(tally: Tally, tolerance: float, settings: Settings) -> Plan:
    """How many people a slice would decide a gap that is still open, were the truth as observed.

    Where the estimate exceeds the tolerance the question is how many would FAIL it, else how many would
    PASS it. The randomness is derived from the data, so that the answer is a function of them; names of
    people and slices and the order of rows are no data.

    Args:
        tally: the table that was judged, without replicate axes.
        tolerance: the largest gap allowed.
        settings: error rate and floors.
    """
    table = canonical(tally)
    generator = derived_generator(table, repr(tolerance), _VERSION)
    design = design_for(table, compare(table, settings), tolerance, settings)
    if design is None:
        return Plan(
            (), None, ("no number of people like these would decide: no two slices have a label in common",)
        )
    notes = []
    people: tuple[tuple[str, int], ...] = ()
    if abs(abs(design.gap) - tolerance) < _ROUNDING:
        notes.append(
            f"the observed gap equals the tolerance {tolerance:g}: no number of people decides that case"
        )
    else:
        needed = _people_needed(design, tolerance, settings, generator)
        if needed is not None:
            people = tuple((name, needed.people) for name in tally.levels if name in design.asked)
        notes.append(_describe(design, needed, tolerance))
        notes += [design.sampled] if design.sampled and people else []
    detectable = _detectable(design, tolerance, settings, generator) if design.compared else None
    if design.compared and detectable is None:
        notes.append(f"not even the largest gap would FAIL {tolerance:g} with 80 % power on these people")
    return Plan(people, detectable, tuple(notes))


def describe_hopeless(goal: str, truth: str, near: str) -> str:
    """The note instead of a number of people that nobody could ask.

    >>> describe_hopeless("PASS 0.1", "if the true gap is 0.099, as observed", "it lies too near 0.1")
    'more than 3,000 people a slice would be needed to PASS 0.1 with 80 % power if the true gap is 0.099, \
as observed: it lies too near 0.1 to be decided with any practical number of people'
    """
    return (
        f"more than {MOST_PEOPLE:,} people a slice would be needed to {goal} with 80 % power {truth}: "
        f"{near} to be decided with any practical number of people"
    )


def gap_power(
    layout: Tally,
    world: World,
    tolerance: float,
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
        tolerance: the largest gap allowed.
        outcome: PASS or FAIL.
        settings: error rate and floors.
        generator: the source of randomness.
        family: slices over which FAIL is simultaneous, where the layout holds only some of them.
        runs: imagined tables.
    """
    found = compare(draw(layout, world, runs, generator), settings, family=family)
    if outcome is Outcome.FAIL:
        reached = (found.lower[..., found.compared] > tolerance + _ROUNDING).any(-1)
    else:
        reached = (found.upper <= tolerance + _ROUNDING).all(-1)
        reached &= bool(found.compared.any()) and bool(found.layout.assessable.all())
    return float(reached.mean())


@dataclass(frozen=True, slots=True)
class _Needed:
    people: int
    simulated: bool


def _people_needed(
    design: Design, tolerance: float, settings: Settings, generator: np.random.Generator
) -> _Needed | None:
    """Newton's method on the probit scale, on which power is nearly linear in the root of the people.

    Returns:
        None where it takes more people than anybody asks.
    """
    fewest = settings.least_people
    start = max(design.formula, float(fewest))
    most = min(MOST_PEOPLE, _MOST_CELLS / (len(design.layout.levels) * len(design.layout.labels)))
    if start > most:
        return _by_formula(start)
    seed = generator.integers(2**63)

    def power(people: int) -> float:
        # The same luck for every number of people keeps the search from chasing noise.
        stream = np.random.Generator(np.random.Philox(np.random.SeedSequence(int(seed))))
        layout = enlarge(design.layout, people, stream)
        runs = int(np.clip(_CELLS / max(layout.images.size, 1), _FEWEST_RUNS, _RUNS))
        return gap_power(
            layout,
            design.world,
            tolerance,
            design.outcome,
            settings=settings,
            generator=stream,
            family=design.family,
            runs=runs,
        )

    root = _search(
        lambda x: power(round(x**2)),
        start**0.5,
        design.slope,
        float(fewest) ** 0.5,
        float(most) ** 0.5,
    )
    if root is None:
        # The formula promised too much; from the last number that was tried its slope leads on.
        reached = float(np.clip(power(int(most)), 0.01, 0.99))
        return _by_formula((most**0.5 + (float(ndtri(_TARGET)) - float(ndtri(reached))) / design.slope) ** 2)
    return _Needed(max(fewest, round(root**2)), simulated=True)


def _by_formula(people: float) -> _Needed | None:
    """Two significant digits upwards: a formula deserves no more."""
    size = 10 ** max(0, len(str(int(people))) - 2)
    number = int(np.ceil(people / size) * size)
    return _Needed(number, simulated=False) if number <= MOST_PEOPLE else None


def _detectable(
    design: Design, tolerance: float, settings: Settings, generator: np.random.Generator
) -> float | None:
    layout = design.pair_layout
    runs = int(np.clip(_CELLS / max(layout.images.size, 1), _FEWEST_RUNS, _RUNS))
    seed = generator.integers(2**63)

    def power(gap: float) -> float:
        stream = np.random.Generator(np.random.Philox(np.random.SeedSequence(int(seed))))
        world = design.with_gap(gap)
        return gap_power(
            layout,
            world,
            tolerance,
            Outcome.FAIL,
            settings=settings,
            generator=stream,
            family=design.family,
            runs=runs,
        )

    largest = design.largest_gap
    if largest <= tolerance or power(largest) < _TARGET:
        return None
    slope = 1 / design.standard_error
    start = tolerance + (design.critical + float(ndtri(_TARGET))) * design.standard_error
    root = _search(power, min(start, largest), slope, tolerance, largest)
    return None if root is None else round(float(root), 4)


def _search(
    power: Callable[[float], float], start: float, slope: float, low: float, high: float
) -> float | None:
    """Where a rising power crosses 80 %: probit steps, kept inside a shrinking bracket.

    Returns:
        None where the target lies above ``high``.
    """
    x, bounded = float(np.clip(start, low, high)), False
    for _ in range(_TRIALS):
        reached = power(x)
        if abs(reached - _TARGET) <= _NEAR:
            return x
        if reached < _TARGET:
            if x >= high:
                return None
            low = x
        else:
            high, bounded = x, True
            if x <= low:
                return x
        step = (float(ndtri(_TARGET)) - float(ndtri(np.clip(reached, 0.01, 0.99)))) / slope
        following = x + step
        if not low < following < high:
            following = (low + high) / 2 if bounded else min(2 * x, high)
        x = following
    return x


def _describe(design: Design, needed: _Needed | None, tolerance: float) -> str:
    truth = f"if the true gap is {abs(design.gap):.3f}, as observed"
    if not design.compared:
        truth = f"if all slices are alike at the rate observed overall, {design.rate:.2f}"
    if needed is None:
        near = f"{tolerance:g} is too small a gap"
        if design.compared:
            # Three digits may read as the tolerance itself.
            truth = f"if the true gap is {abs(design.gap):.4g}, as observed"
            near = f"it lies too near {tolerance:g}"
        return describe_hopeless(f"{design.outcome.name} {tolerance:g}", truth, near)
    how = "simulated" if needed.simulated else "by formula, not simulated"
    return (
        f"about {needed.people} people a slice would {design.outcome.name} {tolerance:g} with 80 % power "
        f"{truth}, and images of one person correlate by {design.world.alike:.2f}{design.assumed} ({how}); "
        f"{'what was observed is an estimate, and ' if design.compared else ''}another truth takes another "
        "number; more images of the same people do not replace them"
    )
