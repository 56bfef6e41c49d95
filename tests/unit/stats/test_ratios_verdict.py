"""The verdict of a ratio, from prediction rows to the sentence; the paper's headline as a regression case."""

from __future__ import annotations

import re

import numpy as np
import pytest
from prediction_tables import Row, predictions_of

from fer_audit.criteria import Criterion, Ratio
from fer_audit.errors import ConfigurationError
from fer_audit.records import Slicing
from fer_audit.results import Outcome, Verdict
from fer_audit.stats.counts import Counts, count
from fer_audit.stats.evidence import Evidence
from fer_audit.stats.measures import accuracy, misclassification, recall
from fer_audit.stats.planning.power import simulate_power
from fer_audit.stats.planning.worlds import World
from fer_audit.stats.ratios.comparison import RatioClaim
from fer_audit.stats.settings import Settings
from fer_audit.stats.tally import Tally
from fer_audit.stats.verdicts.gap import judge_gap
from fer_audit.stats.verdicts.ratio import judge_ratio

CLAIM = RatioClaim(1.25, 0.05)
ANGER_AS_DISGUST = misclassification("anger", "disgust")


def people_of(race: str, taken_for_disgust: list[int], images: int = 2, last: int | None = None) -> list[Row]:
    """People with images of anger, of which so many are taken for disgust; the last may have fewer."""
    rows = []
    for person, wrong in enumerate(taken_for_disgust):
        mine = last if last is not None and person == len(taken_for_disgust) - 1 else images
        rows += [
            Row(
                f"{race}{person}",
                "anger",
                "disgust" if image < wrong else "anger",
                f"{race}{person}.{image}",
                {"race": race},
            )
            for image in range(mine)
        ]
    return rows


def counts_of(*groups: list[Row]) -> Counts:
    rows = [row for group in groups for row in group]
    return count(predictions_of(rows, ["anger", "disgust"]), Slicing(("race",)))


def headline() -> Counts:
    """Anger read as disgust: 17 of 40 images of 20 people, against 8 of 29 of 15 (two each, one with one)."""
    black = people_of("BF", [2] * 4 + [1] * 9 + [0] * 7)
    white = people_of("WF", [2] * 2 + [1] * 4 + [0] * 9, last=1)
    return counts_of(black, white)


def judge(counts: Counts, *, plan: bool = False) -> Verdict:
    return judge_ratio(counts, ANGER_AS_DISGUST, CLAIM, Settings(), criterion="Ratio(...)", plan=plan)


def test_the_papers_headline_is_a_ratio_of_counts_and_decides_nothing() -> None:
    verdict = Ratio(ANGER_AS_DISGUST, at_most=1.25).decide(Evidence(headline()), Settings())
    assert verdict.outcome is Outcome.INCONCLUSIVE
    (found,) = verdict.comparisons
    assert (found.a, found.b, found.people_a, found.people_b) == ("BF", "WF", 20, 15)
    assert (found.images_a, found.images_b) == (40, 29)
    assert (found.value_a, found.value_b) == pytest.approx((17 / 40, 8 / 29))
    assert found.estimate == pytest.approx(17 / 40 / (8 / 29))
    assert round(found.estimate, 2) == 1.54
    assert found.lower < 1
    assert found.upper > 1.25
    assert found.difference is not None
    assert found.difference[0] == pytest.approx(17 / 40 - 8 / 29)
    assert found.difference[1] < 0.05 < found.difference[2]
    assert any(
        "BF 17 of 40 images, WF 8 of 29: 2.12 times as many events, 1.54 times the rate" in note
        for note in verdict.notes
    )
    assert 17 / 8 == 2.125


def test_the_papers_headline_names_the_people_it_would_take_and_what_it_assumes() -> None:
    verdict = judge(headline(), plan=True)
    assert set(verdict.people_needed) == {"BF", "WF"}
    # Between 280 and 430, depending on the correlation within people (worked out apart from this package).
    assert all(250 <= people <= 450 for people in verdict.people_needed.values())
    (correlation,) = {round(found.correlation, 2) for found in verdict.comparisons}
    note = next(note for note in verdict.notes if "people a slice" in note)
    assert f"about {verdict.people_needed['BF']} people a slice would FAIL 1.25" in note
    assert "if the true rates are 0.425 and 0.276, as observed" in note
    assert f"images of one person correlate by {correlation:.2f}, reckoned with at least 0.1" in note
    assert verdict.detectable is not None
    assert verdict.detectable > verdict.estimate


def test_the_people_needed_do_give_about_80_percent_power() -> None:
    verdict = judge(headline(), plan=True)
    people = verdict.people_needed["BF"]
    layout = Tally(
        person=np.arange(2 * people),
        level=np.repeat([0, 1], people),
        hits=np.zeros((2 * people, 1)),
        images=np.full((2 * people, 1), 2.0),
        levels=("BF", "WF"),
        labels=("anger",),
        conditional=True,
    )
    truth = World(np.array([[17 / 40], [8 / 29]]), verdict.comparisons[0].correlation)
    power = simulate_power(
        layout,
        truth,
        CLAIM,
        Outcome.FAIL,
        settings=Settings(),
        generator=np.random.default_rng(77),
        runs=1000,
    )
    assert 0.72 <= power <= 0.88


def test_the_verdict_is_a_function_of_the_data() -> None:
    assert judge(headline(), plan=True) == judge(headline(), plan=True)


def test_a_slice_with_a_much_larger_rate_fails_and_is_named() -> None:
    verdict = judge(counts_of(people_of("x", [3, 4] * 15, 4), people_of("y", [0, 1] * 15, 4)))
    assert verdict.outcome is Outcome.FAIL
    assert verdict.scale == "ratio"
    assert verdict.tolerance == 1.25
    (found,) = verdict.comparisons
    assert (found.a, found.b) == ("x", "y")
    assert found.estimate == pytest.approx(7.0)
    assert verdict.lower == found.lower > 1.25
    assert verdict.p is not None
    assert verdict.p < 0.05
    assert re.fullmatch(
        r"x 0\.875 against y 0\.125: at least \d\.\d\d times, above 1\.25, and at least 0\.\d{3} apart, above 0\.05",
        verdict.reason,
    )
    assert verdict.people_needed == {}


def test_rare_confusions_pass_by_the_difference() -> None:
    verdict = judge(counts_of(people_of("x", [1] * 3 + [0] * 97, 4), people_of("y", [1] + [0] * 99, 4)))
    assert verdict.outcome is Outcome.PASS
    assert verdict.estimate == pytest.approx(3.0)
    assert verdict.upper > 1.25
    assert verdict.reason == "no two slices are more than 1.25 times and 0.05 apart"


def test_a_rate_of_zero_leaves_an_infinite_ratio_and_a_finite_difference() -> None:
    verdict = judge(counts_of(people_of("x", [1] * 4 + [0] * 26), people_of("y", [0] * 30)))
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert verdict.estimate == verdict.upper == float("inf")
    assert np.isfinite(verdict.lower)
    difference = verdict.comparisons[0].difference
    assert difference is not None
    assert np.isfinite(difference).all()
    assert any("x 4 of 60 images, y 0 of 60: no finite ratio" in note for note in verdict.notes)
    assert "the ratio has no upper bound" in verdict.reason


def test_too_few_people_cap_the_verdict() -> None:
    same = [1, 0] * 60
    assert judge(counts_of(people_of("x", same, 8), people_of("y", same, 8))).outcome is Outcome.PASS
    verdict = judge(counts_of(people_of("x", same, 8), people_of("y", same, 8), people_of("z", [0] * 5, 8)))
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert [item.name for item in verdict.not_assessable] == ["z"]
    assert verdict.reason == "what could be compared is within the tolerances, but too few people speak for z"


def test_one_slice_has_nothing_to_be_compared_with() -> None:
    verdict = judge(counts_of(people_of("x", [1, 0] * 6), people_of("y", [0] * 5)), plan=True)
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert np.isnan(verdict.estimate)
    assert verdict.p is None
    assert verdict.reason == "only one slice can be assessed, x: there is nothing to compare it with"


def test_few_people_over_several_slices_are_undecided_with_a_number() -> None:
    verdict = judge(counts_of(*(people_of(race, [1, 0, 0]) for race in "wxyz")), plan=True)
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert verdict.comparisons == ()
    assert all(people >= 8 for people in verdict.people_needed.values())
    assert set(verdict.people_needed) == set("wxyz")


def test_accuracy_is_compared_macro_over_labels() -> None:
    rows = []
    for race, fear_right in (("x", 2), ("y", 1)):
        for person in range(20):
            for label, right in (("anger", 2), ("fear", fear_right)):
                rows += [
                    Row(
                        f"{race}{person}",
                        label,
                        label if image < right else "disgust",
                        f"{race}{person}{label}{image}",
                        {"race": race},
                    )
                    for image in range(2)
                ]
    counts = count(predictions_of(rows, ["anger", "disgust", "fear"]), Slicing(("race",)))
    verdict = judge_ratio(counts, accuracy, CLAIM, Settings(), criterion="c", plan=False)
    (found,) = verdict.comparisons
    assert found.labels == ("anger", "fear")
    assert (found.value_a, found.value_b) == pytest.approx((1.0, 0.75))
    assert found.estimate == pytest.approx(4 / 3)
    assert verdict.labels_left_out == ("disgust",)


def test_accuracy_is_averaged_over_people_where_there_is_one_label_too() -> None:
    """Half the people have one image and half seven; who has more images counts no more."""
    rows = [
        Row(f"{race}{person}", "anger", answer, f"{race}{person}.{image}", {"race": race})
        for race in "xy"
        for person in range(20)
        for image in range(7 if person % 2 else 1)
        for answer in ["anger" if person % 2 or race == "x" else "fear"]
    ]
    counts = count(predictions_of(rows, ["anger", "fear"]), Slicing(("race",)))
    one_label = count(predictions_of(rows), Slicing(("race",)))
    assert one_label.labels == ("anger",)
    for table in (counts, one_label):
        (found,) = judge_ratio(table, accuracy, CLAIM, Settings(), criterion="c", plan=False).comparisons
        assert (found.value_a, found.value_b) == pytest.approx((1.0, 0.5))
        assert found.difference is not None
        gap = judge_gap(table, accuracy, 0.1, Settings(), criterion="c", plan=False)
        assert found.difference[2] == pytest.approx(gap.upper)
        pooled = judge_ratio(table, recall("anger"), CLAIM, Settings(), criterion="c", plan=False)
        assert pooled.comparisons[0].value_b == pytest.approx(70 / 80)


def test_people_needed_for_the_accuracy_of_one_label_are_asked_of_rates_over_people() -> None:
    """Two of eight people of y are read wrong, in the one image they have: 6 of 8 people, 30 of 32 images."""
    rows = [
        Row(f"{race}{person}", "anger", answer, f"{race}{person}.{image}", {"race": race})
        for race in "xy"
        for person in range(8)
        for image in range(7 if person % 2 else 1)
        for answer in ["fear" if race == "y" and person in {0, 2} else "anger"]
    ]
    verdict = judge_ratio(
        count(predictions_of(rows), Slicing(("race",))), accuracy, CLAIM, Settings(), criterion="c"
    )
    assert verdict.outcome is Outcome.INCONCLUSIVE
    # Rates of 0 and 1 are drawn in by half a person of all 16.
    high = 1 - 0.5 / 17
    assert any(f"if the true rates are {high:.3f} and 0.750, as observed" in note for note in verdict.notes)


def test_where_too_few_people_have_the_event_for_a_finding_there_is_no_p() -> None:
    verdict = judge_ratio(
        counts_of(people_of("x", [20] * 7 + [0] * 53, 20), people_of("y", [0] * 60, 20)),
        ANGER_AS_DISGUST,
        RatioClaim(1.0001, 0.0),
        Settings(fail_floor=0.0),
        criterion="c",
        plan=False,
    )
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert "both bounds lie beyond their tolerances, but only 7 people of x have the event" in verdict.reason
    assert verdict.p is None
    assert verdict.comparisons[0].p is None
    assert (
        "no p is given and no FAIL possible in 1 of 1 pairs: fewer than 8 people of the slice with the larger "
        "rate have the event"
    ) in verdict.notes
    eight = judge(counts_of(people_of("x", [2] * 8 + [0] * 12), people_of("y", [0] * 20)))
    assert eight.p is not None


def test_bounds_in_the_reason_are_rounded_away_from_what_they_would_overstate() -> None:
    failed = judge(counts_of(people_of("x", [3, 4] * 15, 4), people_of("y", [0, 1] * 15, 4)))
    told = re.search(r"at least (\S+) times.* at least (\S+) apart", failed.reason)
    assert told is not None
    assert failed.lower - 0.01 < float(told[1]) <= failed.lower
    difference = failed.comparisons[0].difference
    assert difference is not None
    assert difference[1] - 0.001 < float(told[2]) <= difference[1]
    open_ = judge(headline())
    told = re.search(r"may be up to (\S+) and", open_.reason)
    assert told is not None
    assert open_.upper <= float(told[1]) < open_.upper + 0.01


def test_rows_without_a_value_are_counted_in_a_note() -> None:
    stray = [Row("s", "anger", "anger", f"s{i}") for i in range(3)]
    verdict = judge(counts_of(people_of("x", [1, 0] * 6), people_of("y", [1, 0] * 6), stray))
    assert "3 rows have no value of race and belong to no slice" in verdict.notes


def test_rates_too_near_the_tolerances_get_a_sentence_instead_of_a_number() -> None:
    verdict = judge(counts_of(people_of("x", [8] * 5 + [7] * 7, 16), people_of("y", [6] * 12, 16)), plan=True)
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert verdict.people_needed == {}
    assert any(
        note.startswith(
            "more than 3,000 people a slice would be needed to PASS 1.25 with 80 % power if the true"
        )
        for note in verdict.notes
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"at_most": 1.0}, "Ratio(at_most=1) can never pass"),
        ({"at_most": 0.8}, "Ratio(at_most=0.8) is no tolerance: the larger rate is put over the smaller"),
        ({"at_most": float("nan")}, "Ratio(at_most=nan) is no tolerance"),
        ({"at_most": float("inf")}, "Ratio(at_most=inf) is no tolerance"),
        ({"difference": 1.0}, "Ratio(difference=1.0) is no difference of two rates"),
        ({"difference": -0.1}, "Ratio(difference=-0.1) is no difference of two rates"),
    ],
)
def test_tolerances_that_mean_nothing_are_refused(arguments: dict[str, float], message: str) -> None:
    with pytest.raises(ConfigurationError, match=re.escape(message)):
        Ratio(accuracy, **arguments)


def test_a_ratio_is_a_value_that_prints_as_it_is_written() -> None:
    one = Ratio(recall("anger"))
    assert repr(one) == "Ratio(recall(anger), at_most=1.25, difference=0.05)"
    assert hash(one) == hash(Ratio(recall("anger"), 1.25, 0.05))
    assert isinstance(one, Criterion)
    assert one.decide(Evidence(headline()), Settings()).criterion == repr(one)
