"""What must hold of every table, however it is shaped."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import permutations
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings as hypothesis_settings, strategies as st
from judging import (
    GAPS,
    GROUP,
    PERMUTED,
    QUICK,
    Demand,
    assert_same,
    other_groups,
    other_people,
    same_data,
)

from fer_audit.criteria import Gap, NoAssociation, Ratio
from fer_audit.predictions import Column, Predictions
from fer_audit.results import Outcome
from fer_audit.stats.association.assessment import assess_association
from fer_audit.stats.counts import count
from fer_audit.stats.differences.engine import compare
from fer_audit.stats.evidence import Evidence
from fer_audit.stats.measures import Measure, accuracy, recall, refusals
from fer_audit.stats.merging import merge_counts
from fer_audit.stats.ratios.comparison import RatioClaim
from fer_audit.stats.settings import Settings
from fer_audit.stats.tally import canonical
from fer_audit.stats.verdicts.gap import judge_gap
from fer_audit.stats.verdicts.ratio import judge_ratio
from fer_audit.strategies import TableDesign, count_tables, predictions
from fer_audit.strategies.tables import table_of
from fer_audit.vocabulary import AnswerKind

if TYPE_CHECKING:
    from fer_audit.stats.counts import Counts
    from fer_audit.strategies.designs import Sharing

relaxed = hypothesis_settings(max_examples=60, deadline=None)
few = hypothesis_settings(max_examples=15, deadline=None)
tables = predictions(labels=["anger", "disgust", "fear"])
counted = count_tables(tables)
demands = st.sampled_from(QUICK)
seeds = st.integers(0, 2**16)
tolerances = st.integers(1, 97).map(lambda points: points / 100)
ONE_GROUP = (("group", ("a", "b")),)


@given(tables, demands, seeds)
@relaxed
def test_the_names_of_people_mean_nothing(table: Predictions, demand: Demand, seed: int) -> None:
    renamed = other_people(table, np.random.default_rng(seed))
    assert_same(demand(count(renamed, GROUP)), demand(count(table, GROUP)))


@given(tables, demands, seeds)
@relaxed
def test_the_names_of_slices_mean_nothing(table: Predictions, demand: Demand, seed: int) -> None:
    levels = table.attributes["group"].levels
    order = np.random.default_rng(seed).permutation(len(levels))
    names = {levels[new]: levels[old] for old, new in enumerate(order)}
    renamed = other_groups(table, order)
    assert_same(demand(count(renamed, GROUP)), demand(count(table, GROUP)), names)


@given(tables, demands, seeds)
@relaxed
def test_the_order_of_rows_means_nothing(table: Predictions, demand: Demand, seed: int) -> None:
    sorted_otherwise = table.take(np.random.default_rng(seed).permutation(len(table)))
    assert_same(demand(count(sorted_otherwise, GROUP)), demand(count(table, GROUP)))


@given(predictions(max_slices=3, labels=["anger", "disgust"]), seeds)
@hypothesis_settings(max_examples=30, deadline=None)
def test_a_p_depends_on_the_data_alone(table: Predictions, seed: int) -> None:
    def p(one: Predictions) -> float:
        tally = accuracy.tally(count(one, GROUP))
        return assess_association(tally, 0.05, Settings(), criterion="", version="", replicates=99).p

    expected = p(table)
    assert [p(other) for other in same_data(table, np.random.default_rng(seed))] == [expected] * 4


@given(predictions(max_slices=3, min_people=8, labels=["anger", "disgust"]), st.sampled_from(PERMUTED), seeds)
@few
def test_a_test_of_association_depends_on_the_data_alone(
    table: Predictions, demand: Demand, seed: int
) -> None:
    renamed = other_people(table, np.random.default_rng(seed))
    found, expected = demand(count(renamed, GROUP)), demand(count(table, GROUP))
    assert_same(found, expected)
    assert found.p == expected.p


@dataclass(frozen=True)
class Planned:
    """What comes from imagined tables that the data seed, of a gap and of a ratio."""

    people: tuple[int, ...]
    detectable: float | None
    ratio_people: tuple[int, ...]
    ratio_detectable: float | None


def planned(table: Predictions) -> Planned:
    counts, settings = count(table, GROUP), Settings()
    gap = judge_gap(counts, accuracy, 0.1, settings, criterion="")
    ratio = judge_ratio(counts, recall("anger"), RatioClaim(1.25, 0.05), settings, criterion="")
    # Slices of the same contents may stand for each other, so that the numbers alone are compared.
    return Planned(
        tuple(sorted(gap.people_needed.values())),
        gap.detectable,
        tuple(sorted(ratio.people_needed.values())),
        ratio.detectable,
    )


APART = TableDesign(("anger", "fear"), ONE_GROUP, ((0, 1, 0, 0, 2, 0) * 2, (1, 2, 0, 3, 1, 2, 3) * 2), (2, 3))
SHARED = replace(APART, wrong=((1, 2, 0, 1) * 3, (2, 1, 1, 0) * 3), sharing="shared")
MIXED = replace(APART, wrong=((1, 2, 0, 1) * 4, (2, 1, 1, 0) * 3), sharing="mixed", sparse=True)


@pytest.mark.parametrize("design", [APART, SHARED, MIXED], ids=["apart", "the same people", "some of them"])
def test_people_needed_depend_on_the_data_alone(design: TableDesign) -> None:
    table = table_of(design)
    expected = planned(table)
    assert expected.people
    assert expected.ratio_people
    assert planned(same_data(table, np.random.default_rng(1))[-1]) == expected


@pytest.mark.parametrize("measure", [accuracy, recall("anger"), refusals])
def test_slices_that_share_people_in_turn_are_put_in_one_order(measure: Measure) -> None:
    """Each of three slices holds the same answers, but of other people: their order must not follow names."""
    generator = np.random.default_rng(4)
    for _ in range(30):
        answers = generator.integers(0, 2, 12)
        table = np.stack([answers, generator.permutation(answers), generator.permutation(answers)])
        base = Predictions(
            identity=coded(np.tile(np.arange(12), 3), "p{}"),
            image=coded(np.arange(36), "i{}"),
            true=Column(np.zeros(36, dtype=np.int32), ("anger", "fear")),
            predicted=Column(table.reshape(-1).astype(np.int32), ("anger", "fear")),
            kind=np.zeros(36, dtype=np.int8),
            attributes={"group": coded(np.repeat(np.arange(3), 12), "g{}")},
        )
        first = canonical(measure.tally(count(base, GROUP)))
        for order in permutations(range(3)):
            renamed = other_groups(other_people(base, generator), np.array(order))
            other = canonical(measure.tally(count(renamed, GROUP)))
            for name in ("person", "level", "hits", "images"):
                np.testing.assert_array_equal(getattr(other, name), getattr(first, name))


def coded(codes: np.ndarray[tuple[int, ...], np.dtype[np.int64]], name: str) -> Column:
    return Column(codes.astype(np.int32), tuple(name.format(f"{i:04}") for i in range(int(codes.max()) + 1)))


@given(
    count_tables(predictions(max_slices=2, min_people=1, labels=["anger", "disgust"])), st.sampled_from(GAPS)
)
@relaxed
def test_swapping_two_slices_flips_the_sign_of_the_difference_alone(counts: Counts, demand: Demand) -> None:
    tally = demand.measure.tally(counts)
    if len(tally.levels) < 2:
        return
    found, swapped = (compare(t, Settings()) for t in (tally, replace(tally, level=1 - tally.level)))
    np.testing.assert_allclose(swapped.difference, -found.difference, atol=1e-12)
    np.testing.assert_allclose(swapped.lower, found.lower, atol=1e-9)
    np.testing.assert_allclose(swapped.upper, found.upper, atol=1e-9)


@given(tables, demands, st.integers(2, 4))
@relaxed
def test_entering_images_again_changes_no_bound(table: Predictions, demand: Demand, times: int) -> None:
    again = table.take(np.tile(np.arange(len(table)), times))
    assert_same(demand(count(again, GROUP)), demand(count(table, GROUP)))


@given(tables, demands)
@relaxed
def test_a_picture_asked_about_in_one_more_wording_is_still_one_picture(
    table: Predictions, demand: Demand
) -> None:
    """Every answer once more under another prompt: the mean over prompts is what it was."""
    rows = np.arange(len(table))
    doubled = table.take(np.tile(rows, 2))
    old = np.zeros(len(table), dtype=np.int32) if table.prompt is None else table.prompt.codes
    wordings = int(old.max(initial=0)) + 1
    prompts = Column(np.concatenate([old, old + wordings]), tuple(f"q{i}" for i in range(2 * wordings)))
    reworded = replace(doubled, prompt=prompts)
    assert_same(demand(count(reworded, GROUP)), demand(count(table, GROUP)))


@given(counted, demands, tolerances, tolerances)
@relaxed
def test_a_larger_tolerance_is_never_harder_to_keep(
    counts: Counts, demand: Demand, one: float, other: float
) -> None:
    strict, lenient = demand(counts, min(one, other)).outcome, demand(counts, max(one, other)).outcome
    if strict is Outcome.PASS:
        assert lenient is Outcome.PASS
    if lenient is Outcome.FAIL:
        assert strict is Outcome.FAIL


@given(
    # Many people, so that some of these verdicts are PASS.
    count_tables(
        predictions(attributes=dict(ONE_GROUP), min_people=14, max_people=24, labels=["anger"], sparse=False)
    ),
    st.sampled_from(PERMUTED),
    st.integers(15, 60).map(lambda points: points / 100),
    st.integers(15, 97).map(lambda points: points / 100),
)
@hypothesis_settings(max_examples=40, deadline=None)
def test_a_larger_margin_never_turns_a_pass_into_a_fail(
    counts: Counts, demand: Demand, one: float, other: float
) -> None:
    strict, lenient = demand(counts, min(one, other)), demand(counts, max(one, other))
    assert strict.p == lenient.p
    if strict.outcome is Outcome.PASS:
        assert lenient.outcome is Outcome.PASS
    if lenient.outcome is Outcome.FAIL:
        assert strict.outcome is Outcome.FAIL


@given(counted, st.sampled_from(GAPS))
@relaxed
def test_bounds_are_in_order_and_nothing_is_nan(counts: Counts, demand: Demand) -> None:
    verdict = demand(counts)
    for c in verdict.comparisons:
        assert c.lower <= c.estimate <= c.upper <= 1
        assert c.estimate == pytest.approx(c.value_a - c.value_b)
        assert c.p is not None
        assert 0 <= c.p <= 1
        assert -1 <= c.correlation <= 1
    assert math.isnan(verdict.estimate) == (not verdict.comparisons)
    if not verdict.comparisons:
        assert verdict.outcome is Outcome.INCONCLUSIVE


@given(counted, demands, tolerances)
@relaxed
def test_what_fails_could_not_have_passed(counts: Counts, demand: Demand, tolerance: float) -> None:
    verdict = demand(counts, tolerance)
    for pair in verdict.comparisons:
        assert not math.isnan(pair.estimate + pair.lower)
        assert not math.isnan(pair.upper)
        assert pair.lower <= pair.upper + 1e-12
    limit = verdict.tolerance
    assert limit is not None
    if verdict.outcome is Outcome.FAIL:
        assert verdict.lower > limit
    if verdict.outcome is Outcome.PASS and demand.name == "gap":
        assert verdict.upper <= limit + 1e-9
        assert verdict.not_assessable == ()


@given(tables, demands, st.integers(2, 4), seeds)
@relaxed
def test_shards_add_up_to_one_table(table: Predictions, demand: Demand, parts: int, seed: int) -> None:
    shard = np.random.default_rng(seed).integers(0, parts, len(table.image.levels))[table.image.codes]
    merged = merge_counts([count(table.take(shard == part), GROUP) for part in range(parts)])
    whole = count(table, GROUP)
    assert_same(demand(merged), demand(whole))
    assert (merged.repeats, merged.missing) == (whole.repeats, whole.missing)


@pytest.mark.parametrize("sharing", ["apart", "shared"])
@pytest.mark.parametrize(
    "wrong",
    [((), ()), ((2,), ()), ((0,), (9,)), ((0,) * 9, (0,) * 9), ((9,) * 9, (9,) * 9), ((0,) * 9, (9,) * 9)],
    ids=["nobody", "one person", "one against one", "all right", "all wrong", "right against wrong"],
)
def test_extreme_tables_get_a_verdict_with_a_plan(
    wrong: tuple[tuple[int, ...], ...], sharing: Sharing
) -> None:
    design = TableDesign(("anger", "fear"), ONE_GROUP, wrong, (2, 2), kinds=(AnswerKind.REFUSED,))
    counts = count(table_of(replace(design, sharing=sharing)), GROUP)
    for measure in (accuracy, recall("anger"), refusals):
        for criterion in (
            Gap(measure, at_most=0.1),
            Ratio(measure, at_most=1.25),
            NoAssociation(measure, margin=0.1),
        ):
            verdict = criterion.decide(Evidence(counts), Settings())
            assert verdict.outcome in set(Outcome)
            for pair in verdict.comparisons:
                assert not any(math.isnan(x) for x in (pair.estimate, pair.lower, pair.upper))
            assert math.isnan(verdict.upper) == (not verdict.comparisons)
            assert all(number >= 8 for number in verdict.people_needed.values())
            if not isinstance(criterion, Ratio):
                assert all(math.isfinite(x) for c in verdict.comparisons for x in (c.lower, c.upper))
