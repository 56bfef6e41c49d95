"""Verdicts with control factors: what they are called, what they decide, and what they refuse."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from lit_tables import lit_frame, predictions_of_frame

from fer_audit import Audit, Gap, NoAssociation, Outcome, accuracy, misclassification, recall
from fer_audit.errors import ConfigurationError, UnknownNameError
from fer_audit.results import Adjustment, Aside, Record, Verdict, decode_record, encode_record
from fer_audit.stats.evidence import Evidence
from fer_audit.stats.settings import Settings
from fer_audit.stats.verdicts.controls import MEDIATOR

if TYPE_CHECKING:
    from fer_audit.predictions import Predictions


def judge(criterion: Gap | NoAssociation, predictions: Predictions) -> Verdict:
    return Audit(predictions, by="race").judge(criterion)


def table(verdict: Verdict, title: str) -> Aside:
    return next(aside for aside in verdict.asides if aside.title == title)


def without(verdict: Verdict) -> Verdict:
    return replace(verdict, criterion="", people_needed={}, notes=(), detectable=None)


def test_criteria_print_what_they_hold_fixed() -> None:
    assert repr(Gap(accuracy, 0.1)) == "Gap(accuracy, at_most=0.1)"
    assert repr(Gap(accuracy, 0.1, given="light")) == "Gap(accuracy, at_most=0.1, given='light')"
    assert Gap(accuracy, 0.1, given="light") == Gap(accuracy, 0.1, given=("light",))
    assert Gap(accuracy, 0.1, given="light").given == ("light",)
    assert (
        repr(NoAssociation(accuracy, margin=0.1, given=("light", "age")))
        == "NoAssociation(accuracy, alpha=0.05, margin=0.1, given=('light', 'age'))"
    )
    assert hash(Gap(accuracy, 0.1, given="light")) != hash(Gap(accuracy, 0.1))


def test_only_light_differs_and_the_gap_is_confounded() -> None:
    predictions = predictions_of_frame(lit_frame(people=60))
    verdict = judge(Gap(accuracy, 0.1, given="light"), predictions)
    crude = judge(Gap(accuracy, 0.1), predictions)
    assert crude.outcome is Outcome.FAIL
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert verdict.adjustment == Adjustment(("light",), Outcome.FAIL, Outcome.PASS)
    assert verdict.adjustment.confounded
    assert verdict.reason.startswith(
        "confounded: the crude verdict is FAIL, the one given light PASS: no two "
    )
    assert verdict.estimate < 0.5 * crude.estimate
    both = table(verdict, "Crude and adjusted")
    assert both.rows == (
        ("crude", "FAIL", f"{crude.estimate:.3f}", f"{crude.lower:.3f}", f"{crude.upper:.3f}"),
        (
            "given light",
            "PASS",
            f"{verdict.estimate:.3f}",
            f"{verdict.lower:.3f}",
            f"{verdict.upper:.3f}",
        ),
    )


def test_a_difference_in_any_light_fails_with_and_without_it() -> None:
    verdict = judge(
        Gap(accuracy, 0.1, given="light"),
        predictions_of_frame(lit_frame(people=60, direct=3.0, left=(0.6, 0.5))),
    )
    assert verdict.outcome is Outcome.FAIL
    assert verdict.lower > 0.1
    assert verdict.adjustment == Adjustment(("light",), Outcome.FAIL, Outcome.FAIL)
    assert verdict.reason.startswith("a ")


def test_an_open_verdict_at_equal_light_says_how_many_people_would_close_it() -> None:
    verdict = judge(Gap(accuracy, 0.1, given="light"), predictions_of_frame(lit_frame(people=30)))
    assert verdict.adjustment == Adjustment(("light",), Outcome.INCONCLUSIVE, Outcome.INCONCLUSIVE)
    assert not verdict.adjustment.confounded
    assert "not shown to exceed 0.1" in verdict.reason
    assert set(verdict.people_needed) == {"a", "b"}


def test_light_that_hides_a_difference_is_confounded_too() -> None:
    frame = lit_frame(people=150, direct=1.6, left=(0.1, 0.9), effect=1.0)
    verdict = judge(Gap(accuracy, 0.1, given="light"), predictions_of_frame(frame))
    assert verdict.adjustment == Adjustment(("light",), Outcome.PASS, Outcome.FAIL)
    assert verdict.outcome is Outcome.INCONCLUSIVE


@pytest.mark.parametrize("given", ["light", "brightness", ("brightness", "light", "age")])
def test_alike_groups_in_alike_light_pass(given: str | tuple[str, ...]) -> None:
    frame = lit_frame(people=80, left=(0.5, 0.5), base=3.0, effect=0.5)
    verdict = judge(Gap(accuracy, 0.15, given=given), predictions_of_frame(frame))
    assert verdict.outcome is Outcome.PASS
    assert MEDIATOR in verdict.notes


def test_brightness_is_adjusted_for_by_g_computation() -> None:
    predictions = predictions_of_frame(lit_frame(people=60, left=(0.5, 0.5), brightness=1.5, effect=0.0))
    crude, verdict = (judge(Gap(accuracy, 0.1, given=given), predictions) for given in ((), "brightness"))
    assert crude.outcome is Outcome.FAIL
    assert verdict.reason.startswith("confounded: the crude verdict is FAIL, the one given brightness ")
    assert verdict.estimate < 0.4 * crude.estimate
    assert any("g-computation" in note and "120 refits" in note for note in verdict.notes)
    assert any("act alike in every slice" in note for note in verdict.notes)
    assert verdict.people_needed == {}


def test_the_balance_table_is_of_people_and_names_the_deciding_pair() -> None:
    frame = lit_frame(people=20)
    verdict = judge(Gap(accuracy, 0.1, given=("light", "brightness")), predictions_of_frame(frame))
    balance = table(verdict, "Balance")
    assert balance.columns == ("held fixed", "a", "b", "apart: a / b")
    left = frame.assign(left=frame.light == "left").groupby("race").left.mean()
    spread = np.sqrt((left * (1 - left)).mean())
    row = dict(zip(balance.columns, balance.rows[0], strict=True))
    assert row["held fixed"] == "light = left"
    assert row["a"] == f"{left['a']:.0%}"
    assert row["apart: a / b"] == f"{(left['a'] - left['b']) / spread:+.2f}"
    bright = frame.groupby("race").brightness
    assert balance.rows[2][:2] == (
        "brightness",
        f"{bright.mean()['a']:.3g} ({bright.std(ddof=0)['a']:.2g})",
    )


def test_a_person_with_many_pictures_counts_once_in_the_balance() -> None:
    frame = lit_frame(people=10)
    often = frame[frame.identity == "p000"].assign(brightness=9.0)
    verdict = judge(
        Gap(accuracy, 0.1, given="brightness"),
        predictions_of_frame(pd.concat([frame[frame.identity != "p000"], often, often, often])),
    )
    means = frame[frame.race == "a"].groupby("identity").brightness.mean()
    means["p000"] = 9.0
    assert table(verdict, "Balance").rows[0][1].startswith(f"{means.mean():.3g} (")


def test_little_overlap_is_said() -> None:
    frame = lit_frame(people=20)
    frame["brightness"] += (frame.race == "a") * 2.0
    verdict = judge(Gap(accuracy, 0.1, given="brightness"), predictions_of_frame(frame))
    assert any(note.startswith("little overlap: a and b lie 3.") for note in verdict.notes)


def test_the_test_of_mantel_and_haenszel_stands_beside_exact_strata() -> None:
    frame = lit_frame(people=20)
    verdict = judge(Gap(accuracy, 0.1, given="light"), predictions_of_frame(frame))
    aside = table(verdict, "The deciding pair, images taken as independent")
    right = frame.predicted == frame.expression
    tables = [
        [
            [
                int((right & cell & (frame.race == race)).sum()),
                int((~right & cell & (frame.race == race)).sum()),
            ]
            for race in "ab"
        ]
        for light in ("left", "right")
        for label in ("anger", "fear", "happiness")
        for cell in [(frame.light == light) & (frame.expression == label)]
    ]
    cells = np.array(tables, dtype=float)
    total = cells.sum((1, 2))
    ratio = (cells[:, 0, 0] * cells[:, 1, 1] / total).sum() / (cells[:, 0, 1] * cells[:, 1, 0] / total).sum()
    assert aside.rows[0][:2] == ("a / b", f"{ratio:.2f}")
    assert "images as independent" in aside.note


def test_independence_is_tested_within_strata() -> None:
    predictions = predictions_of_frame(lit_frame(people=40, left=(0.8, 0.2)))
    crude = judge(NoAssociation(accuracy, margin=0.1), predictions)
    verdict = judge(NoAssociation(accuracy, margin=0.1, given="light"), predictions)
    assert crude.outcome is Outcome.FAIL
    assert verdict.adjustment is not None
    assert verdict.adjustment.crude is Outcome.FAIL
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert verdict.p is not None
    assert verdict.p > 0.05
    assert any("people with the same labels" in note for note in verdict.notes)


def test_independence_given_a_number_is_refused_with_the_cure() -> None:
    with pytest.raises(ConfigurationError) as told:
        judge(
            NoAssociation(accuracy, given="brightness"), predictions_of_frame(lit_frame(people=8, images=1))
        )
    assert str(told.value) == (
        "NoAssociation(accuracy, alpha=0.05, given='brightness'): 'brightness' is a number for every image, and "
        "people can be exchanged only within strata; put it into bands (an attribute of a few levels), or adjust "
        "for it by Gap(accuracy, at_most=..., given='brightness')"
    )


def test_an_unknown_factor_is_named_with_a_suggestion() -> None:
    with pytest.raises(UnknownNameError) as told:
        judge(Gap(accuracy, 0.1, given="brightnes"), predictions_of_frame(lit_frame(people=8, images=1)))
    assert str(told.value) == (
        "unknown control factor 'brightnes' in given; did you mean 'brightness'? Known: age, brightness, light, race"
    )


def test_a_factor_of_the_slicing_is_refused() -> None:
    with pytest.raises(ConfigurationError) as told:
        judge(Gap(accuracy, 0.1, given="race"), predictions_of_frame(lit_frame(people=8, images=1)))
    assert str(told.value) == (
        "given='race' is part of the slicing 'race': slices that differ in it cannot be compared at equal values "
        "of it; leave it out of one of the two"
    )


def test_counts_without_rows_are_refused() -> None:
    counts = Audit(predictions_of_frame(lit_frame(people=8, images=1)), by="race").counts
    with pytest.raises(ConfigurationError) as told:
        Gap(accuracy, 0.1, given="light").decide(Evidence(counts), Settings())
    assert str(told.value) == (
        "Gap(accuracy, at_most=0.1, given='light') looks at rows, and only counts were kept; judge it where the "
        "predictions are"
    )


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            ("light", "light"),
            "Gap(given=('light', 'light')) names a factor twice; name each once",
        ),
        (
            "",
            "Gap(given='') names no control factor; give names of attributes or covariates, e.g. given='light'",
        ),
    ],
)
def test_names_that_mean_nothing_are_refused(given: str | tuple[str, ...], message: str) -> None:
    with pytest.raises(ConfigurationError) as told:
        Gap(accuracy, 0.1, given=given)
    assert str(told.value) == message


@pytest.mark.parametrize("given", ["light", "brightness"])
def test_a_few_unknown_values_are_left_out_and_counted(given: str) -> None:
    frame = lit_frame(people=80, left=(0.5, 0.5), base=3.0, effect=0.5)
    frame.loc[frame.index[:15], given] = np.nan if given == "brightness" else None
    verdict = judge(Gap(accuracy, 0.15, given=given), predictions_of_frame(frame))
    assert verdict.outcome is Outcome.PASS
    assert (
        f"15 of 1920 rows are left out of the adjusted analysis because {given} is unknown there"
        in verdict.notes
    )


@pytest.mark.parametrize("given", ["light", "brightness"])
def test_many_unknown_values_decide_nothing(given: str) -> None:
    frame = lit_frame(people=80, left=(0.5, 0.5), base=3.0, effect=0.5)
    frame.loc[frame.index[:25], given] = np.nan if given == "brightness" else None
    verdict = judge(Gap(accuracy, 0.15, given=given), predictions_of_frame(frame))
    assert verdict.adjustment == Adjustment((given,), Outcome.PASS, Outcome.PASS)
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert verdict.reason == (
        f"{given} is unknown for 25 of 960 rows of race = a (at most 2% may be), and such rows are rarely like the "
        "others: complete it, or leave those pictures out everywhere"
    )


@pytest.mark.parametrize("measure", [recall("fear"), misclassification("fear", "disgust"), recall("neutral")])
def test_measures_of_one_label_are_adjusted_over_its_images(measure: object) -> None:
    predictions = predictions_of_frame(lit_frame(people=20))
    verdict = judge(Gap(measure, 0.1, given="brightness"), predictions)  # type: ignore[arg-type]
    assert all(pair.labels == ("fear",) for pair in verdict.comparisons)
    assert bool(verdict.comparisons) == ("neutral" not in repr(measure))
    if verdict.comparisons:
        (pair,) = verdict.comparisons
        (crude,) = judge(Gap(measure, 0.1), predictions).comparisons  # type: ignore[arg-type]
        assert 0 < abs(pair.estimate - crude.estimate) < 0.1
        assert (pair.images_a, pair.images_b) == (crude.images_a, crude.images_b)


@pytest.mark.parametrize("answer", ["anger", "disgust"])
@pytest.mark.parametrize("given", ["light", "brightness"])
def test_all_right_and_all_wrong_give_bounds(answer: str, given: str) -> None:
    frame = lit_frame(people=10).query("expression == 'anger'").assign(predicted=answer)
    verdict = judge(Gap(accuracy, 0.1, given=given), predictions_of_frame(frame))
    assert np.isfinite([verdict.estimate, verdict.lower, verdict.upper]).all()
    assert verdict.outcome is not Outcome.FAIL


@pytest.mark.parametrize("given", ["light", "brightness", ("light", "brightness")])
def test_one_person_and_a_constant_factor_are_no_error(given: str | tuple[str, ...]) -> None:
    frame = lit_frame(people=10).assign(light="left", brightness=0.5)
    few = frame[(frame.race == "a") | (frame.identity == "p010")]
    assert judge(Gap(accuracy, 0.1, given=given), predictions_of_frame(few)).comparisons == ()
    verdict = judge(Gap(accuracy, 0.1, given=given), predictions_of_frame(frame))
    crude = judge(Gap(accuracy, 0.1), predictions_of_frame(frame))
    assert verdict.estimate == pytest.approx(crude.estimate, abs=1e-4)


@pytest.mark.parametrize("given", ["light", "brightness"])
def test_renaming_people_and_slices_or_sorting_rows_changes_nothing(given: str) -> None:
    frame = lit_frame(people=12)
    first = judge(Gap(accuracy, 0.1, given=given), predictions_of_frame(frame))
    other = frame.sample(frac=1, random_state=3)
    other = other.assign(identity="q" + other.identity.str[::-1])
    second = judge(Gap(accuracy, 0.1, given=given), predictions_of_frame(other))
    assert (second.lower, second.upper) == pytest.approx((first.lower, first.upper), abs=1e-9)
    swapped = other.assign(race=other.race.map({"a": "z", "b": "c"}))
    third = judge(Gap(accuracy, 0.1, given=given), predictions_of_frame(swapped))
    assert (third.lower, third.upper) == pytest.approx((first.lower, first.upper), abs=1e-9)


def test_asking_again_about_every_image_changes_nothing() -> None:
    frame = lit_frame(people=12, images=2).assign(image=lambda f: f.index.astype(str))
    again = frame.loc[frame.index.repeat(2)]
    first, second = (
        judge(Gap(accuracy, 0.1, given="brightness"), predictions_of_frame(one)) for one in (frame, again)
    )
    assert (second.lower, second.upper) == pytest.approx((first.lower, first.upper), abs=1e-9)


def test_people_seen_in_both_slices_are_compared_with_themselves() -> None:
    frame = lit_frame(people=24, brightness=0.5)
    frame["identity"] = "p" + (frame.identity.str[1:].astype(int) % 24).astype(str)
    for given in ("light", "brightness"):
        (pair,) = judge(Gap(accuracy, 0.1, given=given), predictions_of_frame(frame)).comparisons
        assert pair.kind == "shared"
        assert pair.lower < pair.estimate < pair.upper


def test_unknown_people_are_judged_by_what_one_person_may_have() -> None:
    frame = lit_frame(people=60, left=(0.6, 0.5), direct=3.0).assign(identity=None)
    verdict = judge(Gap(accuracy, 0.1, given="brightness"), predictions_of_frame(frame))
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert "it would FAIL if no person occurs in more than" in verdict.reason
    declared = frame.assign(max_images_per_person=3)
    wider = judge(Gap(accuracy, 0.1, given="brightness"), predictions_of_frame(declared))
    assert wider.outcome is Outcome.FAIL
    assert any("groups of people" in note for note in wider.notes)
    assert wider.lower < verdict.lower


def test_the_p_of_the_demand_is_the_larger_of_both() -> None:
    predictions = predictions_of_frame(lit_frame(people=60))
    crude = judge(Gap(accuracy, 0.05), predictions)
    verdict = judge(Gap(accuracy, 0.05, given="light"), predictions)
    assert crude.p is not None
    assert verdict.p is not None
    assert verdict.p > crude.p


def test_a_verdict_with_control_factors_travels_between_processes() -> None:
    verdict = judge(Gap(accuracy, 0.1, given="light"), predictions_of_frame(lit_frame(people=10)))
    sent = Record("test", "m", "d", verdict)
    assert decode_record(encode_record(sent)) == sent


def test_the_crude_verdict_is_the_one_without_factors() -> None:
    predictions = predictions_of_frame(lit_frame(people=12))
    crude = judge(Gap(accuracy, 0.1), predictions)
    assert crude.adjustment is None
    row = table(judge(Gap(accuracy, 0.1, given="brightness"), predictions), "Crude and adjusted").rows[0]
    assert row[2:] == tuple(f"{number:.3f}" for number in (crude.estimate, crude.lower, crude.upper))
