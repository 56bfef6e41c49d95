"""What an undecided verdict would take: people needed, and the gap that these data could have shown.

Both are found by judging imagined tables with the engine that judges real ones. A closed formula gives the
starting point only: by itself it promises 80 % power and delivers anything between 57 % and 94 %.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtri

from fer_audit.results import Outcome
from fer_audit.stats.differences.engine import compare
from fer_audit.stats.planning.design import Design, design_for
from fer_audit.stats.planning.worlds import World, draw, enlarge

if TYPE_CHECKING:
    from collections.abc import Callable

    from fer_audit.stats.differences.engine import Differences
    from fer_audit.stats.settings import Settings
    from fer_audit.stats.tally import Tally

__all__ = ["Plan", "gap_power", "plan_gap"]

_TARGET = 0.8
_NEAR = 0.02
_RUNS = 800
_FEWEST_RUNS = 100
_CELLS = 800_000  # person-label cells that are drawn for one power, unless that leaves too few runs
_TRIALS = 7
# Beyond this many cells a table, or people a slice, the starting formula stands and the note says so.
_MOST_CELLS = 8_000
_MOST_PEOPLE = 3000
_ROUNDING = 1e-12
_VERSION = b"gap-power-1"


@dataclass(frozen=True, slots=True)
class Plan:
    """What would decide an undecided gap.

    Attributes:
        people: people needed by slice; empty where no number of people decides.
        detectable: smallest true gap that these very people and images would FAIL with 80 % power; None
            where not even the largest would.
        notes: how both were found, as lines of a report.
    """

    people: tuple[tuple[str, int], ...]
    detectable: float | None
    notes: tuple[str, ...]


def plan_gap(tally: Tally, found: Differences, tolerance: float, settings: Settings) -> Plan:
    """How many people a slice would decide a gap that is still open, were the truth as observed.

    Where the estimate exceeds the tolerance the question is how many would FAIL it, else how many would
    PASS it. The randomness is derived from the data, so that the answer is a function of them.

    Args:
        tally: the table that was judged, without replicate axes.
        found: its comparisons.
        tolerance: the largest gap allowed.
        settings: error rate and floors.
    """
    generator = np.random.Generator(np.random.Philox(np.random.SeedSequence(_entropy(tally, tolerance))))
    design = design_for(tally, found, tolerance, settings)
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
        people = tuple((design.layout.levels[level], needed.people) for level in design.asked)
        notes.append(_describe(design, needed, tolerance))
    detectable = _detectable(design, tolerance, settings, generator) if design.compared else None
    if design.compared and detectable is None:
        notes.append(f"not even the largest gap would FAIL {tolerance:g} with 80 % power on these people")
    return Plan(people, detectable, tuple(notes))


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
) -> _Needed:
    """Newton's method on the probit scale, on which power is nearly linear in the root of the people."""
    fewest = settings.least_people
    start = max(design.formula, float(fewest))
    most = min(_MOST_PEOPLE, _MOST_CELLS / (len(design.layout.levels) * len(design.layout.labels)))
    if start > most:
        return _Needed(_rounded(start), simulated=False)
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
        return _Needed(_rounded(start), simulated=False)
    return _Needed(max(fewest, round(root**2)), simulated=True)


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


def _rounded(people: float) -> int:
    """Two significant digits upwards: a formula deserves no more."""
    size = 10 ** max(0, len(str(int(people))) - 2)
    return int(np.ceil(people / size) * size)


def _describe(design: Design, needed: _Needed, tolerance: float) -> str:
    how = "simulated" if needed.simulated else "by formula, not simulated"
    truth = f"if the true gap is {abs(design.gap):.3f}, as observed"
    if not design.compared:
        truth = f"if all slices are alike at the rate observed overall, {design.rate:.2f}"
    return (
        f"about {needed.people} people a slice would {design.outcome.name} {tolerance:g} with 80 % power "
        f"{truth}, and images of one person correlate by {design.world.alike:.2f}{design.assumed} ({how}); "
        "more images of the same people do not replace them"
    )


def _entropy(tally: Tally, tolerance: float) -> int:
    """A number that is the same for the same table and tolerance."""
    digest = blake2b(_VERSION, digest_size=16)
    for part in (tally.person, tally.level, tally.hits, tally.images):
        digest.update(np.ascontiguousarray(part).tobytes())
    digest.update(repr((tally.levels, tally.labels, tolerance)).encode())
    return int.from_bytes(digest.digest(), "big")
