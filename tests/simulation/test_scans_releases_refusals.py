"""What the questions about scans, releases and refusals count is what the verdicts say, table by table."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from tables_of_worlds import counts_of

from fer_audit.results import Outcome
from fer_audit.stats.change.deterioration import change_of_gap, deteriorations
from fer_audit.stats.measures import accuracy, misclassification
from fer_audit.stats.settings import Settings
from fer_audit.stats.verdicts.change import judge_change
from fer_audit.stats.verdicts.gap import judge_gap
from fer_audit.stats.verdicts.scan import judge_scan
from simulation.confusions import OTHER, Confusions, count_responses, draw_confused
from simulation.effects import Alike, BetaPeople
from simulation.non_answers import AskNonAnswers, Refused, draw_unanswered
from simulation.questions import Property
from simulation.releases import AskChange, AskChangeOfGap, Twice, draw_releases
from simulation.scans import AskScan
from simulation.shapes import Overlapping, SamePeople, Strangers
from simulation.worlds import World

if TYPE_CHECKING:
    from simulation.shapes import Shape

STRICT = Settings()


def test_misread_pictures_go_to_the_favourites_and_the_planted_ones_to_the_second_label() -> None:
    world = World(Strangers((40, 40), (2, 4), 3), (0.75, 0.6), (BetaPeople(0.1),))
    tables = draw_confused(world, Confusions(own=4.0, planted=0.3), 300, np.random.default_rng(1))
    cells = np.mean([table.cells for table in tables], axis=0)
    images = tables[0].cells.sum(-1)
    assert all(np.array_equal(table.cells.sum(-1), images) for table in tables)
    assert tables[0].predicted == ("l0", "l1", "l2", OTHER)
    share = [
        cells[tables[0].level == level].sum(0) / images[tables[0].level == level].sum(0)[:, None]
        for level in (0, 1)
    ]
    favourites = Confusions().favourites(3)
    assert favourites.sum(axis=1) == pytest.approx(np.ones(3))
    expected = [np.eye(3, 4) * rate + (1 - rate) * favourites for rate in (0.75, 0.6)]
    expected[0][0, 0] -= 0.3
    expected[0][0, 1] += 0.3
    for seen, right in zip(share, expected, strict=True):
        assert seen[:, :4] == pytest.approx(right, abs=0.015)


def test_a_person_who_is_taken_for_afraid_once_is_so_again() -> None:
    """The smaller the concentration, the more often two misread pictures of a person get the same label."""
    world = World(Strangers((60,), (2, 2), 2), (0.01,))
    same = []
    for own in (0.3, 1e4):
        tables = draw_confused(world, Confusions(own=own), 100, np.random.default_rng(2))
        wrong = np.stack([table.cells[:, 0, 1:3] for table in tables])
        same.append(float((wrong == 2).any(-1).mean()))
    # Two in three misread pictures get the first favourite: alike in 5 of 9 by chance.
    assert same[0] > 0.85
    assert same[1] == pytest.approx(5 / 9, abs=0.03)


@pytest.mark.parametrize("planted", [0.0, 0.5])
def test_a_scan_is_counted_as_its_verdict_says(planted: float) -> None:
    world = World(Strangers((30, 30), (2, 2), 2), (0.75, 0.75), (BetaPeople(0.1),))
    question = AskScan(Confusions(planted=planted), rearrangements=199)
    events = question.count(world, 4, np.random.default_rng(3))
    tables = draw_confused(world, question.confusions, 4, np.random.default_rng(3))
    verdicts = [
        judge_scan(table, alpha=0.05, margin=None, settings=STRICT, criterion="scan") for table in tables
    ]
    failed = [verdict for verdict in verdicts if verdict.outcome is Outcome.FAIL]
    # By the seed one of the four fair tables is a false finding, for the question as for the verdict.
    assert len(failed) == (4 if planted else 1)
    if not planted:
        assert events == {Property.FALSE_FINDING: 1, Property.NAMED: 0}
        return
    assert events == {Property.FALSE_FINDING: 0, Property.NAMED: 4}
    for verdict in failed:
        assert verdict.comparisons[0].measure == repr(misclassification("l0", "l1"))
        assert verdict.comparisons[0].a == "s0"


def test_a_scan_that_blames_what_is_equal_is_counted() -> None:
    """Told that nothing was planted, the same tables hold nothing but false findings."""
    world = World(Strangers((30, 30), (2, 2), 2), (0.9, 0.4))
    events = AskScan(rearrangements=99).count(world, 5, np.random.default_rng(4))
    assert events == {Property.FALSE_FINDING: 5, Property.NAMED: 0}


SHAPES: dict[str, Shape] = {
    "strangers": Strangers((60, 40), (4, 8)),
    "twins": SamePeople(40, 2, (4, 8), 2),
    "partly shared": Overlapping((40, 40), 0.5, (6, 6)),
}


@pytest.mark.parametrize("name", SHAPES)
def test_releases_are_counted_as_their_verdicts_say(name: str) -> None:
    """Margins are wide enough, and drops far enough apart, for all three outcomes."""
    shape, found = SHAPES[name], set()
    for drops in ((0.0, 0.0), (0.1, 0.0), (0.2, 0.1)):
        world = World(
            Twice(shape), (0.85, 0.85, *(round(0.85 - drop, 9) for drop in drops)), (BetaPeople(0.1),)
        )
        question = AskChange(overall=0.1, each=0.1)
        events = question.count(world, 12, np.random.default_rng(5))
        drawn = draw_releases(world, 12, np.random.default_rng(5))
        outcomes = [
            judge_change(
                counts_of(drawn.now, run),
                counts_of(drawn.before, run),
                accuracy,
                overall=0.1,
                each=0.1,
                settings=STRICT,
                criterion="",
            ).outcome
            for run in range(12)
        ]
        assert events[Property.FAIL] == outcomes.count(Outcome.FAIL)
        assert events[Property.PASS] == outcomes.count(Outcome.PASS)
        assert events[Property.BOTH] == 0
        found |= set(outcomes)
    assert found == set(Outcome)


def test_bounds_of_a_deterioration_are_held_against_the_truth_of_the_world() -> None:
    """Some of the people of each slice are in both: everybody's drop is the mean over people."""
    world = World(Twice(Overlapping((40, 30), 0.5, (6, 6))), (0.9, 0.9, 0.8, 0.7), (BetaPeople(0.1),))
    drawn = draw_releases(world, 200, np.random.default_rng(6))
    found = deteriorations(drawn.before, drawn.now, STRICT, rising_is_worse=False)
    # 20 people of the first slice alone, 20 of both, 10 of the second alone.
    truth = (0.14, 0.1, 0.2)
    assert [float(item.worse.mean()) for item in found] == pytest.approx(truth, abs=0.01)
    above = np.any([item.lower > drop for item, drop in zip(found, truth, strict=True)], axis=0)
    events = AskChange(overall=0.02, each=0.05).count(world, 200, np.random.default_rng(6))
    assert events[Property.LOWER] == int(above.sum())
    # The second slice lies farthest beyond its margin, and with wide margins of slices everybody does.
    assert events[Property.UPPER] == int((found[2].upper < 0.2).sum())
    events = AskChange(overall=0.02, each=0.5).count(world, 200, np.random.default_rng(6))
    assert events[Property.UPPER] == int((found[0].upper < 0.14).sum()) > 0
    assert int((found[0].upper < 0.15).sum()) > int((found[0].upper < 0.14).sum())


def test_the_interval_of_a_change_of_a_gap_is_held_against_the_truth() -> None:
    world = World(Twice(SHAPES["twins"]), (0.9, 0.8, 0.8, 0.9), (BetaPeople(0.1),), joined=0.5)
    drawn = draw_releases(world, 100, np.random.default_rng(7))
    _, first, second = deteriorations(drawn.before, drawn.now, STRICT, rising_is_worse=False)
    found = change_of_gap(first, second)
    covered = int(((found.lower <= -0.2) & (found.upper >= -0.2)).sum())
    events = AskChangeOfGap().count(world, 100, np.random.default_rng(7))
    assert events == {Property.COVERED: covered}
    assert 85 <= covered < 100


def test_two_releases_see_the_same_people_and_with_the_same_luck_answer_alike() -> None:
    world = World(Twice(Strangers((5, 7), (1, 4))), (0.7, 0.6, 0.7, 0.6), (Alike(),), same_luck=True)
    drawn = draw_releases(world, 3, np.random.default_rng(8))
    assert np.array_equal(drawn.before.person, drawn.now.person)
    assert np.array_equal(drawn.before.images, drawn.now.images)
    assert drawn.now.level.tolist() == [0] * 5 + [1] * 7
    assert drawn.now.levels == ("s0", "s1")
    assert np.array_equal(drawn.before.hits, drawn.now.hits)
    other = draw_releases(replace(world, same_luck=False), 3, np.random.default_rng(8))
    assert not np.array_equal(other.before.hits, other.now.hits)


def test_refusals_take_the_shares_they_are_said_to_take() -> None:
    world = World(Strangers((50, 50), (8, 8)), (0.9, 0.8), (BetaPeople(0.1),))
    refused = Refused((0.1, 0.2), (0.5, 0.25), touchy=0.5)
    drawn = draw_unanswered(world, refused, 400, np.random.default_rng(9))
    for level in (0, 1):
        own = drawn.tally.level == level
        right, pictures = drawn.right[:, own].sum(), drawn.tally.hits[:, own].sum()
        assert right / pictures == pytest.approx(refused.right[level], abs=0.01)
        missed = drawn.tally.images[own].sum() * 400 - pictures
        assert drawn.wrong[:, own].sum() / missed == pytest.approx(refused.wrong[level], abs=0.02)
        counted = (pictures - right) / (400 * drawn.tally.images[own].sum())
        assert counted == pytest.approx(refused.counted(world.rates)[level], abs=0.01)
    spared = ((drawn.right + drawn.wrong) == 0).mean()
    assert 0.5 < spared < 0.85


def test_refusals_are_counted_as_the_verdict_of_the_gap_says() -> None:
    world = World(Strangers((150, 150), (8, 8)), (0.95, 0.8), (BetaPeople(0.05),))
    question = AskNonAnswers(Refused((0.1 / 0.95, 0.0), (0.0, 0.0)))
    events = question.count(world, 20, np.random.default_rng(10))
    drawn = draw_unanswered(world, question.refused, 20, np.random.default_rng(10))
    passed = 0
    for run in range(20):
        table = np.zeros((300, 1, 3))
        table[..., 0] = drawn.tally.hits[run] - drawn.right[run]
        table[..., 1] = drawn.tally.images - drawn.tally.hits[run] - drawn.wrong[run]
        table[..., 2] = drawn.right[run] + drawn.wrong[run]
        counts = count_responses(drawn.tally, table)
        outcome = judge_gap(counts, accuracy, 0.1, STRICT, criterion="", plan=False).outcome
        passed += outcome is Outcome.PASS
    assert 0 < passed < 20
    assert events == {Property.FAIL: 0, Property.PASS: passed, Property.FILLED: 0}


def test_a_pass_that_another_answer_would_fail_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """A verdict that never looks at its refusals passes where they hide a gap of .25."""
    monkeypatch.setattr("fer_audit.stats.verdicts.gap.weigh_unanswered", lambda *_: None)
    world = World(Strangers((100, 100), (8, 8)), (0.95, 0.7), (BetaPeople(0.05),))
    question = AskNonAnswers(Refused((0.25 / 0.95, 0.0), (0.0, 0.0)))
    events = question.count(world, 10, np.random.default_rng(11))
    assert events[Property.PASS] == events[Property.FILLED] > 5
