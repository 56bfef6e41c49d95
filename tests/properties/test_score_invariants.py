"""What must hold of means of confidence and Brier score, however the table is shaped."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from hypothesis import given, settings as hypothesis_settings, strategies as st
from judging import GROUP, Demand, assert_same, other_groups, other_people, same_data

from fer_audit.predictions import Column, Predictions
from fer_audit.results import Outcome
from fer_audit.stats.counts import count
from fer_audit.stats.evidence import Evidence
from fer_audit.stats.measures import Measure, brier, overconfidence
from fer_audit.stats.merging import merge_counts
from fer_audit.stats.planning.scores import control_scores, plan_scores
from fer_audit.stats.scores.comparison import compare_scores
from fer_audit.stats.settings import Settings
from fer_audit.strategies import gaps, scores, table_designs
from fer_audit.strategies.tables import table_of

if TYPE_CHECKING:
    from fer_audit.criteria import Gap

relaxed = hypothesis_settings(max_examples=50, deadline=None)
few = hypothesis_settings(max_examples=12, deadline=None)
tables = table_designs(labels=["anger", "disgust", "fear"]).map(
    lambda design: table_of(replace(design, confident=True))
)
demands = st.sampled_from([Demand("gap", overconfidence), Demand("gap", brier)])
seeds = st.integers(0, 2**16)
tolerances = st.integers(1, 97).map(lambda points: points / 100)


@given(tables, demands, seeds)
@relaxed
def test_the_names_of_people_and_slices_and_the_order_of_rows_mean_nothing(
    table: Predictions, demand: Demand, seed: int
) -> None:
    generator = np.random.default_rng(seed)
    expected = demand(count(table, GROUP))
    assert_same(demand(count(other_people(table, generator), GROUP)), expected)
    assert_same(demand(count(table.take(generator.permutation(len(table))), GROUP)), expected)
    levels = table.attributes["group"].levels
    order = generator.permutation(len(levels))
    names = {levels[new]: levels[old] for old, new in enumerate(order)}
    assert_same(demand(count(other_groups(table, order), GROUP)), expected, names)


@given(tables, demands)
@relaxed
def test_swapping_two_slices_flips_the_sign_of_the_difference_alone(
    table: Predictions, demand: Demand
) -> None:
    tally = demand.measure.tally(count(table, GROUP))
    last = len(tally.levels) - 1
    if last < 1:
        return
    found, swapped = (
        compare_scores(t, Settings()) for t in (tally, replace(tally, level=last - tally.level))
    )
    back = [
        next(
            p
            for p in range(len(swapped.compared))
            if (swapped.layout.first[p], swapped.layout.second[p]) == (last - second, last - first)
        )
        for first, second in zip(found.layout.first, found.layout.second, strict=True)
    ]
    np.testing.assert_allclose(swapped.difference[back], -found.difference, atol=1e-9)
    np.testing.assert_allclose(swapped.lower[back], found.lower, atol=1e-9)
    np.testing.assert_allclose(swapped.upper[back], found.upper, atol=1e-9)


@given(tables, demands, st.integers(2, 4))
@relaxed
def test_entering_images_again_and_in_other_wordings_changes_no_bound(
    table: Predictions, demand: Demand, times: int
) -> None:
    rows = np.arange(len(table))
    again = table.take(np.tile(rows, times))
    expected = demand(count(table, GROUP))
    assert_same(demand(count(again, GROUP)), expected)
    old = np.zeros(len(table), dtype=np.int32) if table.prompt is None else table.prompt.codes
    wordings = int(old.max(initial=0)) + 1
    prompts = np.concatenate([old + wordings * part for part in range(times)])
    names = tuple(f"q{i}" for i in range(wordings * times))
    reworded = replace(again, prompt=Column(prompts.astype(np.int32), names))
    assert_same(demand(count(reworded, GROUP)), expected)


@given(tables, demands, tolerances, tolerances)
@relaxed
def test_a_larger_tolerance_is_never_harder_to_keep(
    table: Predictions, demand: Demand, one: float, other: float
) -> None:
    counts = count(table, GROUP)
    strict, lenient = demand(counts, min(one, other)).outcome, demand(counts, max(one, other)).outcome
    if strict is Outcome.PASS:
        assert lenient is Outcome.PASS
    if lenient is Outcome.FAIL:
        assert strict is Outcome.FAIL


@given(tables, gaps(of=scores()))
@few
def test_a_verdict_with_its_plan_has_bounds_in_order_and_nothing_that_is_no_number(
    table: Predictions, criterion: Gap
) -> None:
    counts = count(table, GROUP)
    verdict = criterion.decide(Evidence(counts, table), Settings())
    for pair in verdict.comparisons:
        assert pair.lower <= pair.estimate <= pair.upper <= 2
        assert all(math.isfinite(x) for x in (pair.lower, pair.upper, pair.value_a, pair.value_b))
        assert pair.p is not None
        assert 0 <= pair.p <= 1
    assert math.isnan(verdict.upper) == (not verdict.comparisons)
    assert all(number >= 8 for number in verdict.people_needed.values())
    (aside,) = verdict.asides
    assert [row[0] for row in aside.rows] == list(counts.levels)
    assert not any("nan" in cell for row in aside.rows for cell in row)
    if verdict.outcome is Outcome.PASS:
        assert verdict.upper <= criterion.at_most + 1e-9
        assert verdict.not_assessable == ()


@given(tables, demands, st.integers(2, 4), seeds)
@relaxed
def test_shards_add_up_to_one_table(table: Predictions, demand: Demand, parts: int, seed: int) -> None:
    shard = np.random.default_rng(seed).integers(0, parts, len(table.image.levels))[table.image.codes]
    merged = merge_counts([count(table.take(shard == part), GROUP) for part in range(parts)])
    assert_same(demand(merged), demand(count(table, GROUP)))


@given(tables, st.sampled_from([overconfidence, brier]), seeds)
@few
def test_plans_depend_on_the_data_alone(table: Predictions, measure: Measure, seed: int) -> None:
    def planned(one: Predictions) -> tuple[object, ...]:
        tally = measure.tally(count(one, GROUP))
        plan, control = plan_scores(tally, 0.1, Settings()), control_scores(tally, 0.1, Settings())
        return sorted(number for _, number in plan.people), plan.detectable, control.power

    expected = planned(table)
    assert [planned(other) for other in same_data(table, np.random.default_rng(seed))] == [expected] * 4
