"""How often a ratio and a permutation test are wrong, and how often they see what is there.

Worlds beside those of the named cells; ratios go with the tables on the replicate axis, permutations table by
table. Seeds are fixed.
"""

from __future__ import annotations

import numpy as np
import pytest

from fer_audit.stats.ratios.comparison import RatioClaim, compare_ratios
from fer_audit.stats.settings import Settings
from simulation.cells import Limit, misses
from simulation.effects import Alike, BetaPeople
from simulation.questions import AskAssociation, AskRatio, Property
from simulation.shapes import Overlapping, SamePeople, Strangers, Uneven
from simulation.worlds import World, draw

RUNS = 400
TABLES = 200
CLAIM = RatioClaim(at_most=1.25, difference=0.05)
SETTINGS = Settings()
TEST = AskAssociation(rearrangements=99)

ALIKE_05, ALIKE_1, ALIKE_2 = (BetaPeople(0.05),), (BetaPeople(0.1),), (BetaPeople(0.2),)
RACES = (22, 39, 20, 28)

FAIR = {
    "confusion, two images, people alike 0": World(Strangers(RACES, (2, 2)), (0.3,) * 4),
    "confusion, two images, people alike .2": World(Strangers(RACES, (2, 2)), (0.3,) * 4, ALIKE_2),
    "confusion, unequal images": World(Strangers((20, 20), (1, 12)), (0.4, 0.4), ALIKE_1),
    "accuracy over seven labels": World(Strangers((11, 18, 20, 10), (2, 2), 7), (0.85,) * 4, ALIKE_2),
    "the same people": World(SamePeople(24, 3, (4, 4)), (0.5,) * 3, ALIKE_2),
    "some of the same people": World(Overlapping((24, 24), 0.5, (4, 4)), (0.5, 0.5), ALIKE_2),
}


@pytest.mark.parametrize("name", FAIR)
def test_a_fair_world_fails_in_at_most_5_percent(name: str) -> None:
    events = AskRatio(CLAIM).count(FAIR[name], RUNS, np.random.default_rng(1))
    limits = (Limit(Property.FAIL, at_most=0.05), Limit(Property.BOTH, at_most=0.0))
    assert not misses(limits, events, RUNS)


# Each lies on the edge of the claim: the ratio is 1.25 and the difference at least .05, or the reverse.
EDGE = {
    "ratio, common event": World(Strangers((40, 40), (2, 2)), (0.8, 0.64), ALIKE_2),
    "ratio, eight against sixty": World(Strangers((60, 8), (16, 16)), (0.75, 0.6), ALIKE_1),
    "difference, rare event": World(Strangers((40, 40), (4, 4)), (0.08, 0.03), ALIKE_1),
    "corner, where both routes to PASS meet": World(Strangers((150, 150), (4, 4)), (0.25, 0.2), ALIKE_05),
    "accuracy over seven labels": World(Strangers((30, 20), (1, 1), 7), (0.9, 0.72), ALIKE_2),
    "the same people": World(SamePeople(48, 2, (4, 4)), (0.75, 0.6), ALIKE_2),
    "the same people at the corner": World(SamePeople(48, 2, (8, 8)), (0.25, 0.2), ALIKE_05),
    "some of the same people": World(Overlapping((40, 40), 0.5, (4, 4)), (0.75, 0.6), ALIKE_2),
    "some who do well in one and badly in the other": World(
        Overlapping((40, 40), 0.5, (8, 8)), (0.75, 0.6), ALIKE_2, opposed=True
    ),
}


@pytest.mark.parametrize("name", EDGE)
def test_on_the_edge_of_the_claim_neither_fail_nor_pass_exceeds_its_limit(name: str) -> None:
    events = AskRatio(CLAIM).count(EDGE[name], RUNS, np.random.default_rng(2))
    generous = "corner" in name or "same people" in name
    limits = (
        Limit(Property.FAIL, at_most=0.05),
        Limit(Property.PASS, at_most=0.065 if generous else 0.055),
        Limit(Property.BOTH, at_most=0.0),
    )
    assert not misses(limits, events, RUNS)


def test_a_large_ratio_in_one_slice_fails_and_the_pair_is_named() -> None:
    world = World(Strangers((25, 25, 20, 30), (4, 4)), (0.2, 0.2, 0.75, 0.2), ALIKE_1)
    found = compare_ratios(draw(world, RUNS, np.random.default_rng(3)), CLAIM, SETTINGS)
    layout = found.differences.layout
    with_it = (layout.first == 2) | (layout.second == 2)
    assert found.fails.any(axis=-1).mean() >= 0.9
    assert found.fails[:, with_it].sum() > 0
    others = {Property.FAIL: int(found.fails[:, ~with_it].any(axis=-1).sum())}
    assert not misses((Limit(Property.FAIL, at_most=0.05),), others, RUNS)


def test_equal_rates_of_many_people_pass() -> None:
    world = World(Strangers((200, 200), (4, 4)), (0.5, 0.5), ALIKE_1)
    assert AskRatio(CLAIM).count(world, 200, np.random.default_rng(4))[Property.PASS] >= 180


HELD = ((1.0,) * 4, (0.4, 0.6, 0.9, 0.9))
UNASSOCIATED = {
    "four slices, people alike 0": World(Strangers((22, 26, 20, 28), (2, 2), 3), (0.8,) * 4, (Alike(),)),
    "four slices, people alike .2": World(Strangers((22, 26, 20, 28), (2, 2), 3), (0.9,) * 4, ALIKE_2),
    "two equal slices, one noisier": World(
        Strangers((20, 20), (16, 16)), (0.85,) * 2, (BetaPeople(0.02), BetaPeople(0.2))
    ),
    "a small noisy slice": World(
        Strangers((60, 10), (16, 16)), (0.85,) * 2, (BetaPeople(0.02), BetaPeople(0.3))
    ),
    "labels that one slice lacks": World(Strangers((40, 30), (2, 2), 4, HELD), (0.7,) * 2, ALIKE_1),
    "the same people": World(SamePeople(20, 3, (4, 4)), (0.7,) * 3, ALIKE_2),
    "some of the same people": World(Overlapping((24, 24), 0.5, (4, 4)), (0.7,) * 2, ALIKE_2),
}


@pytest.mark.parametrize("name", UNASSOCIATED)
def test_where_nothing_is_associated_at_most_5_percent_are_detected(name: str) -> None:
    events = TEST.count(UNASSOCIATED[name], TABLES, np.random.default_rng(5))
    assert not misses((Limit(Property.DETECTED, at_most=0.05),), events, TABLES)


def test_slices_that_differ_in_images_by_less_than_twice_are_exchanged_with_care() -> None:
    """Three images of people alike against six of others: without confirmation 11 % would be detected."""
    world = World(Uneven((20, 28), (3, 6)), (0.95,) * 2, (BetaPeople(0.3), BetaPeople(0.02)))
    events = TEST.count(world, 600, np.random.default_rng(5))
    assert not misses((Limit(Property.DETECTED, at_most=0.05),), events, 600)


ASSOCIATED = {
    "one of four slices": World(Strangers((22, 26, 20, 28), (2, 2), 3), (0.6, 0.8, 0.8, 0.8), ALIKE_1),
    "a small slice": World(Strangers((60, 15), (8, 8)), (0.9, 0.55), ALIKE_1),
    "slices of unequal images": World(Uneven((20, 28), (3, 6)), (0.6, 0.9), ALIKE_1),
    "the same people": World(SamePeople(24, 2, (8, 8)), (0.75, 0.6), ALIKE_2),
}


@pytest.mark.parametrize("name", ASSOCIATED)
def test_a_planted_association_is_detected(name: str) -> None:
    events = TEST.count(ASSOCIATED[name], TABLES, np.random.default_rng(6))
    assert events[Property.DETECTED] >= 0.8 * TABLES
