"""What must hold of every table, however it is shaped."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import permutations
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings as hypothesis_settings, strategies as st

from fer_audit.criteria import Gap
from fer_audit.predictions import Column, Predictions
from fer_audit.records import Slicing
from fer_audit.results import Outcome, Verdict
from fer_audit.stats.association.assessment import assess_association
from fer_audit.stats.counts import Counts, count, merge
from fer_audit.stats.differences.engine import compare
from fer_audit.stats.evidence import Evidence
from fer_audit.stats.measures import Measure, accuracy, recall, refusals
from fer_audit.stats.ratios.comparison import RatioClaim
from fer_audit.stats.settings import Settings
from fer_audit.stats.tally import canonical
from fer_audit.stats.verdicts.gap import judge_gap
from fer_audit.stats.verdicts.ratio import judge_ratio

if TYPE_CHECKING:
    from numpy.typing import NDArray

LABELS = ("anger", "fear", "joy")
GROUP = Slicing(("group",))
REFUSED = 1  # position of the kind in list(AnswerKind)


@dataclass(frozen=True)
class Shape:
    """A table to be built: people of each group, images, rates and how people relate to groups."""

    people: tuple[int, ...]
    images: int
    labels: int
    rates: tuple[float, ...]
    held: float
    paired: bool
    seed: int


shapes = st.integers(1, 4).flatmap(
    lambda groups: st.builds(
        Shape,
        people=st.tuples(*[st.integers(1, 20)] * groups),
        images=st.integers(1, 4),
        labels=st.integers(1, 3),
        rates=st.tuples(*[st.sampled_from([0.0, 0.3, 0.7, 0.95, 1.0])] * groups),
        held=st.sampled_from([0.6, 1.0]),
        paired=st.booleans(),
        seed=st.integers(0, 2**32 - 1),
    )
)
relaxed = hypothesis_settings(max_examples=60, deadline=None)


def build(shape: Shape) -> Predictions:
    """One row an image; a wrong answer is another label, or now and then a refusal."""
    generator = np.random.default_rng(shape.seed)
    identity: list[int] = []
    group: list[int] = []
    true: list[int] = []
    predicted: list[int] = []
    for g, (people, rate) in enumerate(zip(shape.people, shape.rates, strict=True)):
        for person in range(people):
            for label in range(shape.labels):
                if generator.random() > shape.held:
                    continue
                for _ in range(int(generator.integers(1, shape.images + 1))):
                    right = generator.random() < rate
                    wrong = -1 if generator.random() < 0.2 else (label + 1) % len(LABELS)
                    identity.append(person if shape.paired else person * len(shape.people) + g)
                    group.append(g)
                    true.append(label)
                    predicted.append(label if right else wrong)
    answers = np.array(predicted, dtype=np.int32)
    return Predictions(
        identity=coded(identity, "p{}", max(identity, default=-1) + 1),
        image=coded(list(range(len(true))), "i{}", len(true)),
        true=Column(np.array(true, dtype=np.int32), LABELS),
        predicted=Column(answers, LABELS),
        kind=np.where(answers < 0, REFUSED, 0).astype(np.int8),
        attributes={"group": coded(group, "g{}", len(shape.people))},
    )


def coded(codes: list[int], name: str, levels: int) -> Column:
    return Column(np.array(codes, dtype=np.int32), tuple(name.format(f"{i:04}") for i in range(levels)))


def at(column: Column, rows: NDArray[np.int64]) -> Column:
    return Column(column.codes[rows], column.levels)


def chosen(table: Predictions, rows: NDArray[np.int64]) -> Predictions:
    """These rows of a table, in this order and as often as named."""
    return Predictions(
        identity=at(table.identity, rows),
        image=at(table.image, rows),
        true=at(table.true, rows),
        predicted=at(table.predicted, rows),
        kind=table.kind[rows],
        attributes={name: at(column, rows) for name, column in table.attributes.items()},
    )


def judged(counts: Counts, tolerance: float = 0.1) -> Verdict:
    return judge_gap(counts, accuracy, tolerance, Settings(), criterion="", plan=False)


def bounds(verdict: Verdict) -> dict[frozenset[str], tuple[float, ...]]:
    return {
        frozenset((c.a, c.b)): (c.estimate, c.lower, c.upper, c.correlation, c.p if c.p is not None else -1)
        for c in verdict.comparisons
    }


def assert_same(found: Verdict, expected: Verdict, names: dict[str, str] | None = None) -> None:
    assert found.outcome is expected.outcome
    left, right = bounds(found), bounds(expected)
    renamed = {frozenset((names or {}).get(n, n) for n in pair): values for pair, values in left.items()}
    assert renamed.keys() == right.keys()
    for pair, values in renamed.items():
        np.testing.assert_allclose(values, right[pair], rtol=1e-9, atol=1e-9)


def shuffled(column: Column, order: NDArray[np.int64]) -> Column:
    """The same rows under other names: the person or group called by its old code now has another one."""
    return Column(order[column.codes].astype(np.int32), column.levels)


@given(shapes)
@relaxed
def test_the_names_of_people_mean_nothing(shape: Shape) -> None:
    table = build(shape)
    order = np.random.default_rng(shape.seed + 1).permutation(len(table.identity.levels))
    renamed = replace(table, identity=shuffled(table.identity, order))
    assert_same(judged(count(renamed, GROUP)), judged(count(table, GROUP)))


@given(shapes)
@relaxed
def test_the_names_of_slices_mean_nothing(shape: Shape) -> None:
    table = build(shape)
    column = table.attributes["group"]
    order = np.random.default_rng(shape.seed + 1).permutation(len(column.levels))
    names = {column.levels[new]: column.levels[old] for old, new in enumerate(order)}
    renamed = replace(table, attributes={"group": shuffled(column, order)})
    assert_same(judged(count(renamed, GROUP)), judged(count(table, GROUP)), names)


def same_data(table: Predictions, seed: int) -> tuple[Predictions, ...]:
    """Other people's names, other names of slices, another order of rows, and every row three times."""
    generator = np.random.default_rng(seed)
    rows, column = np.arange(len(table)), table.attributes["group"]
    people = shuffled(table.identity, generator.permutation(len(table.identity.levels)))
    groups = shuffled(column, generator.permutation(len(column.levels)))
    everything = replace(table, identity=people, attributes={"group": groups})
    return (
        replace(table, identity=people),
        replace(table, attributes={"group": groups}),
        chosen(table, generator.permutation(rows)),
        chosen(everything, generator.permutation(np.tile(rows, 3))),
    )


@given(shapes.filter(lambda shape: len(shape.people) > 1))
@hypothesis_settings(max_examples=30, deadline=None)
def test_a_p_depends_on_the_data_alone(shape: Shape) -> None:
    table = build(shape)

    def p(predictions: Predictions) -> float:
        tally = accuracy.tally(count(predictions, GROUP))
        return assess_association(tally, 0.05, Settings(), criterion="", version="", replicates=99).p

    expected = p(table)
    assert [p(other) for other in same_data(table, shape.seed + 3)] == [expected] * 4


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
    ratio = judge_ratio(counts, recall(LABELS[0]), RatioClaim(1.25, 0.05), settings, criterion="")
    # Slices of the same contents may stand for each other, so that the numbers alone are compared.
    return Planned(
        tuple(sorted(gap.people_needed.values())),
        gap.detectable,
        tuple(sorted(ratio.people_needed.values())),
        ratio.detectable,
    )


@pytest.mark.parametrize(
    "shape",
    [
        Shape((12, 14), 3, 2, (0.95, 0.7), 1.0, paired=False, seed=1),
        Shape((12, 12, 12), 3, 2, (0.7, 0.7, 0.75), 1.0, paired=True, seed=4),
        Shape((14, 10, 16), 2, 3, (0.7, 0.7, 0.7), 0.6, paired=True, seed=3),
    ],
    ids=["apart", "the same people", "some of the same people"],
)
def test_people_needed_depend_on_the_data_alone(shape: Shape) -> None:
    table = build(shape)
    expected = planned(table)
    assert expected.people
    assert expected.ratio_people
    assert planned(same_data(table, shape.seed)[-1]) == expected


@pytest.mark.parametrize("measure", [accuracy, recall("anger"), refusals])
def test_slices_that_share_people_in_turn_are_put_in_one_order(measure: Measure) -> None:
    """Each of three slices holds the same answers, but of other people: their order must not follow names."""
    generator = np.random.default_rng(4)
    for _ in range(30):
        answers = generator.integers(0, 2, 12)
        table = np.stack([answers, generator.permutation(answers), generator.permutation(answers)])
        group = np.repeat(np.arange(3), 12)
        base = Predictions(
            identity=coded(np.tile(np.arange(12), 3).tolist(), "p{}", 12),
            image=coded(list(range(36)), "i{}", 36),
            true=Column(np.zeros(36, dtype=np.int32), LABELS),
            predicted=Column(table.reshape(-1).astype(np.int32), LABELS),
            kind=np.zeros(36, dtype=np.int8),
            attributes={"group": coded(group.tolist(), "g{}", 3)},
        )
        first = canonical(measure.tally(count(base, GROUP)))
        for order in permutations(range(3)):
            renamed = shuffled(base.attributes["group"], np.array(order))
            people = shuffled(base.identity, generator.permutation(12))
            other = canonical(
                measure.tally(count(replace(base, identity=people, attributes={"group": renamed}), GROUP))
            )
            for name in ("person", "level", "hits", "images"):
                np.testing.assert_array_equal(getattr(other, name), getattr(first, name))


@given(shapes.filter(lambda shape: len(shape.people) == 2))
@relaxed
def test_swapping_two_slices_flips_the_sign_of_the_difference_alone(shape: Shape) -> None:
    tally = accuracy.tally(count(build(shape), GROUP))
    if len(tally.levels) < 2:
        return
    found, swapped = (compare(t, Settings()) for t in (tally, replace(tally, level=1 - tally.level)))
    np.testing.assert_allclose(swapped.difference, -found.difference, atol=1e-12)
    np.testing.assert_allclose(swapped.lower, found.lower, atol=1e-9)
    np.testing.assert_allclose(swapped.upper, found.upper, atol=1e-9)


@given(shapes, st.integers(2, 4))
@relaxed
def test_entering_images_again_changes_no_bound(shape: Shape, times: int) -> None:
    table = build(shape)
    again = chosen(table, np.tile(np.arange(len(table)), times))
    assert_same(judged(count(again, GROUP)), judged(count(table, GROUP)))


@given(shapes, st.floats(0.01, 0.98), st.floats(0.01, 0.98))
@relaxed
def test_a_larger_tolerance_is_never_harder_to_keep(shape: Shape, one: float, other: float) -> None:
    counts = count(build(shape), GROUP)
    strict, lenient = judged(counts, min(one, other)).outcome, judged(counts, max(one, other)).outcome
    if strict is Outcome.PASS:
        assert lenient is Outcome.PASS
    if lenient is Outcome.FAIL:
        assert strict is Outcome.FAIL


@given(shapes)
@relaxed
def test_bounds_are_in_order_and_nothing_is_nan(shape: Shape) -> None:
    verdict = judged(count(build(shape), GROUP))
    for c in verdict.comparisons:
        assert c.lower <= c.estimate <= c.upper <= 1
        assert c.estimate == pytest.approx(c.value_a - c.value_b)
        assert c.p is not None
        assert 0 <= c.p <= 1
        assert -1 <= c.correlation <= 1
    assert math.isnan(verdict.estimate) == (not verdict.comparisons)
    if not verdict.comparisons:
        assert verdict.outcome is Outcome.INCONCLUSIVE


@given(shapes, st.integers(2, 4))
@relaxed
def test_shards_add_up_to_one_table(shape: Shape, parts: int) -> None:
    table = build(shape)
    shard = np.random.default_rng(shape.seed + 2).integers(0, parts, len(table))
    pieces = [chosen(table, np.flatnonzero(shard == part)) for part in range(parts)]
    assert_same(judged(merge([count(piece, GROUP) for piece in pieces])), judged(count(table, GROUP)))


@pytest.mark.parametrize("paired", [False, True])
@pytest.mark.parametrize(
    ("people", "rates"),
    [
        ((), ()),
        ((1,), (0.5,)),
        ((1, 1), (1.0, 0.0)),
        ((9, 9), (1.0, 1.0)),
        ((9, 9), (0.0, 0.0)),
        ((9, 9), (1.0, 0.0)),
    ],
    ids=["nobody", "one person", "one against one", "all right", "all wrong", "right against wrong"],
)
def test_extreme_tables_get_a_verdict_with_a_plan(
    people: tuple[int, ...],
    rates: tuple[float, ...],
    paired: bool,
) -> None:
    counts = count(build(Shape(people, 2, 2, rates, 1.0, paired, 0)), GROUP)
    for measure in (accuracy, accuracy.answered, recall("anger"), refusals):
        verdict = Gap(measure, at_most=0.1).decide(Evidence(counts), Settings())
        assert verdict.outcome in set(Outcome)
        assert all(math.isfinite(x) for c in verdict.comparisons for x in (c.estimate, c.lower, c.upper))
        assert math.isnan(verdict.upper) == (not verdict.comparisons)
        assert all(number >= 8 for number in verdict.people_needed.values())
