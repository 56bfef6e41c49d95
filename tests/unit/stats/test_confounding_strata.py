"""Exact strata: direct standardisation by hand, and what has no counterpart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from lit_tables import LABELS, lit_frame, predictions_of_frame

from fer_audit import Audit, Gap, accuracy, misclassification, recall, refusals
from fer_audit.errors import ConfigurationError
from fer_audit.records import Slicing
from fer_audit.stats.confounding.factors import Factor, find_factors, strata_of_rows
from fer_audit.stats.confounding.strata import stratify
from fer_audit.stats.counts import count

if TYPE_CHECKING:
    import pandas as pd

    from fer_audit.stats.measures import Measure

RACE = Slicing("race")


def by_hand(frame: pd.DataFrame, event: pd.Series, labels: tuple[str, ...]) -> dict[str, float]:
    """Mean over labels and strata of the mean over people of the mean over their images."""
    found = {}
    for race, part in frame.assign(event=event).groupby("race"):
        cells = []
        for label in labels:
            for light in ("left", "right"):
                cell = part[(part.expression == label) & (part.light == light)]
                cells.append(cell.groupby("identity").event.mean().mean())
        found[str(race)] = float(np.mean(cells))
    return found


@pytest.mark.parametrize(
    ("measure", "labels"),
    [
        pytest.param(accuracy, LABELS, id="accuracy"),
        pytest.param(recall("fear"), ("fear",), id="recall"),
        pytest.param(misclassification("fear", "disgust"), ("fear",), id="misclassification"),
    ],
)
def test_the_rates_are_those_of_direct_standardisation(measure: Measure, labels: tuple[str, ...]) -> None:
    frame = lit_frame()
    confused = measure.predicted is not None
    event = (frame.predicted == ("disgust" if confused else frame.expression)).astype(float)
    (pair,) = (
        Audit(predictions_of_frame(frame), by="race").judge(Gap(measure, 0.1, given="light")).comparisons
    )
    rates = by_hand(frame, event, labels)
    assert {pair.a: pair.value_a, pair.b: pair.value_b} == pytest.approx(rates, abs=1e-9)
    assert pair.labels == tuple(f"{label} (light={light})" for light in ("left", "right") for label in labels)


def test_refusals_and_answered_images_are_counted_in_each_stratum() -> None:
    frame = lit_frame()
    refused = (np.arange(len(frame)) % 5 == 0) & (frame.race == "a")
    frame = frame.assign(answer=np.where(refused, "refused", "answered"))
    frame.loc[refused, "predicted"] = None
    audit = Audit(predictions_of_frame(frame), by="race")
    (pair,) = audit.judge(Gap(refusals, 0.1, given="light")).comparisons
    assert (pair.value_a, pair.value_b) == pytest.approx((by_hand(frame, refused * 1.0, LABELS)["a"], 0.0))
    answered = frame[~refused]
    rates = by_hand(answered, (answered.predicted == answered.expression) * 1.0, LABELS)
    (pair,) = audit.judge(Gap(accuracy.answered, 0.1, given="light")).comparisons
    assert {pair.a: pair.value_a, pair.b: pair.value_b} == pytest.approx(rates, abs=1e-9)
    asides = [aside.title for aside in audit.judge(Gap(accuracy, 0.1, given="light")).asides]
    assert "Images without an answer" in asides


def test_the_units_of_every_stratum_are_those_of_the_whole() -> None:
    predictions = predictions_of_frame(lit_frame(people=5, images=1))
    strata = strata_of_rows(find_factors(predictions, ("light",), RACE), len(predictions))
    whole = count(predictions, RACE)
    found = stratify(predictions, RACE, accuracy, strata)
    tally, plain = found.tally(whole), accuracy.tally(whole)
    assert tally.person.tolist() == plain.person.tolist()
    assert tally.images.reshape(-1, 2, 3).sum(axis=1) == pytest.approx(plain.images)
    assert tally.hits.reshape(-1, 2, 3).sum(axis=1) == pytest.approx(plain.hits)
    # Of one label, too, strata are averaged: images must not be counted over all of them.
    assert not stratify(predictions, RACE, recall("fear"), strata).tally(whole).conditional
    assert repr(found) == "accuracy"


def test_a_stratum_that_one_slice_lacks_is_left_out_by_name() -> None:
    frame = lit_frame()
    frame.loc[(frame.race == "b") & (frame.light == "left") & (frame.expression == "fear"), "light"] = "right"
    verdict = Audit(predictions_of_frame(frame), by="race").judge(Gap(accuracy, 0.1, given="light"))
    assert verdict.labels_left_out == ("fear (light=left)",)
    assert verdict.not_assessable == ()


def test_strata_without_any_overlap_are_not_assessable() -> None:
    frame = lit_frame(left=(1.0, 0.0))
    verdict = Audit(predictions_of_frame(frame), by="race").judge(Gap(accuracy, 0.1, given="light"))
    assert verdict.outcome == "inconclusive"
    assert verdict.comparisons == ()
    assert verdict.reason == ("not assessable given light: no two slices have enough people to be compared")
    assert [item.name for item in verdict.not_assessable] == ["a / b"]


def test_factors_are_joined_into_the_combinations_that_occur() -> None:
    first = Factor("light", np.array([0, 1, 1, -1, 0]), ("left", "right"))
    second = Factor("age", np.array([0, 0, 1, 1, -1]), ("old", "young"))
    joined = strata_of_rows((first, second), 5)
    assert joined.levels == ("light=left, age=old", "light=right, age=old", "light=right, age=young")
    assert np.asarray(joined.codes).tolist() == [0, 1, 2, -1, -1]


def test_more_strata_than_can_be_told_apart_are_refused() -> None:
    many = Factor("city", np.arange(101), tuple(f"c{number}" for number in range(101)))
    with pytest.raises(ConfigurationError) as told:
        strata_of_rows((many,), 101)
    assert str(told.value) == (
        "given=('city',) makes 101 strata, at most 100 can be compared; put values into bands, or give fewer factors"
    )


def test_numbers_of_many_levels_are_covariates_and_of_few_are_strata() -> None:
    predictions = predictions_of_frame(lit_frame(people=12, images=1))
    (age,) = find_factors(predictions, ("age",), RACE)
    assert age.codes is None
    assert set(np.asarray(age.values).tolist()) == {float(20 + number) for number in range(23)}
    few = lit_frame(people=12, images=1).assign(age=lambda f: f.age % 10)
    (band,) = find_factors(predictions_of_frame(few), ("age",), RACE)
    assert band.codes is not None
    assert band.levels == tuple(str(number) for number in range(10))
