"""The simulator judges thousands of tables at once; here each of 200 random ones is judged as an audit does."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from tables_of_worlds import counts_of

from fer_audit.results import Outcome
from fer_audit.stats.association.assessment import assess_association
from fer_audit.stats.differences.engine import compare
from fer_audit.stats.measures import Measure, accuracy, recall
from fer_audit.stats.ratios.comparison import RatioClaim, compare_ratios
from fer_audit.stats.settings import Settings
from fer_audit.stats.verdicts.gap import judge_gap
from fer_audit.stats.verdicts.ratio import judge_ratio
from simulation.effects import Alike, BetaPeople, FewBad, LogitNormalPeople
from simulation.questions import AskAssociation, AskGap, AskRatio, Property
from simulation.shapes import Crossed, Overlapping, SamePeople, Shape, Strangers
from simulation.worlds import World, draw

if TYPE_CHECKING:
    from fer_audit.stats.tally import Tally

CLAIM = RatioClaim(at_most=1.25, difference=0.05)
# Ten kinds of dataset, twenty tables each.
TABLES = 20
GENERATOR = np.random.default_rng(20240814)
HELD = ((1.0, 0.9, 0.8), (0.5, 0.9, 1.0), (0.9, 0.3, 0.9))


def world(shape: Shape, effect: Alike | BetaPeople | LogitNormalPeople | FewBad) -> World:
    """Rates apart by up to .3, so that all three outcomes occur."""
    rates = tuple(float(rate) for rate in np.round(0.92 - 0.3 * GENERATOR.random(shape.slices) ** 2, 3))
    return World(shape, rates, (effect,))


WORLDS = {
    "two slices, one image": world(Strangers((40, 60), (1, 1)), Alike()),
    "three slices, a label": world(Strangers((12, 60, 30), (2, 20)), BetaPeople(0.2)),
    "one slice too small": world(Strangers((7, 30, 20), (2, 6), 2), LogitNormalPeople(0.1)),
    "labels that some lack": world(Strangers((30, 40, 25), (1, 3), 3, HELD), BetaPeople(0.1)),
    "eight slices": world(Strangers((10, 12, 9, 20, 8, 15, 11, 13), (4, 4)), BetaPeople(0.05)),
    "a few bad people": world(Strangers((50, 50), (8, 8)), FewBad(0.05, 0.25)),
    "twins": world(SamePeople(24, 3, (3, 3)), BetaPeople(0.2)),
    "twins over labels": world(SamePeople(48, 2, (1, 2), 4), LogitNormalPeople(0.1)),
    "partly shared": world(Overlapping((30, 30, 24), 0.5, (4, 8)), BetaPeople(0.2)),
    "crossed": world(Crossed((14, 20), 2, (2, 2), 2), BetaPeople(0.2)),
}


def measure_of(tally: Tally) -> Measure:
    return recall("l0") if tally.conditional else accuracy


@pytest.mark.parametrize("name", WORLDS)
def test_bounds_with_a_replicate_axis_are_those_of_the_verdict_on_the_single_table(name: str) -> None:
    tally = draw(WORLDS[name], TABLES, np.random.default_rng(7))
    gaps, ratios = compare(tally, Settings()), compare_ratios(tally, CLAIM, Settings())
    pairs = np.flatnonzero(gaps.compared)
    for run in range(TABLES):
        counts, measure = counts_of(tally, run), measure_of(tally)
        gap = judge_gap(counts, measure, 0.1, Settings(), criterion="", plan=False)
        assert len(gap.comparisons) == len(pairs)
        for pair, seen in zip(pairs, gap.comparisons, strict=True):
            assert seen.estimate == pytest.approx(abs(gaps.difference[run, pair]), abs=1e-9)
            assert seen.lower == pytest.approx(gaps.lower[run, pair], abs=1e-9)
            assert seen.upper == pytest.approx(gaps.upper[run, pair], abs=1e-9)
        ratio = judge_ratio(counts, measure, CLAIM, Settings(), criterion="", plan=False)
        for pair, seen in zip(pairs, ratio.comparisons, strict=True):
            assert seen.lower == pytest.approx(ratios.lower[run, pair], rel=1e-6, abs=1e-9)
            assert seen.upper == pytest.approx(ratios.upper[run, pair], rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("name", WORLDS)
def test_what_a_question_counts_is_what_the_verdicts_say_one_by_one(name: str) -> None:
    subject = WORLDS[name]
    tally = draw(subject, TABLES, np.random.default_rng(9))
    found = {
        "gap": AskGap(0.1).count(subject, TABLES, np.random.default_rng(9)),
        "ratio": AskRatio(CLAIM).count(subject, TABLES, np.random.default_rng(9)),
    }
    seen = {key: dict.fromkeys((Property.FAIL, Property.PASS), 0) for key in found}
    capped = False
    for run in range(TABLES):
        counts, measure = counts_of(tally, run), measure_of(tally)
        verdicts = {
            "gap": judge_gap(counts, measure, 0.1, Settings(), criterion="", plan=False),
            "ratio": judge_ratio(counts, measure, CLAIM, Settings(), criterion="", plan=False),
        }
        for key, verdict in verdicts.items():
            capped |= bool(verdict.not_assessable)
            seen[key][Property.FAIL] += verdict.outcome is Outcome.FAIL
            seen[key][Property.PASS] += verdict.outcome is Outcome.PASS
    for key, events in found.items():
        assert events[Property.FAIL] == seen[key][Property.FAIL]
        # A slice that cannot be assessed keeps a verdict from PASS; the count leaves it out.
        assert capped or events[Property.PASS] == seen[key][Property.PASS]
        assert events[Property.PASS] >= seen[key][Property.PASS]


def test_the_tables_reach_all_three_outcomes() -> None:
    """Else the two tests above would compare nothing with nothing."""
    outcomes = set()
    for subject in WORLDS.values():
        tally = draw(subject, TABLES, np.random.default_rng(7))
        for run in range(TABLES):
            outcomes.add(
                judge_gap(
                    counts_of(tally, run), measure_of(tally), 0.1, Settings(), criterion="", plan=False
                ).outcome
            )
    assert outcomes == set(Outcome)


def test_an_association_is_counted_table_by_table() -> None:
    subject = World(Strangers((20, 24), (4, 4)), (0.9, 0.72), (BetaPeople(0.1),))
    question = AskAssociation(rearrangements=199)
    tally = draw(subject, 20, np.random.default_rng(3))
    single = sum(
        assess_association(
            replace(tally, hits=hits),
            0.05,
            Settings(),
            criterion="simulation",
            version="simulation",
            replicates=199,
        ).detected
        for hits in tally.hits
    )
    assert 0 < single < 20
    assert question.count(subject, 20, np.random.default_rng(3)) == {Property.DETECTED: single}


def test_bounds_on_the_wrong_side_are_counted_against_the_truth_of_the_world() -> None:
    """The same tables, told that the truth lies far above, have every upper bound on the wrong side."""
    subject = World(Strangers((60, 60), (8, 8)), (0.9, 0.85), (BetaPeople(0.1),))
    tally = draw(subject, 50, np.random.default_rng(4))
    events = AskGap(0.1).count(subject, 50, np.random.default_rng(4))
    found = compare(tally, Settings())
    assert events[Property.UPPER] == int((found.upper[:, 0] < 0.05).sum())
    assert events[Property.LOWER] == int((found.lower[:, 0] > 0.05).sum())
    ratios = compare_ratios(tally, CLAIM, Settings())
    events = AskRatio(CLAIM).count(subject, 50, np.random.default_rng(4))
    assert events[Property.UPPER] == int((ratios.upper[:, 0] < 0.9 / 0.85).sum())
