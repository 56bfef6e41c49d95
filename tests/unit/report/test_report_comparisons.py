from __future__ import annotations

import math
from dataclasses import replace

import pytest
from sample_runs import FAILED, UNDECIDED, association, comparison, gap, ratio

from fer_audit.report.comparisons import (
    deciding,
    difference_allowed,
    standing,
    told_by_difference,
    worst_first,
)
from fer_audit.results import Outcome

BEYOND = comparison(3.0, 2.0, 6.0, difference=(0.3, 0.06, 0.4))


@pytest.mark.parametrize(
    ("lower", "upper", "where"),
    [
        (0.2, 0.4, Outcome.FAIL),
        (0.1, 0.4, Outcome.INCONCLUSIVE),
        (-0.1, 0.1, Outcome.PASS),
        (-0.1, 0.1 + 1e-16, Outcome.PASS),
        (-0.1, 0.101, Outcome.INCONCLUSIVE),
    ],
)
def test_a_difference_stands_where_its_bounds_lie(lower: float, upper: float, where: Outcome) -> None:
    pair = comparison(0.05, lower, upper)
    assert standing(gap(Outcome.FAIL, pair), pair) is where


@pytest.mark.parametrize(
    ("lower", "upper", "difference", "where"),
    [
        (2.0, 6.0, (0.3, 0.06, 0.4), Outcome.FAIL),
        (2.0, 6.0, (0.3, 0.05, 0.4), Outcome.INCONCLUSIVE),
        (1.2, 6.0, (0.3, 0.06, 0.4), Outcome.INCONCLUSIVE),
        (0.5, 1.25, (0.3, -0.1, 0.4), Outcome.PASS),
        (0.5, 6.0, (0.01, -0.1, 0.05), Outcome.PASS),
    ],
)
def test_a_ratio_needs_both_bounds_to_fail_and_either_to_pass(
    lower: float, upper: float, difference: tuple[float, float, float], where: Outcome
) -> None:
    pair = comparison(3.0, lower, upper, difference=difference)
    assert standing(ratio(Outcome.FAIL, pair), pair) is where


def test_no_comparison_fails_in_a_verdict_that_did_not() -> None:
    # A ratio that rests on events in too few people stays open however its bounds lie.
    assert standing(ratio(Outcome.INCONCLUSIVE, BEYOND), BEYOND) is Outcome.INCONCLUSIVE


def test_beyond_means_shown_to_differ_in_a_test_of_independence() -> None:
    differs, unsure = comparison(0.06, 0.01, 0.13), comparison(0.06, -0.01, 0.13)
    verdict = association(Outcome.FAIL, differs, unsure, p=0.01)
    assert standing(verdict, differs) is Outcome.FAIL
    assert standing(verdict, unsure) is Outcome.INCONCLUSIVE


def test_the_difference_beside_a_ratio_is_read_from_the_criterion() -> None:
    assert difference_allowed(ratio(Outcome.FAIL, BEYOND)) == 0.05
    assert difference_allowed(FAILED) is None


def test_the_worst_come_first() -> None:
    fail, close, open_, within = (
        comparison(0.3, 0.2, 0.4, a="fail"),
        comparison(0.2, 0.11, 0.3, a="close"),
        comparison(0.35, 0.05, 0.6, a="open"),
        comparison(0.0, -0.05, 0.05, a="within"),
    )
    verdict = gap(Outcome.FAIL, within, open_, close, fail)
    assert [pair.a for pair in worst_first(verdict)] == ["fail", "close", "open", "within"]


def test_an_open_verdict_is_told_by_the_pair_whose_people_would_decide_it() -> None:
    larger, asked = comparison(0.2, -0.1, 0.4, a="x", b="y"), comparison(0.1, -0.1, 0.4, a="x", b="z")
    verdict = gap(Outcome.INCONCLUSIVE, larger, asked)
    assert deciding(verdict) is larger
    assert deciding(replace(verdict, people_needed={"z": 40, "x": 40})) is asked
    assert deciding(gap(Outcome.INCONCLUSIVE)) is None
    assert deciding(UNDECIDED) is UNDECIDED.comparisons[0]


@pytest.mark.parametrize(
    ("upper", "difference", "told"),
    [
        (math.inf, (0.1, -0.1, 0.3), True),
        (math.inf, None, False),
        (1.6, (0.01, -0.02, 0.05), True),
        (1.6, (0.01, -0.02, 0.051), False),
        (1.25, (0.01, -0.02, 0.05), False),
    ],
)
def test_a_ratio_without_an_end_or_passed_by_its_difference_is_told_by_it(
    upper: float, difference: tuple[float, float, float] | None, told: bool
) -> None:
    pair = comparison(1.1, 0.5, upper, difference=difference)
    assert told_by_difference(ratio(Outcome.INCONCLUSIVE, pair), pair) is told
    assert not told_by_difference(gap(Outcome.INCONCLUSIVE, pair), pair)


def test_of_ratios_without_an_end_the_one_furthest_apart_is_told() -> None:
    near, far = (
        comparison(math.inf, 0.1, math.inf, a=name, difference=(apart, -0.1, apart + 0.1))
        for name, apart in (("near", 0.02), ("far", 0.12))
    )
    assert deciding(ratio(Outcome.INCONCLUSIVE, near, far)) is far
    assert deciding(ratio(Outcome.PASS, near, far)) is far
