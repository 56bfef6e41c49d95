from __future__ import annotations

import math

import pytest
from sample_runs import association, comparison, gap, ratio, record

from fer_audit.report.ranking import excess, most_telling
from fer_audit.results import Outcome, Verdict

OPEN = Outcome.INCONCLUSIVE


@pytest.mark.parametrize(
    ("verdict", "multiple"),
    [
        (gap(OPEN, comparison(0.05, -0.1, 0.3), comparison(0.3, -0.1, 0.5)), 3.0),
        (ratio(OPEN, comparison(1.25**2, 0.5, 4.0)), 2.0),
        (ratio(OPEN, comparison(1.25**2, 0.5, 4.0, difference=(0.01, -0.1, 0.2))), 0.2),
        (ratio(OPEN, comparison(1.25**2, 0.5, 4.0, difference=(0.5, -0.1, 0.9))), 2.0),
        (ratio(OPEN, comparison(math.inf, 0.5, math.inf, difference=(0.15, -0.1, 0.3))), 3.0),
        (ratio(OPEN, comparison(1.0, 0.0, math.inf, difference=(0.0, -0.1, 0.1))), 0.0),
        (association(OPEN, comparison(0.06, -0.1, 0.3), p=0.2), 0.6),
        (association(OPEN, comparison(0.06, -0.1, 0.3), p=0.2, margin=None), 0.8),
        (gap(OPEN), 0.0),
    ],
)
def test_what_was_observed_is_measured_by_what_is_allowed(verdict: Verdict, multiple: float) -> None:
    assert excess(verdict) == pytest.approx(multiple)


def test_what_may_be_a_fail_comes_first_and_equals_keep_their_order() -> None:
    small, large, same = (
        record(gap(OPEN, comparison(x, -0.1, 0.4), slicing=name))
        for x, name in ((0.02, "small"), (0.3, "large"), (0.02, "same"))
    )
    assert most_telling([small, large, same]) == (large, small, same)
