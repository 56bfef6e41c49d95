"""Where a simulated power crosses its target: one search for people, for gaps and for ratios."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtri

from fer_audit.stats.planning.power import TARGET, affordable_runs, simulate_power
from fer_audit.stats.planning.worlds import enlarge

if TYPE_CHECKING:
    from collections.abc import Callable

    from fer_audit.results import Outcome
    from fer_audit.stats.planning.design import Design
    from fer_audit.stats.planning.power import Claim
    from fer_audit.stats.planning.worlds import World
    from fer_audit.stats.settings import Settings
    from fer_audit.stats.tally import Tally

__all__ = ["MOST_PEOPLE", "NEAR", "DesignSearch", "Needed", "cross", "find_people", "stream"]

MOST_PEOPLE = 3_000
"""People a slice beyond which no number is given: nobody asks them, and a formula does not know it."""

NEAR = 0.02
"""How far from the power promised that of the number found may be, by its own simulation."""

_TRIALS = 8
# Person-label cells that are drawn for one power, unless that leaves too few runs: about a second a plan.
_CELLS = 800_000
_FEWEST_RUNS = 100
# About how many standard errors a decision takes: where the probit of power begins.
_CRITICAL = 2.0
# A formula that is off by more than this factor has met a world in which no number of people decides.
_FARTHEST = 12.0
# Beyond this many cells a table the formula stands and the note says so.
_MOST_CELLS = 20_000


@dataclass(frozen=True, slots=True)
class Needed:
    """People a slice.

    Attributes:
        people: None where it takes more than anybody asks.
        simulated: found by simulation; False where tables of that size are too large to imagine many.
    """

    people: int | None
    simulated: bool = True


def find_people(
    layout: Tally,
    power: Callable[[Tally, np.random.Generator], float],
    formula: float,
    *,
    fewest: int,
    seed: int,
    target: float = TARGET,
    near: float = NEAR,
) -> Needed | None:
    """The people a slice with which a kind of table reaches the target power.

    Args:
        layout: whose people are copied.
        power: of a layout of some size, with the randomness to use.
        formula: people by the closed formula.
        fewest: people below which a slice is not assessed.
        seed: every size is tried with the same luck, which keeps the search from chasing noise.
        target: the power wanted.
        near: how far from it the power may be.

    Returns:
        None where no number of people was found at all.
    """
    affordable = max(float(fewest), _MOST_CELLS / (len(layout.levels) * len(layout.labels)))
    start = max(formula, float(fewest))
    if start > min(affordable, MOST_PEOPLE):
        return _by_formula(start)
    most = min(_FARTHEST * start, affordable, float(MOST_PEOPLE))

    tried: dict[int, float] = {}

    def power_of(root: float) -> float:
        people = round(root**2)
        if people not in tried:
            generator = stream(seed)
            tried[people] = power(enlarge(layout, people, generator), generator)
        return tried[people]

    root = cross(power_of, start**0.5, fewest**0.5, most**0.5, origin=0.0, target=target, near=near)
    if root is not None:
        people = max(fewest, round(root**2))
        if power_of(people**0.5) < target - near:
            # Between two neighbours power may leap over the target: promise no less than it.
            people = min((n for n, reached in tried.items() if reached > target), default=people)
        return Needed(people)
    if most >= MOST_PEOPLE:
        return Needed(None)
    if most < affordable:
        return None
    # Too large a table to go on: from the last one that was tried the probit leads on.
    return _by_formula(
        most * ((_probit(target) + _CRITICAL) / (_probit(power_of(most**0.5)) + _CRITICAL)) ** 2
    )


def stream(seed: int) -> np.random.Generator:
    """Random numbers that begin anew at every call."""
    return np.random.Generator(np.random.Philox(np.random.SeedSequence(seed)))


@dataclass(frozen=True, slots=True)
class DesignSearch:
    """What is tried on the imagined study of one undecided verdict.

    Attributes:
        design: the study.
        claim: the tolerance of a gap, or of a ratio.
        outcome: the verdict asked for.
        settings: error rate and floors.
        seed: the luck of every trial.
        runs: imagined tables of one trial, at most.
    """

    design: Design
    claim: Claim
    outcome: Outcome
    settings: Settings
    seed: int
    runs: int

    def people(self, formula: float) -> Needed | None:
        """People a slice, from where the closed formula says; None where no number was found."""

        def power(layout: Tally, generator: np.random.Generator) -> float:
            return self.power(layout, self.design.world, self.outcome, generator)

        fewest = self.settings.least_people
        return find_people(self.design.layout, power, formula, fewest=fewest, seed=self.seed)

    def power(self, layout: Tally, world: World, outcome: Outcome, generator: np.random.Generator) -> float:
        """Of a layout in a world."""
        return simulate_power(
            layout,
            world,
            self.claim,
            outcome,
            settings=self.settings,
            generator=generator,
            runs=affordable_runs(layout, _CELLS, _FEWEST_RUNS, self.runs),
            family=self.design.family,
        )


@dataclass(frozen=True, slots=True)
class _Tried:
    """A value that was tried, and the probit of the power it has."""

    x: float
    probit: float


def cross(
    power: Callable[[float], float],
    start: float,
    low: float,
    high: float,
    *,
    origin: float,
    target: float = TARGET,
    near: float = NEAR,
) -> float | None:
    """Where a rising power crosses its target, its probit being about linear in the distance from an origin.

    Args:
        power: of a value between ``low`` and ``high``.
        start: where to begin.
        low: the least value; it is returned where its power exceeds the target.
        high: the largest value.
        origin: where nothing but the error rate is left of the power.
        target: the power wanted.
        near: how far from it the power may be.

    Returns:
        None where the target lies above ``high``.

    >>> from scipy.special import ndtr
    >>> found = cross(lambda x: float(ndtr(x / 3 - 2)), 1.0, 0.0, 100.0, origin=0.0)
    >>> round(float(ndtr(found / 3 - 2)), 1)
    0.8
    """
    x = float(np.clip(start, low, high))
    below: _Tried | None = None
    above: _Tried | None = None
    for _ in range(_TRIALS):
        reached = power(x)
        if abs(reached - target) <= near:
            return x
        tried = _Tried(x, _probit(reached))
        if reached < target:
            if x >= high:
                return None
            below = tried
        else:
            if x <= low:
                return x
            above = tried
        if below is None or above is None:
            seen = max(tried.probit + _CRITICAL, 1.0)
            x = float(np.clip(origin + (x - origin) * (_probit(target) + _CRITICAL) / seen, low, high))
        else:
            share = (_probit(target) - below.probit) / (above.probit - below.probit)
            # A little inside the bracket, for a power at its end of scale says little about where it left it.
            x = below.x + (above.x - below.x) * float(np.clip(share, 0.1, 0.9))
    return x


def _probit(power: float) -> float:
    return float(ndtri(np.clip(power, 0.005, 0.995)))


def _by_formula(people: float) -> Needed:
    """Two significant digits upwards: a formula deserves no more."""
    size = 10 ** max(0, len(str(int(people))) - 2)
    number = int(np.ceil(people / size) * size)
    return Needed(number if number <= MOST_PEOPLE else None, simulated=False)
