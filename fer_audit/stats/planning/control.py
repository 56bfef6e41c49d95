"""The positive control: a known unfairness is planted in a copy of the data, and the criterion has to see it.

A criterion that would not notice a difference twice its tolerance says nothing when it does not FAIL.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from fer_audit.results import Outcome
from fer_audit.stats.association.permutation import derived_generator
from fer_audit.stats.differences.engine import compare
from fer_audit.stats.planning.power import affordable_runs, rate_beyond, reach
from fer_audit.stats.ratios.comparison import RatioClaim
from fer_audit.stats.tally import canonical

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from fer_audit.stats.planning.power import Claim
    from fer_audit.stats.settings import Settings
    from fer_audit.stats.tally import Tally

__all__ = ["Control", "control_association", "control_power", "plant"]

_PLANTINGS = 200
_FEWEST_PLANTINGS = 40
_CELLS = 300_000
_NOTICED = 0.5
_ROUNDING = 1e-12
_VERSION = "control-1"


@dataclass(frozen=True, slots=True)
class Control:
    """How a criterion did on data with a known unfairness.

    Attributes:
        planted: what was planted, in words.
        power: share of the plantings that the criterion FAILed; 0 where nothing is compared, None where rates
            leave no slice room for any.
        plantings: how many there were.
    """

    planted: str
    power: float | None
    plantings: int

    @property
    def blind(self) -> bool:
        """The criterion would probably not notice what was planted, or nothing could be planted."""
        return self.power is None or self.power < _NOTICED

    @property
    def note(self) -> str:
        """The control as one line of a report."""
        if not self.plantings and self.power is not None:
            return f"positive control: nothing is compared, so that {self.planted} would not be noticed"
        if self.power is None:
            return f"positive control: no slice has room for {self.planted}, so none was planted"
        told = (
            f"positive control: {self.planted}, planted in one slice at a time, FAILs in "
            f"{100 * self.power:.0f} % of {self.plantings} plantings"
        )
        if self.power < _NOTICED:
            return f"{told}; this criterion would probably not notice it in these data"
        return told


def control_power(tally: Tally, claim: Claim, settings: Settings) -> Control:
    """Plant twice the tolerance in one slice after the other, and count how often the criterion FAILs.

    Args:
        tally: the table that was judged, without replicate axes.
        claim: the tolerance of a gap, whose double is planted; or of a ratio, of which the square is, and at
            least twice the difference allowed.
        settings: error rate, floors and the fewest people.
    """

    def fails(copies: Tally) -> NDArray[np.bool_]:
        return reach(copies, claim, Outcome.FAIL, settings)

    return _control(tally, claim, settings, fails)


def control_association(tally: Tally, alpha: float, margin: float, settings: Settings) -> Control:
    """Plant twice the margin, and count how often an association is detected that is not negligible.

    Detection is a difference above 0 by the simultaneous bounds of a gap, to which the permutation test
    comes close: 200 tables of 9,999 rearrangements each would cost more than the verdict.

    Args:
        tally: the table that was judged, without replicate axes.
        alpha: level of the test.
        margin: the difference that is negligible.
        settings: floors and the fewest people.
    """
    detecting = replace(settings, alpha=alpha)

    def fails(copies: Tally) -> NDArray[np.bool_]:
        negligible = reach(copies, margin, Outcome.PASS, settings)
        return reach(copies, 0.0, Outcome.FAIL, detecting) & ~negligible

    return _control(tally, margin, settings, fails)


def plant(
    tally: Tally, level: int, *, rate: float, other: float, runs: int, generator: np.random.Generator
) -> Tally:
    """Copies of a table in which the rate of one slice has moved, answers of real people changed at random.

    Each hit is turned into a miss (or each miss into a hit) with one probability, so that who does well and
    whose images are alike stays as it was. Of an image asked about several times, a part of a hit is
    changed as one.

    Args:
        tally: without replicate axes.
        level: the slice.
        rate: what it has.
        other: what it shall have.
        runs: copies.
        generator: the source of randomness.

    Returns:
        ``hits`` of shape (runs, units, labels).
    """
    hits = np.broadcast_to(tally.hits, (runs, *tally.hits.shape)).copy()
    units = np.flatnonzero(tally.level == level)
    lost = other < rate
    pool = tally.hits[units] if lost else tally.images[units] - tally.hits[units]
    chance = (rate - other) / rate if lost else (other - rate) / (1 - rate)
    whole = np.floor(pool + _ROUNDING)
    part = np.maximum(pool - whole, 0.0)
    shape = (runs, *pool.shape)
    changed = generator.binomial(whole.astype(np.int64), chance, shape)
    changed = changed + part * (generator.random(shape) < chance)
    hits[:, units] += -changed if lost else changed
    return replace(tally, hits=hits)


def _control(
    tally: Tally, claim: Claim, settings: Settings, fails: Callable[[Tally], NDArray[np.bool_]]
) -> Control:
    planted = _planted(claim)
    table = canonical(tally)
    generator = derived_generator(table, repr(claim), _VERSION)
    found = compare(table, settings)
    if not found.compared.any():
        return Control(planted, 0.0, 0)
    rates = _rates(table)
    moves = [
        (level, rate, other)
        for level in np.flatnonzero(found.layout.assessable)
        if (other := rate_beyond(rate := float(rates[level]), claim)) is not None
    ]
    if not moves:
        return Control(planted, None, 0)
    runs = affordable_runs(table, _CELLS, _FEWEST_PLANTINGS, _PLANTINGS)
    each = -(-runs // len(moves))
    noticed = np.concatenate(
        [
            fails(plant(table, int(level), rate=rate, other=other, runs=each, generator=generator))
            for level, rate, other in moves
        ]
    )
    return Control(planted, float(noticed.mean()), len(noticed))


def _planted(claim: Claim) -> str:
    if isinstance(claim, RatioClaim):
        points = 200 * claim.difference
        return f"a ratio of {claim.at_most**2:.3g} that is {points:.3g} points or more"
    return f"a gap of {200 * claim:.3g} points"


def _rates(table: Tally) -> NDArray[np.float64]:
    """Shape (levels,): the measure in each slice, averaged over people and then over the labels it has."""
    held = table.images > 0
    answer = np.where(held, table.hits / np.where(held, table.images, 1), 0)
    total, holders = np.zeros((2, len(table.levels), table.images.shape[1]))
    np.add.at(total, table.level, answer)
    np.add.at(holders, table.level, held.astype(np.float64))
    labels = np.maximum((holders > 0).sum(axis=1), 1)
    return np.asarray((total / np.maximum(holders, 1)).sum(axis=1) / labels)
