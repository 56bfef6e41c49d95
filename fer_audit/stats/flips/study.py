"""How many people would decide an undecided excess, were people as they were observed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fer_audit.results import Outcome
from fer_audit.stats.association.permutation import derived_generator
from fer_audit.stats.differences.moments import moments
from fer_audit.stats.flips.excess import CHANGED, IDENTICAL, FlipPair, bound_excess
from fer_audit.stats.planning.power import TARGET
from fer_audit.stats.planning.search import MOST_PEOPLE, cross, stream
from fer_audit.stats.tally import Tally, canonical

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from fer_audit.stats.flips.excess import Excess
    from fer_audit.stats.settings import Settings

__all__ = ["FlipPlan", "plan_flips", "remark_blindness_to_flips"]

_VERSION = "flips-power-1"
_RUNS = 400
_FEWEST_RUNS = 100
# Persons drawn for one power: about a second a plan.
_PEOPLE = 400_000
_NOTHING = 1e-9
_POWER = f"{100 * TARGET:.0f} %"
_PLANTINGS = 200
_NOTICED = 0.5


@dataclass(frozen=True, slots=True)
class FlipPlan:
    """What would decide.

    Attributes:
        people: people needed at each level; None where no practical number decides.
        note: how it was found, as a line of a report.
    """

    people: int | None
    note: str


@dataclass(frozen=True, slots=True, eq=False)
class _World:
    """Observed people of one pair, who are drawn again: their flips of either kind, and their faces."""

    identical: NDArray[np.float64]
    changed: NDArray[np.float64]
    faces: float
    family: int


def plan_flips(
    excesses: Sequence[Excess], deciding: int, tolerance: float, settings: Settings, *, criterion: str
) -> FlipPlan:
    """Draw the observed people of the deciding pair again and again, ever more of them, and bound them.

    Where the estimate exceeds the tolerance the question is how many would FAIL it, else how many would PASS
    it with every pair like the deciding one.

    Args:
        excesses: every pair, without replicate axes.
        deciding: position of the pair that decides.
        tolerance: the excess allowed.
        settings: error rate and floors.
        criterion: the demand as written; part of the seed.
    """
    item = excesses[deciding]
    outcome = Outcome.FAIL if float(item.value) > tolerance else Outcome.PASS
    world = _world(item, len(excesses))
    seed = int(derived_generator(canonical(item.pair.tally), criterion, _VERSION).integers(2**62))

    def power(root: float) -> float:
        people, luck = round(root**2), stream(seed)
        return _power(people, world, outcome, tolerance=tolerance, settings=settings, generator=luck)

    goal = f"{outcome.name} {tolerance:g}"
    if abs(float(item.value) - tolerance) < _NOTHING:
        return FlipPlan(None, f"the observed excess equals the tolerance {tolerance:g}: no number decides it")
    low, high = settings.least_people**0.5, MOST_PEOPLE**0.5
    start = max(low, min(high, item.people**0.5 * 1.5))
    root = cross(power, start, low, high, origin=0.0)
    truth = f"if the true excess is {float(item.value):.3f}, as observed"
    if root is None:
        return FlipPlan(
            None,
            f"more than {MOST_PEOPLE:,} people would be needed to {goal} with {_POWER} power {truth}: it "
            "lies too near to be decided with any practical number of people",
        )
    people = round(root**2)
    return FlipPlan(
        people,
        f"about {people} people would {goal} with {_POWER} power {truth} and they flip as "
        "differently as these do (simulated by drawing these people again); more faces of the same people "
        "do not replace them",
    )


def remark_blindness_to_flips(
    excesses: Sequence[Excess], deciding: int, tolerance: float, settings: Settings, *, criterion: str
) -> tuple[str, ...]:
    """A line where the criterion would not notice twice its tolerance; nothing where it would.

    The positive control: answers of these very people are changed on so many more faces, chosen at random,
    that the excess of one pair of levels becomes twice the tolerance. A verdict that would not FAIL then says
    nothing when it does not.

    Args:
        excesses: every pair, without replicate axes.
        deciding: position of the pair that decides.
        tolerance: the excess allowed.
        settings: error rate and floors.
        criterion: the demand as written; part of the seed.
    """
    item = excesses[deciding]
    world = _world(item, len(excesses))
    room = 1 - float(item.changed)
    missing = 2 * tolerance - float(item.value)
    if missing <= 0 or missing >= room:
        return ()
    generator = derived_generator(canonical(item.pair.tally), criterion, f"{_VERSION}, control")
    faces = max(1, round(world.faces))
    struck = generator.binomial(faces, missing / room, (_PLANTINGS, item.people)) / faces
    changed = world.changed + (1 - world.changed) * struck
    found = _bounded(np.broadcast_to(world.identical, changed.shape), changed, world, settings)
    power = float(np.mean(found.lower > tolerance))
    if power >= _NOTICED:
        return ()
    return (
        f"positive control: an excess of {2 * tolerance:g}, planted in one pair of levels, FAILs in "
        f"{100 * power:.0f} % of {_PLANTINGS} plantings; this criterion would probably not notice it in "
        "these data",
    )


def _world(item: Excess, family: int) -> _World:
    found = moments(item.pair.tally, np.array([IDENTICAL, CHANGED]), np.flatnonzero(item.labels))
    people = len(found.units) // 2
    # The factor of an unbiased variance is put on again when the drawn people are judged.
    shrink = float(np.sqrt((people - 1) / people))
    sides = [
        rate + (values - rate) * shrink
        for rate, values in (
            (found.rate[IDENTICAL], found.value[:people]),
            (found.rate[CHANGED], found.value[people:]),
        )
    ]
    return _World(sides[0], sides[1], float(found.depth.min()), family)


def _power(
    people: int,
    world: _World,
    outcome: Outcome,
    *,
    tolerance: float,
    settings: Settings,
    generator: np.random.Generator,
) -> float:
    runs = max(_FEWEST_RUNS, min(_RUNS, _PEOPLE // people))
    identical, changed, weight = world.identical, world.changed, 0.0
    if not changed.any():
        # Nobody is taken never to flip: half a person more, who does so on one face.
        identical, changed = np.append(identical, 0.0), np.append(changed, 1 / max(world.faces, 1.0))
        weight = -0.5
    drawn = (generator.random((runs, people)) * (len(changed) + weight)).astype(np.int64)
    found = _bounded(identical[drawn], changed[drawn], world, settings)
    decided = found.lower > tolerance if outcome is Outcome.FAIL else found.upper <= tolerance
    return float(np.mean(decided))


def _bounded(
    identical: NDArray[np.float64], changed: NDArray[np.float64], world: _World, settings: Settings
) -> Excess:
    """Bounds of imagined people, shape (runs, people) of either kind, with as many pairs beside them."""
    people = identical.shape[1]
    tally = Tally(
        person=np.tile(np.arange(people), 2),
        level=np.repeat(np.array([IDENTICAL, CHANGED]), people),
        hits=np.concatenate([identical, changed], axis=1)[..., None] * world.faces,
        images=np.full((2 * people, 1), world.faces),
        levels=("identical", "changed"),
        labels=("",),
    )
    pair = FlipPair(0, 1, np.zeros((0, 2), dtype=np.int64), np.zeros(0), tally, 0)
    return bound_excess((pair,), settings, family=world.family)[0]
