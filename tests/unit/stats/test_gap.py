from __future__ import annotations

import math
import re
from dataclasses import replace

import numpy as np
import pytest
from prediction_tables import Row, predictions_of

from fer_audit.criteria import Criterion, Gap
from fer_audit.errors import ConfigurationError
from fer_audit.records import Slicing
from fer_audit.results import Outcome, Verdict
from fer_audit.stats.counts import Counts, count
from fer_audit.stats.differences.decision import outcome_of
from fer_audit.stats.evidence import Evidence
from fer_audit.stats.measures import accuracy, recall, refusals
from fer_audit.stats.settings import Settings
from fer_audit.stats.verdicts.gap import judge_gap
from fer_audit.vocabulary import AnswerKind

RACE = Slicing(("race",))


def rows_of(race: str, people: int, right: int, of: int, label: str = "anger") -> list[Row]:
    """People of whom each is read right on some of their images."""
    return [
        Row(
            f"{race}{person}",
            label,
            label if image < right else "fear",
            f"{race}{person}{label}{image}",
            {"race": race},
        )
        for person in range(people)
        for image in range(of)
    ]


def counts_of(*groups: list[Row], slicing: Slicing = RACE) -> Counts:
    return count(predictions_of([row for rows in groups for row in rows]), slicing)


def judge(counts: Counts, tolerance: float) -> Verdict:
    return judge_gap(
        counts, accuracy, tolerance, Settings(), criterion=f"Gap(accuracy, at_most={tolerance})", plan=False
    )


def test_a_wide_gap_fails_and_names_the_groups() -> None:
    verdict = judge(counts_of(rows_of("x", 20, 9, 10), rows_of("y", 20, 4, 10)), 0.1)
    assert verdict.outcome is Outcome.FAIL
    (found,) = verdict.comparisons
    assert (found.a, found.b, found.kind) == ("x", "y", "apart")
    assert (found.value_a, found.value_b) == pytest.approx((0.9, 0.4))
    assert (found.people_a, found.people_b, found.images_a, found.images_b) == (20, 20, 200, 200)
    assert verdict.lower == found.lower > 0.1
    assert verdict.p is not None
    assert verdict.p < 0.05
    assert re.fullmatch(r"x 0\.900 against y 0\.400: at least 0\.\d{3} apart, above 0\.1", verdict.reason)
    assert verdict.people_needed == {}
    assert verdict.detectable is None


def test_many_people_read_alike_pass() -> None:
    verdict = judge(counts_of(rows_of("x", 60, 9, 10), rows_of("y", 60, 9, 10)), 0.1)
    assert verdict.outcome is Outcome.PASS
    assert verdict.upper <= 0.1
    assert re.fullmatch(r"no two slices are more than 0\.0\d\d apart, within 0\.1", verdict.reason)


def test_the_verdict_carries_the_largest_of_every_bound() -> None:
    verdict = judge(counts_of(rows_of("x", 20, 9, 10), rows_of("y", 20, 7, 10), rows_of("z", 20, 5, 10)), 0.1)
    assert len(verdict.comparisons) == 3
    assert verdict.estimate == max(c.estimate for c in verdict.comparisons) == pytest.approx(0.4)
    assert verdict.lower == max(c.lower for c in verdict.comparisons)
    assert verdict.upper == max(c.upper for c in verdict.comparisons)


def test_a_small_slice_caps_the_verdict_but_undoes_no_failure() -> None:
    alike = [rows_of("x", 60, 9, 10), rows_of("y", 60, 9, 10)]
    capped = judge(counts_of(*alike, rows_of("z", 5, 9, 10)), 0.1)
    assert capped.outcome is Outcome.INCONCLUSIVE
    assert [(item.name, item.people) for item in capped.not_assessable] == [("z", 5)]
    assert capped.not_assessable[0].reason == "5 people with images that count here; 8 are needed"
    assert capped.reason == "what could be compared is within 0.1, but too few people speak for z"
    failed = judge(counts_of(rows_of("x", 20, 9, 10), rows_of("y", 20, 4, 10), rows_of("z", 5, 9, 10)), 0.1)
    assert failed.outcome is Outcome.FAIL


def test_a_capped_verdict_says_how_many_people_the_small_slice_needs() -> None:
    groups = [rows_of("x", 60, 9, 10), rows_of("y", 60, 9, 10), rows_of("z", 5, 9, 10)]
    verdict = Gap(accuracy, at_most=0.1).decide(Evidence(counts_of(*groups)), Settings())
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert 8 <= verdict.people_needed["z"] <= 60


def test_rows_without_a_value_are_counted_in_a_note() -> None:
    stray = [Row("s", "anger", "anger", f"s{i}") for i in range(3)]
    verdict = judge(counts_of(rows_of("x", 10, 9, 10), rows_of("y", 10, 9, 10), stray), 0.1)
    assert "3 rows have no value of race and belong to no slice" in verdict.notes


def test_a_slice_left_out_by_name_caps_nothing() -> None:
    slicing = Slicing("race", without={"z": "five people"})
    groups = [rows_of("x", 60, 9, 10), rows_of("y", 60, 9, 10), rows_of("z", 5, 9, 10)]
    verdict = judge(counts_of(*groups, slicing=slicing), 0.1)
    assert verdict.outcome is Outcome.PASS
    assert verdict.excluded == (("z", "five people"),)


def test_one_slice_is_nothing_to_compare() -> None:
    verdict = judge(counts_of(rows_of("x", 20, 9, 10)), 0.1)
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert math.isnan(verdict.estimate)
    assert verdict.comparisons == ()
    assert verdict.p is None
    assert verdict.reason == "only one slice can be assessed, x: there is nothing to compare it with"


def test_slices_without_a_common_label_are_named_as_a_pair() -> None:
    verdict = judge(counts_of(rows_of("x", 20, 9, 10), rows_of("y", 20, 9, 10, label="joy")), 0.1)
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert [item.name for item in verdict.not_assessable] == ["x / y"]
    assert verdict.not_assessable[0].reason == "no label is held by 8 people in both"
    assert verdict.labels_left_out == ("anger", "joy")


def test_labels_that_few_people_have_are_named_and_cap_nothing() -> None:
    groups = [rows_of(r, 60, 9, 10) + rows_of(r, 3, 1, 1, label="joy") for r in "xy"]
    verdict = judge(counts_of(*groups), 0.1)
    assert verdict.outcome is Outcome.PASS
    assert verdict.labels_left_out == ("joy",)
    assert verdict.comparisons[0].labels == ("anger",)


def test_the_notes_state_what_the_verdict_assumes() -> None:
    verdict = judge(counts_of(rows_of("x", 20, 9, 10), rows_of("y", 20, 7, 10) * 2), 0.1)
    assert verdict.notes[0] == Settings().note
    assert any(note.startswith("correlation between images of one person: ") for note in verdict.notes)
    assert any("(Lum)" in note for note in verdict.notes)
    assert "200 rows asked again about an image and were averaged with it" in verdict.notes


def partly_refused(race: str, people: int, right: int) -> list[Row]:
    """Three images a person, each asked about three times and answered once; so many are right."""
    answered = rows_of(race, people, right, 3)
    refused = [replace(row, predicted=None, kind=AnswerKind.REFUSED) for row in answered]
    return answered + refused * 2


def test_answered_images_are_counted_once_however_often_their_repeats_were_refused() -> None:
    counts = counts_of(partly_refused("x", 20, 3), partly_refused("y", 20, 2))
    verdict = Gap(accuracy.answered, at_most=0.3).decide(Evidence(counts), Settings())
    once = counts_of(rows_of("x", 20, 3, 3), rows_of("y", 20, 2, 3))
    assert verdict.comparisons[0].images_a == verdict.comparisons[0].images_b == 60
    assert (verdict.comparisons, verdict.people_needed, verdict.p, verdict.detectable) == (
        (alone := Gap(accuracy, at_most=0.3).decide(Evidence(once), Settings())).comparisons,
        alone.people_needed,
        alone.p,
        alone.detectable,
    )


@pytest.mark.parametrize("people", [41, 60])
def test_bounds_in_the_reason_are_rounded_away_from_what_they_would_overstate(people: int) -> None:
    failed = judge(counts_of(rows_of("x", people, 9, 10), rows_of("y", people, 4, 10)), 0.1)
    told = re.search(r"at least (\S+) apart", failed.reason)
    assert told is not None
    assert failed.lower - 0.001 < float(told[1]) <= failed.lower
    passed = judge(counts_of(rows_of("x", people, 9, 10), rows_of("y", people, 9, 10)), 0.2)
    told = re.search(r"more than (\S+) apart", passed.reason)
    assert told is not None
    assert passed.upper <= float(told[1]) < passed.upper + 0.001
    open_ = judge(counts_of(rows_of("x", people, 9, 10), rows_of("y", people, 8, 10)), 0.1)
    told = re.search(r"may be up to (\S+) and", open_.reason)
    assert told is not None
    assert open_.upper <= float(told[1]) < open_.upper + 0.001


def test_an_expression_nobody_shows_is_inconclusive() -> None:
    counts = counts_of(rows_of("x", 20, 9, 10), rows_of("y", 20, 9, 10))
    verdict = Gap(recall("contempt"), at_most=0.1).decide(Evidence(counts), Settings())
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert [(item.name, item.people) for item in verdict.not_assessable] == [("x", 0), ("y", 0)]
    assert verdict.people_needed == {}
    assert (
        "no number of people like these would decide: no two slices have a label in common" in verdict.notes
    )


def test_refusals_are_a_measure_like_any_other() -> None:
    counts = counts_of(rows_of("x", 30, 5, 10), rows_of("y", 30, 5, 10))
    verdict = Gap(refusals, at_most=0.15).decide(Evidence(counts), Settings())
    assert verdict.outcome is Outcome.PASS
    assert verdict.estimate == 0


def test_a_gap_is_an_immutable_printable_value() -> None:
    gap = Gap(accuracy, at_most=0.1)
    assert repr(gap) == "Gap(accuracy, at_most=0.1)"
    assert gap == Gap(accuracy, at_most=0.1)
    assert len({gap, Gap(accuracy, at_most=0.1), Gap(accuracy.answered, at_most=0.1)}) == 2
    assert isinstance(gap, Criterion)
    counts = counts_of(rows_of("x", 20, 9, 10), rows_of("y", 20, 4, 10))
    verdict = gap.decide(Evidence(counts), Settings())
    assert (verdict.criterion, verdict.measure, verdict.scale, verdict.slicing, verdict.tolerance) == (
        "Gap(accuracy, at_most=0.1)",
        "accuracy",
        "difference",
        "race",
        0.1,
    )
    assert verdict == gap.decide(Evidence(counts), Settings())


@pytest.mark.parametrize(
    ("tolerance", "message"),
    [
        (
            0,
            "Gap(at_most=0) can never pass: no finite number of people shows that two groups are exactly equal",
        ),
        (1, "Gap(at_most=1) is no difference of two rates; give a number between 0 and 1"),
        (-0.1, "Gap(at_most=-0.1) is no difference of two rates"),
        (math.nan, "Gap(at_most=nan) is no difference of two rates"),
    ],
)
def test_an_impossible_tolerance_is_refused(tolerance: float, message: str) -> None:
    with pytest.raises(ConfigurationError, match=re.escape(message)):
        Gap(accuracy, at_most=tolerance)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"alpha": 0.5}, "alpha is 0.5; it must lie between 0 and 0.5"),
        ({"fail_floor": -0.1}, "fail_floor is -0.1; a correlation floor lies between 0 and 1"),
        ({"pass_floor": 2}, "pass_floor is 2; a correlation floor lies between 0 and 1"),
        ({"least_people": 3}, "least_people is 3; fewer than 4 people carry no variance"),
    ],
)
def test_impossible_settings_are_refused(settings: dict[str, float], message: str) -> None:
    with pytest.raises(ConfigurationError, match=re.escape(message)):
        Settings(**settings)  # type: ignore[arg-type]


def test_the_strictest_floor_asks_for_the_people_that_the_documentation_says() -> None:
    """With the floor at 1 a perfect slice needs 26 people for .10 and 53 for .05."""
    strict = Settings(pass_floor=1.0)
    for tolerance, enough in ((0.10, 26), (0.05, 53)):
        for people, outcome in ((enough - 1, Outcome.INCONCLUSIVE), (enough, Outcome.PASS)):
            counts = counts_of(rows_of("x", people, 4, 4), rows_of("y", people, 4, 4))
            verdict = judge_gap(counts, accuracy, tolerance, strict, criterion="", plan=False)
            assert verdict.outcome is outcome, (tolerance, people, verdict.upper)


def test_the_rules_of_the_three_verdicts() -> None:
    assert outcome_of(0.11, 0.3, 0.1, capped=True) is Outcome.FAIL
    assert outcome_of(0.1, 0.3, 0.1, capped=False) is Outcome.INCONCLUSIVE
    assert outcome_of(-0.1, 0.1, 0.1, capped=False) is Outcome.PASS
    assert outcome_of(-0.1, 0.1, 0.1, capped=True) is Outcome.INCONCLUSIVE
    assert outcome_of(-0.1, 0.1001, 0.1, capped=False) is Outcome.INCONCLUSIVE
    assert outcome_of(np.nan, np.nan, 0.1, capped=False) is Outcome.INCONCLUSIVE
