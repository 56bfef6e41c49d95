"""Overconfidence and Brier score from answers to a verdict."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from fer_audit.audit import Audit
from fer_audit.criteria import Gap, NoAssociation, NoWorseThan, Ratio
from fer_audit.errors import ConfigurationError
from fer_audit.planning import prospect
from fer_audit.predictions import Predictions
from fer_audit.records import Slicing
from fer_audit.results import Kind, Outcome, Verdict
from fer_audit.stats.counts import count
from fer_audit.stats.measures import accuracy, brier, misclassification, overconfidence, recall, refusals

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fer_audit.stats.measures import Measure

GROUP = Slicing("group")


def frame_of(
    over: Sequence[float] = (0.0, 0.3),
    people: int = 24,
    images: int = 6,
    *,
    shared: bool = False,
    seed: int = 1,
) -> pd.DataFrame:
    """Groups a, b, ... whose answers are so much surer of themselves than right."""
    generator = np.random.default_rng(seed)
    rows = []
    for group, excess in zip("abcd", over, strict=False):
        for person in range(people):
            who = f"{person}" if shared else f"{group}{person}"
            for image in range(images):
                sure = round(float(generator.uniform(0.5, 0.9)), 3)
                said = "anger" if generator.random() < sure - excess else "fear"
                rows.append((who, f"{group}{person}-{image}", "anger", said, sure, group))
    names = ["identity", "image", "expression", "predicted", "confidence", "group"]
    return pd.DataFrame(rows, columns=names)


def judge(frame: pd.DataFrame, measure: Measure, tolerance: float) -> Verdict:
    return Audit(Predictions.from_pandas(frame), by="group").judge(Gap(measure, at_most=tolerance))


def test_scores_are_means_of_confidence_and_of_squared_distance_from_right() -> None:
    rows = [
        ("p", "1", "anger", "anger", 0.9, "a"),
        ("p", "2", "anger", "fear", 0.6, "a"),
        ("p", "3", "fear", "fear", 0.5, "a"),
        ("p", "4", "fear", "fear", None, "a"),
    ]
    names = ["identity", "image", "expression", "predicted", "confidence", "group"]
    counts = count(Predictions.from_pandas(pd.DataFrame(rows, columns=names)), GROUP)
    over, squared = overconfidence.tally(counts), brier.tally(counts)
    assert over.labels == squared.labels == counts.labels
    place = [counts.labels.index(label) for label in ("anger", "fear")]
    assert over.hits[0, place].tolist() == pytest.approx([0.9 - 1 + 0.6, 0.5 - 1])
    assert squared.hits[0, place].tolist() == pytest.approx([0.01 + 0.36, 0.25])
    assert over.images[0, place].tolist() == squared.images[0, place].tolist() == [2.0, 1.0]
    assert overconfidence.unanswered(counts).sum() == 0


def test_which_measures_are_shares_and_how_each_is_written() -> None:
    shares = (accuracy, accuracy.answered, recall("anger"), misclassification("anger", "fear"), refusals)
    assert [measure.is_proportion for measure in (*shares, overconfidence, brier)] == [True] * 5 + [False] * 2
    assert {measure.scale for measure in (*shares, overconfidence)} == {"difference"}
    assert brier.scale == "score"
    assert repr(Gap(overconfidence, at_most=0.1)) == "Gap(overconfidence, at_most=0.1)"
    assert repr(brier) == "brier"
    with pytest.raises(ConfigurationError, match=re.escape("brier has no .answered; only accuracy")):
        _ = brier.answered


@pytest.mark.parametrize("measure", [overconfidence, brier])
def test_answers_without_any_confidence_are_refused_with_the_cure(measure: Measure) -> None:
    frame = frame_of().drop(columns="confidence")
    with pytest.raises(ConfigurationError) as refused:
        judge(frame, measure, 0.1)
    assert str(refused.value) == (
        f"{measure!r} compares how sure a model is with how often it is right, and no answer in these predictions "
        "has a confidence; add a column 'confidence' with the probability of each answer, or audit a model "
        "that gives scores"
    )


@pytest.mark.parametrize("criterion", [Ratio, NoAssociation, NoWorseThan])
def test_criteria_whose_method_is_one_for_shares_refuse_scores(
    criterion: type[Ratio | NoAssociation | NoWorseThan],
) -> None:
    with pytest.raises(ConfigurationError) as refused:
        criterion(brier)
    assert str(refused.value) == (
        f"{criterion.__name__}(brier) cannot be judged: its method is one for shares of images, and brier is a "
        "mean of other numbers; use Gap(brier, at_most=0.1)"
    )
    assert criterion(accuracy).measure is accuracy


def test_what_a_table_could_show_is_not_asked_of_scores() -> None:
    with pytest.raises(ConfigurationError, match=r"^brier is no share of images, and how it varies"):
        prospect(Predictions.from_pandas(frame_of()), by="group", measure=brier)


@pytest.mark.parametrize(("measure", "scale"), [(overconfidence, "difference"), (brier, "score")])
def test_a_group_whose_confidence_is_worth_less_fails(measure: Measure, scale: str) -> None:
    audit = Audit(Predictions.from_pandas(frame_of((0.0, 0.45))), by="group")
    verdict = audit.judge(Gap(measure, at_most=0.05))
    assert (verdict.outcome, verdict.kind, verdict.scale) == (Outcome.FAIL, Kind.GAP, scale)
    (pair,) = verdict.comparisons
    assert (pair.a, pair.b, pair.kind, pair.people_a, pair.images_a) == ("b", "a", "apart", 24, 144)
    frame = frame_of((0.0, 0.45))
    right = frame.predicted == frame.expression
    value = frame.confidence - right if measure == overconfidence else (frame.confidence - right) ** 2
    means = value.groupby(frame.group).mean()
    assert (pair.value_a, pair.value_b) == pytest.approx((means["b"], means["a"]))
    assert verdict.lower == pair.lower > 0.05
    assert verdict.reason.startswith(f"b {means['b']:.3f} against a {means['a']:.3f}: at least ")
    assert (
        "the bounds rest on how much people vary, slices lending each other what they show of it"
        in verdict.notes
    )
    assert not any("correlation between images of one person:" in note for note in verdict.notes)


def test_groups_that_are_alike_pass_with_enough_people() -> None:
    verdict = Audit(Predictions.from_pandas(frame_of((0.1, 0.1), 150)), by="group").judge(
        Gap(overconfidence, at_most=0.1)
    )
    assert verdict.outcome is Outcome.PASS
    assert verdict.upper <= 0.1
    assert verdict.people_needed == {}


def test_an_open_verdict_says_how_many_people_would_decide_it() -> None:
    verdict = Audit(Predictions.from_pandas(frame_of((0.0, 0.2), 12, 4, seed=2)), by="group").judge(
        Gap(overconfidence, at_most=0.1)
    )
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert set(verdict.people_needed) == {"a", "b"}
    assert min(verdict.people_needed.values()) > 12
    assert verdict.detectable is not None
    assert 0.1 < verdict.detectable < 1
    assert any("people vary as these do (people drawn again from these)" in note for note in verdict.notes)
    assert any(note.startswith("positive control: a gap of 0.2, planted in one") for note in verdict.notes)


def test_images_without_a_confidence_take_no_part_and_are_counted() -> None:
    frame = frame_of((0.0, 0.3), 20)
    frame.loc[frame.index % 6 == 0, "confidence"] = None
    verdict = Audit(Predictions.from_pandas(frame), by="group").judge(Gap(brier, at_most=0.05))
    assert verdict.comparisons[0].images_a == 100
    assert "40 images got no answer with a confidence and take no part" in verdict.notes


def test_the_same_people_in_both_groups_are_compared_with_themselves() -> None:
    verdict = Audit(Predictions.from_pandas(frame_of((0.0, 0.45), shared=True)), by="group").judge(
        Gap(overconfidence, at_most=0.1)
    )
    assert verdict.comparisons[0].kind == "shared"
    assert verdict.outcome is Outcome.FAIL


def test_a_group_of_too_few_people_caps_the_verdict_as_it_does_for_shares() -> None:
    frame = frame_of((0.1, 0.1, 0.1), 150)
    frame = frame[(frame.group != "c") | frame.identity.isin(["c0", "c1"])]
    verdict = Audit(Predictions.from_pandas(frame), by="group").judge(Gap(overconfidence, at_most=0.1))
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert [entry.name for entry in verdict.not_assessable] == ["c"]


def test_pictures_of_unknown_people_get_a_verdict_only_under_a_declaration() -> None:
    frame = frame_of((0.0, 0.5), 60, 1).assign(identity=None)
    open_verdict = Audit(Predictions.from_pandas(frame), by="group").judge(Gap(overconfidence, at_most=0.1))
    assert open_verdict.outcome is Outcome.INCONCLUSIVE
    assert "it would FAIL if no person occurs in more than" in open_verdict.reason
    declared = frame.assign(max_images_per_person=1)
    verdict = Audit(Predictions.from_pandas(declared), by="group").judge(Gap(overconfidence, at_most=0.1))
    assert verdict.outcome is Outcome.FAIL
