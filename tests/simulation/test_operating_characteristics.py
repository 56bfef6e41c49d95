"""How often a gap is wrong, and how often it sees what is there, on worlds beside those of the named cells."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tables_of_worlds import counts_of

from fer_audit.results import Outcome
from fer_audit.stats.differences.engine import compare
from fer_audit.stats.measures import accuracy
from fer_audit.stats.settings import Settings
from fer_audit.stats.verdicts.gap import judge_gap
from simulation.cells import Limit, count, misses
from simulation.effects import Alike, BetaPeople, Effect, LogitNormalPeople
from simulation.families.register import cells_named
from simulation.questions import AskGap, Property
from simulation.shapes import SamePeople, Strangers
from simulation.worlds import World, draw

RUNS = 400
TOLERANCE = 0.1
OTHER_MIXES = tuple((0.7,) * 4 if odd else (1.0,) * 4 for odd in (0, 1, 0, 1))

DESIGNS: dict[str, World] = {
    "two groups of unequal images, accuracy .5": World(Strangers((55, 54), (2, 20)), (0.5, 0.5)),
    "four groups with other label mixes": World(
        Strangers((22, 39, 20, 28), (1, 3), 4, OTHER_MIXES),
        (0.8075,) * 4,
        labels=(0.1725, 0.0425, -0.3075, 0.0925),
    ),
    "eight small groups, accuracy .98": World(
        Strangers((10, 12, 19, 19, 10, 10, 15, 13), (16, 16)), (0.98,) * 8
    ),
    "twins of four tones, accuracy .58": World(SamePeople(48, 4, (1, 1), 7), (0.58,) * 4),
}
KINDS: tuple[Effect, ...] = (Alike(), BetaPeople(0.2), LogitNormalPeople(0.2))


def lowered(world: World, slice_: int, by: float) -> World:
    rates = list(world.rates)
    rates[slice_] = round(rates[slice_] - by, 9)
    return replace(world, rates=tuple(rates))


@pytest.mark.parametrize("name", DESIGNS)
@pytest.mark.parametrize("kind", KINDS, ids=repr)
def test_a_fair_model_seldom_fails(name: str, kind: Effect) -> None:
    world = replace(DESIGNS[name], effects=(kind,))
    events = AskGap(TOLERANCE).count(world, RUNS, np.random.default_rng(1))
    assert not misses((Limit(Property.FAIL, at_most=0.05),), events, RUNS)


@pytest.mark.parametrize("name", DESIGNS)
@pytest.mark.parametrize("kind", KINDS, ids=repr)
def test_a_gap_at_the_tolerance_seldom_fails_and_seldom_passes(name: str, kind: Effect) -> None:
    world = lowered(replace(DESIGNS[name], effects=(kind,)), 0, TOLERANCE)
    events = AskGap(TOLERANCE).count(world, RUNS, np.random.default_rng(2))
    limits = (
        Limit(Property.FAIL, at_most=0.05),
        Limit(Property.PASS, at_most=0.065 if world.shape.shared else 0.055),
        Limit(Property.BOTH, at_most=0.0),
    )
    assert not misses(limits, events, RUNS)


@pytest.mark.parametrize(
    "shape", [Strangers((24, 30, 20, 28), (8, 16)), SamePeople(24, 4, (8, 16))], ids=repr
)
def test_thirty_points_in_one_slice_are_found_and_named(shape: Strangers | SamePeople) -> None:
    world = World(shape, (0.95, 0.95, 0.65, 0.95), (BetaPeople(0.1),))
    found = compare(draw(world, RUNS, np.random.default_rng(3)), Settings())
    failed = (found.lower > TOLERANCE).any(-1)
    worst = found.lower.argmax(-1)
    named = (found.layout.first[worst] == 2) | (found.layout.second[worst] == 2)
    assert (failed & named).sum() >= 0.9 * RUNS


def test_twelve_people_in_four_slices_are_inconclusive_with_a_number() -> None:
    world = World(Strangers((3, 3, 3, 3), (16, 16)), (0.9,) * 4, (BetaPeople(0.1),))
    tally = draw(world, 5, np.random.default_rng(5))
    for run in range(5):
        verdict = judge_gap(counts_of(tally, run), accuracy, TOLERANCE, Settings(), criterion="")
        assert verdict.outcome is Outcome.INCONCLUSIVE
        assert len(verdict.not_assessable) == 4
        assert set(verdict.people_needed) == set(tally.levels)
        assert min(verdict.people_needed.values()) >= 8


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_people_in_a_verdict_have_the_power_that_is_promised(seed: int) -> None:
    """The promise is "if the truth is as observed": that truth, drawn anew."""
    shape = Strangers((16, 16), (16, 16))
    drawn = draw(World(shape, (0.9, 0.65), (BetaPeople(0.1),)), 200, np.random.default_rng(seed))
    found = compare(drawn, Settings())
    undecided = (found.lower[:, 0] < TOLERANCE) & (found.alike[:, 0] > 0.05) & (found.difference[:, 0] > 0.2)
    run = int(np.flatnonzero(undecided)[0])
    verdict = judge_gap(counts_of(drawn, run), accuracy, TOLERANCE, Settings(), criterion="")
    (seen,) = verdict.comparisons
    people = verdict.people_needed[seen.a]
    truth = World(
        replace(shape, people=(people, people)), (seen.value_a, seen.value_b), (BetaPeople(seen.correlation),)
    )
    events = AskGap(TOLERANCE).count(truth, 2000, np.random.default_rng(100 + seed))
    assert 0.7 <= events[Property.FAIL] / 2000 <= 0.9


REFERENCE = (
    "reference: two genders of 55 and 54, no gap",
    "reference: two genders of 55 and 54, gap .2",
    "reference: 20 against 20, no gap",
    "reference: twins, 48 x 4 levels, accuracy .95, icc .1, no gap",
)


@pytest.mark.parametrize("name", REFERENCE)
def test_power_is_what_was_measured_when_the_method_was_chosen(name: str) -> None:
    (cell,) = cells_named((name,))
    assert not misses(cell.limits, count(cell, RUNS), RUNS)
