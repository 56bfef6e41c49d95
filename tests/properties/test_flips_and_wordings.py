"""What must hold of counterfactual pairs and of wordings in every table, however it is shaped."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings as hypothesis_settings, strategies as st
from judging import GROUP, assert_same, other_groups, other_people

from fer_audit.audit import Audit
from fer_audit.criteria import Flips, Gap
from fer_audit.predictions import Column, Predictions
from fer_audit.results import Outcome
from fer_audit.stats.measures import accuracy, recall
from fer_audit.strategies import flips, predictions

relaxed = hypothesis_settings(max_examples=25, deadline=None)
LABELS = ("anger", "disgust", "fear")
shared = predictions(
    labels=LABELS, sharing=["shared"], max_slices=3, min_people=8, max_people=14, max_prompts=3
)
worded = predictions(labels=LABELS[:2], max_slices=3, min_people=8, max_people=14, max_rows=1).filter(
    lambda table: len(table.attributes["group"].levels) > 1
)
seeds = st.integers(0, 2**16)
tolerances = st.integers(1, 97).map(lambda points: points / 100)


def within_people(table: Predictions) -> Predictions:
    """A table that can be asked about, or none."""
    assume(len(table.attributes["group"].levels) > 1)
    return table


@given(shared, flips(), seeds)
@relaxed
def test_names_and_the_order_of_rows_mean_nothing(table: Predictions, criterion: Flips, seed: int) -> None:
    within_people(table)
    generator = np.random.default_rng(seed)
    expected = Audit(table, by=GROUP).judge(criterion)
    order = generator.permutation(len(table.attributes["group"].levels))
    levels = table.attributes["group"].levels
    names = {levels[new]: levels[old] for old, new in enumerate(order)}
    for other, renamed in (
        (other_people(table, generator), {}),
        (table.take(generator.permutation(len(table))), {}),
        (other_groups(table, order), names),
    ):
        found = Audit(other, by=GROUP).judge(criterion)
        assert_same(found, expected, renamed)
        assert found.p == expected.p


@given(shared, tolerances, tolerances)
@relaxed
def test_a_larger_tolerance_is_never_harder_to_keep(table: Predictions, one: float, other: float) -> None:
    within_people(table)
    audit = Audit(table, by=GROUP)
    strict, lenient = (audit.judge(Flips(value)).outcome for value in (min(one, other), max(one, other)))
    if strict is Outcome.PASS:
        assert lenient is Outcome.PASS
    if lenient is Outcome.FAIL:
        assert strict is Outcome.FAIL


@given(shared, tolerances)
@relaxed
def test_bounds_are_in_order_and_nothing_is_nan(table: Predictions, tolerance: float) -> None:
    within_people(table)
    verdict = Audit(table, by=GROUP).judge(Flips(tolerance))
    for pair in verdict.comparisons:
        assert pair.lower <= pair.estimate <= pair.upper <= 1
        assert pair.estimate == pytest.approx(pair.value_a - pair.value_b)
        assert 0 <= pair.value_a <= 1
        assert 0 <= pair.value_b <= 1
        assert -1 <= pair.correlation <= 1
    assert math.isnan(verdict.estimate) == (not verdict.comparisons)
    if verdict.p is not None:
        assert 0 < verdict.p <= 1


@given(shared, flips(), seeds)
@relaxed
def test_a_model_that_ignores_the_attribute_has_no_excess(
    table: Predictions, criterion: Flips, seed: int
) -> None:
    """Every face of one person and label gets one answer, whatever its level, picture and wording."""
    within_people(table)
    said = np.random.default_rng(seed).integers(0, 3, (len(table.identity.levels), 3))
    codes = said[table.identity.codes, table.true.codes].astype(np.int32)
    steady = replace(
        table,
        predicted=Column(codes, table.predicted.levels),
        kind=np.zeros_like(table.kind),
        confidence=None,
    )
    verdict = Audit(steady, by=GROUP).judge(criterion)
    assert verdict.outcome is not Outcome.FAIL
    for pair in verdict.comparisons:
        assert (pair.estimate, pair.value_a, pair.value_b) == (0, 0, 0)


@given(
    worded,
    st.sampled_from([2, 9, 12]),
    st.integers(2, 3),
    st.sampled_from([accuracy, recall("anger")]),
    seeds,
)
@relaxed
def test_entering_an_image_again_changes_no_bound_in_any_number_of_wordings(
    table: Predictions, wordings: int, times: int, measure: object, seed: int
) -> None:
    generator = np.random.default_rng(seed)
    names = tuple(f"q{place:02}" for place in range(wordings))
    rows = np.repeat(np.arange(len(table)), wordings)
    prompts = np.tile(np.arange(wordings, dtype=np.int32), len(table))
    codes = generator.integers(0, 2, len(rows)).astype(np.int32)
    many = table.take(rows)
    asked = replace(
        many,
        prompt=Column(prompts, names),
        predicted=Column(codes, many.predicted.levels),
        kind=np.zeros_like(many.kind),
        confidence=None,
    )
    criterion = Gap(measure, at_most=0.1)  # type: ignore[arg-type]
    again = asked.take(np.tile(np.arange(len(asked)), times))
    found, expected = (Audit(one, by=GROUP).judge(criterion) for one in (again, asked))
    assert_same(found, expected)
    assert found.lower <= found.upper or math.isnan(found.upper)


@given(worded, tolerances)
@relaxed
def test_one_wording_changes_nothing(table: Predictions, tolerance: float) -> None:
    one = replace(table, prompt=Column(np.zeros(len(table), dtype=np.int32), ("q",)))
    none = replace(table, prompt=None)
    found, expected = (Audit(data, by=GROUP).judge(Gap(accuracy, at_most=tolerance)) for data in (one, none))
    assert_same(found, expected)
    assert (found.notes, found.reason, found.asides) == (expected.notes, expected.reason, expected.asides)
