from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from prediction_tables import Row, predictions_of, tally_of
from scipy import stats

from fer_audit.criteria import NoWorseThan
from fer_audit.errors import ConfigurationError
from fer_audit.records import Slicing
from fer_audit.results import Kind, Outcome, Verdict
from fer_audit.stats.change.deterioration import change_of_gap, deteriorations, together
from fer_audit.stats.counts import Counts, count
from fer_audit.stats.evidence import Evidence
from fer_audit.stats.measures import accuracy, misclassification
from fer_audit.stats.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

STRICT = Settings()
RUNS = 1000


def counts_of(right: dict[str, int], of: int = 10, people: int = 30) -> Counts:
    """Two groups whose people are each read right on so many of their images."""
    rows = [
        Row(
            f"{race}{person}",
            "anger",
            "anger" if image < hits else "fear",
            f"{race}{person}-{image}",
            {"race": race},
        )
        for race, hits in right.items()
        for person in range(people)
        for image in range(of)
    ]
    return count(predictions_of(rows, ("anger", "fear")), Slicing("race"))


def judge(now: Counts, before: Counts | None, criterion: NoWorseThan | None = None) -> Verdict:
    return (criterion or NoWorseThan(accuracy)).decide(Evidence(now, None, before), STRICT)


def test_a_release_that_answers_alike_passes() -> None:
    # 30 people of 10 images each: the floor alone excludes five points, and 60 people two.
    same = counts_of({"x": 9, "y": 9}, of=20, people=150)
    verdict = judge(same, same)
    assert verdict.outcome is Outcome.PASS
    assert verdict.kind is Kind.CHANGE
    assert verdict.estimate == 0
    assert {pair.a for pair in verdict.comparisons} == {"x before", "y before"}


def test_one_group_that_is_read_worse_fails_and_is_named() -> None:
    verdict = judge(counts_of({"x": 9, "y": 7}), counts_of({"x": 9, "y": 9}))
    assert verdict.outcome is Outcome.FAIL
    assert verdict.reason.startswith("y 0.900 before, 0.700 now: worse by at least 0.188, above 0.05")
    claims, gaps = verdict.asides
    assert [row[0] for row in claims.rows] == ["everybody", "x", "y"]
    assert gaps.rows[0][:4] == ("x / y", "+0.000", "+0.200", "+0.200")


def test_the_p_is_that_of_a_one_sided_t_test_and_at_most_alpha_where_it_fails() -> None:
    generator = np.random.default_rng(7)
    outcomes = set()
    for drop in (0.0, 0.08, 0.12, 0.2):
        before = random_counts(generator, 0.9)
        now = random_counts(generator, 0.9 - drop)
        verdict = judge(now, before)
        outcomes.add(verdict.outcome is Outcome.FAIL)
        assert verdict.p is not None
        assert (verdict.p <= STRICT.alpha) == (verdict.outcome is Outcome.FAIL)
        for item in deteriorations(
            accuracy.tally(before), accuracy.tally(now), STRICT, rising_is_worse=False
        ):
            margin = 0.05 if item.name else 0.02
            t = (float(item.worse) - margin) / float(item.error)
            expected = min(1.0, 3 * float(stats.t.sf(t, item.people - 1))) if t > 0 else 1.0
            told = [pair.p for pair in verdict.comparisons if pair.a == f"{item.name} before"]
            told += [pair.p for pair in verdict.comparisons if pair.a == f"{item.name} now"]
            assert told == ([pytest.approx(expected)] if item.name else [])
            assert verdict.p <= expected + 1e-12
    assert outcomes == {True, False}


def random_counts(generator: np.random.Generator, rate: float) -> Counts:
    rows = [
        Row(
            f"{race}{person}",
            "anger",
            "anger" if generator.random() < rate else "fear",
            f"{race}{person}-{image}",
            {"race": race},
        )
        for race in "xy"
        for person in range(40)
        for image in range(10)
    ]
    return count(predictions_of(rows, ("anger", "fear")), Slicing("race"))


def test_an_improvement_never_fails() -> None:
    verdict = judge(counts_of({"x": 10, "y": 10}, people=100), counts_of({"x": 5, "y": 5}, people=100))
    assert verdict.outcome is Outcome.PASS
    assert verdict.estimate == pytest.approx(-0.5)


def test_of_errors_a_rise_is_the_deterioration() -> None:
    wrong = NoWorseThan(misclassification("anger", "fear"))
    worse = judge(counts_of({"x": 9, "y": 6}), counts_of({"x": 9, "y": 9}), wrong)
    assert worse.outcome is Outcome.FAIL
    pair = max(worse.comparisons, key=lambda item: item.estimate)
    assert (pair.a, pair.b) == ("y now", "y before")
    assert (pair.value_a, pair.value_b) == pytest.approx((0.4, 0.1))
    better = judge(counts_of({"x": 9, "y": 9}, people=150), counts_of({"x": 9, "y": 6}, people=150), wrong)
    assert better.outcome is not Outcome.FAIL


def test_few_people_cap_the_verdict() -> None:
    few = counts_of({"x": 9, "y": 9}, of=20, people=7)
    assert judge(few, few).outcome is Outcome.INCONCLUSIVE
    assert [item.name for item in judge(few, few).not_assessable] == ["x", "y"]


def chance_of(hits: Sequence[NDArray[np.int64] | NDArray[np.float64]], images: int) -> float:
    """Variance of one person's change, were all pictures independent: half a person more in either rate."""
    rates = [(float(one.mean()) / images * len(one) + 0.5) / (len(one) + 1) for one in hits]
    return sum(rate * (1 - rate) / images for rate in rates)


def test_bounds_are_those_of_a_paired_t_test_whose_variance_is_not_below_the_pooled_one() -> None:
    generator = np.random.default_rng(5)
    level = np.repeat([0, 1], 20)
    hits = [generator.binomial(12, rate, (40, 1)) for rate in (0.8, 0.7)]
    images = np.full((40, 1), 12.0)
    before, now = (tally_of(range(40), level.tolist(), one, images) for one in hits)
    groups = (slice(None), slice(0, 20), slice(20, 40))
    worse = [(hits[0] - hits[1])[who, 0] / 12 for who in groups]
    chance = [chance_of([one[who, 0] for one in hits], 12) for who in groups]
    pooled = sum(worse[k].var(ddof=1) / chance[k] for k in (1, 2)) / 2
    drawn = []
    for found, own, expected in zip(
        deteriorations(before, now, STRICT, rising_is_worse=False), worse, chance, strict=True
    ):
        size = len(own)
        assert found.worse == pytest.approx(own.mean())
        steadied = (10 * pooled * expected + (size - 1) * own.var(ddof=1)) / (9 + size)
        drawn.append(steadied > own.var(ddof=1))
        error = np.sqrt(max(steadied, own.var(ddof=1)) / size)
        reach = stats.t.ppf(1 - 0.05 / 3, size - 1)
        assert found.error == pytest.approx(error)
        assert found.lower == pytest.approx(own.mean() - reach * error, abs=1e-9)
        assert (
            found.upper >= own.mean() + stats.t.ppf(0.95, size - 1) * own.std(ddof=1) / np.sqrt(size) - 1e-9
        )
    assert set(drawn) == {True, False}


def test_few_people_of_whom_nobody_changed_are_not_certain() -> None:
    """Eight pictures, seven right then and now: that is no proof that nothing got worse or better."""
    hits = np.ones((8, 1))
    hits[0] = 0
    same = tally_of(range(8), [0] * 8, hits, np.ones((8, 1)))
    _, group = deteriorations(same, same, STRICT, rising_is_worse=False)
    expected = chance_of([hits[:, 0]] * 2, 1)
    # A tenth of what chance would do, at ten people's weight against eight who did not change.
    error = np.sqrt(10 * 0.1 * expected / 17 / 8)
    assert group.worse == 0
    assert group.lower == pytest.approx(-stats.t.ppf(1 - 0.05 / 2, 7) * error)


def test_a_change_of_gap_is_that_of_welch_and_of_pairs() -> None:
    generator = np.random.default_rng(6)
    images = np.full((40, 1), 12.0)
    level = [0] * 20 + [1] * 20
    hits = [generator.binomial(12, 0.7, (40, 1)) for _ in range(2)]
    apart = [tally_of(range(40), level, h, images) for h in hits]
    _, x, y = deteriorations(apart[0], apart[1], STRICT, rising_is_worse=False)
    drop = (hits[0] - hits[1])[:, 0] / 12
    found = change_of_gap(x, y)
    assert found.estimate == pytest.approx(-(drop[:20].mean() - drop[20:].mean()))
    own = drop[:20].var(ddof=1) / 20, drop[20:].var(ddof=1) / 20
    unseen = x.error**2 - own[0] + y.error**2 - own[1]
    assert 0 < unseen < 0.1 * sum(own)
    reach = stats.t.ppf(0.975, 19)
    assert (found.upper - found.lower) / 2 == pytest.approx(reach * np.sqrt(sum(own) + unseen))
    shared = [tally_of([*range(20), *range(20)], level, h, images) for h in hits]
    _, x, y = deteriorations(shared[0], shared[1], STRICT, rising_is_worse=False)
    paired = change_of_gap(x, y)
    between = (drop[:20] - drop[20:]).var(ddof=1) / 20
    assert (paired.upper - paired.lower) / 2 == pytest.approx(reach * np.sqrt(between + unseen))


def test_changes_of_gaps_with_a_replicate_axis_are_those_of_single_tables() -> None:
    generator = np.random.default_rng(7)
    images = np.full((60, 1), 5.0)
    person, level = [*range(30), *range(15, 45)], [0] * 30 + [1] * 30
    hits = [generator.binomial(5, 0.8, (4, 60, 1)) for _ in range(2)]
    then, this = (tally_of(person, level, one, images) for one in hits)
    _, x, y = deteriorations(then, this, STRICT, rising_is_worse=False)
    many = change_of_gap(x, y)
    for run in range(4):
        single = [tally_of(person, level, one[run], images) for one in hits]
        _, x, y = deteriorations(single[0], single[1], STRICT, rising_is_worse=False)
        one = change_of_gap(x, y)
        for name in ("before", "now", "estimate", "lower", "upper"):
            assert getattr(many, name)[run] == pytest.approx(float(getattr(one, name)))


def test_a_person_of_several_slices_is_one_of_everybody() -> None:
    tally = tally_of([0, 1, 0, 1], [0, 0, 1, 1], [[1], [2], [3], [0]], [[4], [4], [4], [4]])
    joined = together(tally)
    assert joined.hits.tolist() == [[4], [2]]
    assert joined.images.tolist() == [[8], [8]]
    assert joined.levels == ("",)


def test_a_baseline_is_needed() -> None:
    counts = counts_of({"x": 9, "y": 9})
    with pytest.raises(ConfigurationError, match=r"needs a baseline: run with --fer-baseline=REPORT_DIR"):
        judge(counts, None)
    with pytest.raises(ConfigurationError, match=r"nobody knows who is in these pictures; give identities$"):
        judge(replace(counts, identified=False), counts)


@pytest.mark.parametrize("margin", [-0.1, 0.0, 1.0, float("nan")])
def test_a_margin_is_a_rate(margin: float) -> None:
    with pytest.raises(
        ConfigurationError, match=r"is no deterioration that could be excluded; give a number"
    ):
        NoWorseThan(accuracy, overall=margin)
    with pytest.raises(ConfigurationError, match=r"NoWorseThan\(each="):
        NoWorseThan(accuracy, each=margin)


@pytest.mark.parametrize(
    ("people", "images", "rate", "alike", "kept"),
    [(20, 16, 0.9, 0.2, 0.7), (40, 4, 0.8, 0.1, 0.5), (60, 1, 0.95, 0.0, 0.5), (48, 7, 0.6, 0.3, 0.9)],
)
def test_at_the_margin_both_errors_keep_their_size(
    people: int, images: int, rate: float, alike: float, kept: float
) -> None:
    """One group exactly five points worse: FAIL and PASS are each rare, and never meet."""
    generator = np.random.default_rng([people, images])
    margin = 0.05
    scale = (1 - alike) / alike if alike else 1e9
    own = generator.beta(rate * scale, (1 - rate) * scale, (RUNS, people, 1, 1))
    luck = generator.random((RUNS, people, 1, images))
    again = np.where(generator.random(luck.shape) < kept, luck, generator.random(luck.shape))
    before = (luck < own).sum(-1)
    # Every person loses the same share of what he had, on average the margin.
    now = (again < own * (1 - margin / rate)).sum(-1)
    counted = np.full((people, 1), float(images))
    tallies = [tally_of(range(people), [0] * people, hits, counted) for hits in (before, now)]
    everybody, group = deteriorations(tallies[0], tallies[1], STRICT, rising_is_worse=False)
    assert everybody.worse == pytest.approx(group.worse)
    failed, passed = group.lower > margin, group.upper <= margin
    limit = stats.binom.ppf(0.9999, RUNS, 0.055) / RUNS
    assert failed.mean() <= limit
    assert passed.mean() <= stats.binom.ppf(0.9999, RUNS, 0.065) / RUNS
    assert not (failed & passed).any()
    assert (group.lower <= margin).mean() >= 0.94 - 0.02
