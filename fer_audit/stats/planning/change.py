"""How many people would decide an undecided change, were people to change as they were observed to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from fer_audit.results import Outcome
from fer_audit.stats.association.permutation import derived_generator
from fer_audit.stats.change.deterioration import deteriorations, together
from fer_audit.stats.differences.moments import moments
from fer_audit.stats.planning.gap import describe_hopeless
from fer_audit.stats.planning.power import TARGET
from fer_audit.stats.planning.search import cross, stream
from fer_audit.stats.tally import Tally, rounded

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fer_audit.stats.change.deterioration import Deterioration
    from fer_audit.stats.settings import Settings

__all__ = ["ChangePlan", "plan_change"]

_VERSION = "change-power-1"
_RUNS, _FEWEST_RUNS = 400, 100
# Persons drawn for one power: about a second a plan.
_PEOPLE = 400_000
# The floor of PASS takes nearly 1,500 people of a few pictures to exclude two points.
_MOST_PEOPLE = 3_000
_NOTHING = 1e-9


@dataclass(frozen=True, slots=True)
class ChangePlan:
    """What would decide.

    Attributes:
        people: people needed in the group that decides; None where no practical number does.
        note: how it was found, as a line of a report.
    """

    people: int | None
    note: str


@dataclass(frozen=True, slots=True, eq=False)
class _World:
    """Observed people of one group, who are drawn again: what each got before and now, on how many images."""

    before: NDArray[np.float64]
    now: NDArray[np.float64]
    images: float
    rising_is_worse: bool
    claims: int


def plan_change(
    before: Tally,
    now: Tally,
    deciding: Deterioration,
    margin: float,
    settings: Settings,
    *,
    claims: int,
    criterion: str,
) -> ChangePlan:
    """Draw the observed people of the deciding group again, ever more of them, and bound their change.

    Where the deterioration seen exceeds the margin the question is how many would FAIL it; else how many
    would PASS it so surely that all claims together, each like this one, PASS with 80 % power.

    Args:
        before: the earlier release, without replicate axes.
        now: this release.
        deciding: the group whose claim decides.
        margin: of that claim.
        settings: error rate, floor and the fewest people.
        claims: how many claims the verdict holds together.
        criterion: the demand as written; part of the seed.
    """
    worse = float(deciding.worse)
    outcome = Outcome.FAIL if worse > margin else Outcome.PASS
    goal = f"{outcome.name} {margin:g}"
    if abs(worse - margin) < _NOTHING:
        return ChangePlan(None, f"the change observed equals the margin {margin:g}: no number decides it")
    world = _observe(before, now, deciding, claims)
    people = _table(np.stack([world.before, world.now], axis=1), world.images)
    seed = int(derived_generator(people, criterion, _VERSION).integers(2**62))
    target = TARGET if outcome is Outcome.FAIL else 1 - (1 - TARGET) / claims

    def power(root: float) -> float:
        return _power(round(root**2), world, outcome, margin, settings=settings, generator=stream(seed))

    low, high = settings.least_people**0.5, _MOST_PEOPLE**0.5
    start = float(np.clip(1.5 * deciding.people**0.5, low, high))
    root = cross(power, start, low, high, origin=0.0, target=target)
    truth = f"if the true change is {worse:+.3f}, as observed"
    if root is None:
        return ChangePlan(None, describe_hopeless(goal, truth, f"it lies too near {margin:g}"))
    needed = round(root**2)
    who = f"in {deciding.name}" if deciding.name else "in all"
    return ChangePlan(
        needed,
        f"about {needed} people {who} would {goal} with 80 % power {truth} and people change as these do "
        "(simulated by drawing these people again); more images of the same people do not replace them",
    )


def _observe(before: Tally, now: Tally, deciding: Deterioration, claims: int) -> _World:
    """The people behind a deterioration, each with his own mean over the labels compared."""
    if deciding.name:
        then, this, level = before, now, now.levels.index(deciding.name)
    else:
        then, this, level = together(before), together(now), 0
    labels = np.flatnonzero(deciding.labels)
    values, depth = [], []
    for tally in (then, this):
        here = (tally.level == level) & np.isin(tally.person, deciding.person)
        part = replace(
            tally,
            person=tally.person[here],
            level=np.zeros(int(here.sum()), dtype=np.int64),
            hits=tally.hits[here],
            images=tally.images[here],
            levels=(deciding.name,),
        )
        found = moments(part, np.array([0]), labels)
        order = np.argsort(part.person[found.units])
        people = len(found.units)
        # The factor of an unbiased variance is put on again when the drawn people are judged.
        shrink = float(np.sqrt((people - 1) / people))
        values.append(found.rate[0] + (found.value[order] - found.rate[0]) * shrink)
        depth.append(float(found.depth[0]))
    # By what they got, so that neither names nor the order of rows decide who is drawn.
    order = np.lexsort((rounded(values[1]), rounded(values[0])))
    return _World(values[0][order], values[1][order], min(depth), deciding.rising_is_worse, claims)


def _table(values: NDArray[np.float64], images: float) -> Tally:
    people, columns = values.shape[-2:]
    return Tally(
        person=np.arange(people),
        level=np.zeros(people, dtype=np.int64),
        hits=values * images,
        images=np.full((people, columns), images),
        levels=("",),
        labels=tuple(str(column) for column in range(columns)),
    )


def _power(
    people: int,
    world: _World,
    outcome: Outcome,
    margin: float,
    *,
    settings: Settings,
    generator: np.random.Generator,
) -> float:
    runs = max(_FEWEST_RUNS, min(_RUNS, _PEOPLE // people))
    drawn = generator.integers(len(world.before), size=(runs, people))
    then, this = (_table(side[drawn][..., None], world.images) for side in (world.before, world.now))
    found = deteriorations(then, this, settings, rising_is_worse=world.rising_is_worse, claims=world.claims)
    decided = found[0].lower > margin if outcome is Outcome.FAIL else found[0].upper <= margin
    return float(np.mean(decided))
