"""Worlds with confidences have the overconfidence and Brier score that they promise, and are judged as audits."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from numpy.testing import assert_allclose

from fer_audit.records import Slicing
from fer_audit.results import Outcome
from fer_audit.stats.counts import NON_ANSWERS, Counts, Scores
from fer_audit.stats.measures import brier, overconfidence
from fer_audit.stats.scores.comparison import compare_scores
from fer_audit.stats.settings import Settings
from fer_audit.stats.verdicts.gap import judge_gap
from simulation.cells import count
from simulation.confidence import Confidences, People, Score, draw_scores, true_scores
from simulation.families import calibration
from simulation.questions import Property
from simulation.scoring import AskPrintedScores, AskScores
from simulation.shapes import Overlapping, SamePeople, Shape, Strangers
from simulation.worlds import World

if TYPE_CHECKING:
    from fer_audit.stats.tally import Tally

SHAPES = (Strangers((40, 30), (1, 5)), SamePeople(40, 2, (2, 2)), Overlapping((40, 40), 0.5, (3, 3)))


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: type(shape).__name__)
@pytest.mark.parametrize("people", list(People))
@pytest.mark.parametrize(("sure", "over"), [((0.5, 0.8), (-0.1, 0.2)), ((0.9, 1.0), (0.0, 0.3))])
def test_slices_have_the_scores_that_the_world_promises(
    shape: Shape, people: People, sure: tuple[float, float], over: tuple[float, float]
) -> None:
    world, confidences = World(shape, over, joined=0.5), Confidences(sure, people)
    for score in Score:
        table = draw_scores(world, confidences, score, 600, np.random.default_rng(5))
        means = (table.hits / table.images)[..., 0]
        for level, truth in enumerate(true_scores(world, confidences, score)):
            here = means[:, table.level == level].mean(axis=1)
            assert here.mean() == pytest.approx(truth, abs=4.5 * here.std() / np.sqrt(len(here)) + 1e-9)


def test_people_correlate_by_less_than_pass_assumes_but_where_they_are_far_off() -> None:
    """Of two images of one person, the correlation of the scores."""
    for people in People:
        largest = 0.0
        for sure, over in (((0.5, 0.8), (0.0, 0.1)), ((0.9, 1.0), (0.0, 0.1)), ((0.97, 1.0), (0.0, 0.0515))):
            world = World(Strangers((2, 2), (1, 1), 2), over)
            drawn = draw_scores(
                world, Confidences(sure, people), Score.OVERCONFIDENCE, 40_000, np.random.default_rng(6)
            ).hits
            for level in (0, 1):
                first, second = (drawn[:, 2 * level : 2 * level + 2, label].ravel() for label in (0, 1))
                largest = max(largest, float(np.corrcoef(first, second)[0, 1]))
        assert (largest > 0.22) == (people is People.FAR), (people, largest)


def test_an_impossible_overconfidence_is_refused() -> None:
    world = World(Strangers((8, 8), (1, 1)), (0.0, 0.6))
    with pytest.raises(
        ValueError, match=r"overconfidence \(0.0, 0.6\) is not possible with confidences 0.5 to 0.8"
    ):
        true_scores(world, Confidences((0.5, 0.8)), Score.BRIER)


def counts_of(table: Tally, run: int, score: Score) -> Counts:
    """One table as counts; all that a verdict looks at are the sums of one score."""
    cells = np.zeros((*table.images.shape, 1 + len(NON_ANSWERS)))
    cells[..., 0] = table.images
    sums, nothing = table.hits[run], np.zeros_like(table.images)
    over = score is Score.OVERCONFIDENCE
    return Counts(
        person=table.person,
        level=table.level,
        cells=cells,
        people=tuple(map(str, range(int(table.person.max()) + 1))),
        levels=table.levels,
        labels=table.labels,
        predicted=table.labels,
        slicing=Slicing(("group",)),
        scores=Scores(table.images, sums if over else nothing, nothing, nothing if over else sums),
    )


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: type(shape).__name__)
def test_the_suite_asks_what_the_verdict_answers(shape: Shape) -> None:
    world, confidences = World(shape, (0.0, 0.35)), Confidences((0.5, 0.8), People.TAILED)
    for score, measure in ((Score.OVERCONFIDENCE, overconfidence), (Score.BRIER, brier)):
        table = draw_scores(world, confidences, score, 12, np.random.default_rng(7))
        together = compare_scores(table, Settings())
        outcomes = []
        for run in range(12):
            verdict = judge_gap(
                counts_of(table, run, score), measure, 0.12, Settings(), criterion="", plan=False
            )
            outcomes.append(verdict.outcome)
            assert_allclose(verdict.lower, together.lower[run].max(), atol=1e-9)
            assert_allclose(verdict.upper, together.upper[run].max(), atol=1e-9)
        asked = AskScores(score, confidences, 0.12).count(world, 12, np.random.default_rng(7))
        assert asked[Property.FAIL] == outcomes.count(Outcome.FAIL)
        assert asked[Property.PASS] == outcomes.count(Outcome.PASS)


def test_tolerances_of_the_family_are_the_truth_of_their_worlds() -> None:
    cells = calibration.cells()
    assert len({cell.name for cell in cells}) == len(cells)
    for cell in cells:
        question = cell.question
        if isinstance(question, AskPrintedScores):
            continue
        assert isinstance(question, AskScores)
        means = true_scores(cell.world, question.confidences, question.score)
        assert np.ptp(means) == pytest.approx(question.tolerance, abs=1e-11), cell.name


def test_a_cell_of_people_needed_counts_those_who_are_decided() -> None:
    (cell, *_) = [cell for cell in calibration.cells() if isinstance(cell.question, AskPrintedScores)]
    events = count(replace(cell, runs=400), 400)
    assert 0.6 < events[Property.DECIDED] / 400 < 0.95
