"""Bounds of a level: exact where people have one image each, and honest where people differ."""

from __future__ import annotations

import numpy as np
import pytest
from prediction_tables import Row, predictions_of
from scipy.stats import beta, t as student

from fer_audit.criteria import AtLeast
from fer_audit.errors import ConfigurationError
from fer_audit.records import Slicing
from fer_audit.results import Kind, Outcome, Verdict
from fer_audit.stats.counts import count
from fer_audit.stats.evidence import Evidence
from fer_audit.stats.levels import (
    everybody,
    find_levels,
    people_for_level,
    share_lower,
    share_upper,
    with_floor,
)
from fer_audit.stats.measures import accuracy, misclassification, recall, refusals
from fer_audit.stats.settings import Settings
from fer_audit.stats.tally import Tally

SETTINGS = with_floor(Settings())
RUNS = 4_000
# The error rate promised, with no allowance for chance: what is measured lies that far below it.
MOST = 0.05


def tally_of(hits: np.ndarray, images: int, *, slices: int = 1) -> Tally:
    people, labels = hits.shape[-2:]
    level = np.arange(people) % slices
    names = tuple("abcdefgh"[:slices])
    return Tally(
        np.arange(people),
        level,
        hits,
        np.full((people, labels), float(images)),
        names,
        ("x", "y", "z")[:labels],
    )


def draw(people: int, images: int, rate: float, alike: float, *, few_bad: bool = False) -> np.ndarray:
    """Hits of RUNS samples of people whose rates have this mean and between-person correlation."""
    generator = np.random.default_rng([people, images, round(1000 * rate), round(100 * alike), few_bad])
    if few_bad:
        # Some people are read at chance, the others so well that mean and correlation are the same.
        low = 1 / 7
        share = alike * rate * (1 - rate)
        share /= share + (rate - low) ** 2
        own = np.where(generator.random((RUNS, people)) < share, low, (rate - share * low) / (1 - share))
    else:
        weight = 1 / alike - 1
        own = generator.beta(weight * rate, weight * (1 - rate), (RUNS, people))
    return generator.binomial(images, own[..., None]).astype(float)


@pytest.mark.parametrize("few_bad", [False, True])
@pytest.mark.parametrize("images", [2, 14])
@pytest.mark.parametrize("people", [15, 30, 100])
@pytest.mark.parametrize("rate", [0.7, 0.85, 0.95])
def test_a_level_that_is_just_reached_is_rarely_passed_or_failed(
    rate: float, people: int, images: int, *, few_bad: bool
) -> None:
    """Between-person correlation .3; passing is nearly an error at the edge, and failing is one."""
    found = find_levels(tally_of(draw(people, images, rate, 0.3, few_bad=few_bad), images), rate, SETTINGS)
    assert (found.lower > rate).mean() <= MOST
    assert (found.upper < rate).mean() <= MOST


def test_what_is_clear_is_decided() -> None:
    found = find_levels(tally_of(draw(30, 14, 0.97, 0.1), 14), 0.85, SETTINGS)
    assert (found.lower > 0.85).mean() > 0.9
    found = find_levels(tally_of(draw(30, 14, 0.70, 0.1), 14), 0.9, SETTINGS)
    assert (found.upper < 0.9).mean() > 0.9


@pytest.mark.parametrize("hits", [0, 1, 17, 39, 40])
def test_one_image_a_person_gives_the_bounds_of_clopper_and_pearson_at_a_smaller_number(hits: int) -> None:
    # Korn and Graubard: the sample shrinks by the square of how much wider t is than the normal.
    worth = 40 * (1.6448536269514722 / student.ppf(0.95, 39)) ** 2
    k = hits / 40 * worth
    lower = beta.ppf(0.05, k, worth - k + 1) if hits else 0.0
    upper = beta.ppf(0.95, k + 1, worth - k) if hits < 40 else 1.0
    assert float(share_lower(hits / 40, 40, 40, 0.05)) == pytest.approx(lower, abs=1e-9)
    assert float(share_upper(hits / 40, 40, 40, 0.05)) == pytest.approx(upper, abs=1e-9)


def test_the_p_value_is_below_alpha_exactly_where_the_upper_bound_is_below_the_level() -> None:
    hits = draw(24, 4, 0.8, 0.2)
    found = find_levels(tally_of(hits, 4, slices=3), 0.9, SETTINGS)
    assert ((found.p < 0.05) == (found.upper < 0.9)).all()
    assert 0 < (found.p < 0.05).mean() < 1


def test_a_slice_is_judged_over_the_labels_that_it_has() -> None:
    hits = np.ones((20, 2))
    tally = tally_of(hits, 1, slices=2)
    tally.images[1::2, 1] = 0
    found = find_levels(tally, 0.9, SETTINGS)
    assert found.labels.tolist() == [[True, True], [True, False]]
    assert found.people.tolist() == [10, 10]
    assert found.images.tolist() == [20, 10]


def test_who_is_in_two_slices_is_one_person_among_everybody() -> None:
    tally = Tally(
        np.array([3, 3, 5]),
        np.array([0, 1, 1]),
        np.array([[1.0], [1.0], [0.0]]),
        np.array([[1.0], [2.0], [1.0]]),
        ("a", "b"),
        ("x",),
    )
    whole = everybody(tally)
    assert whole.hits.tolist() == [[2.0], [0.0]]
    assert whole.images.tolist() == [[3.0], [1.0]]
    assert whole.levels == ("everybody",)


def judged(wrong: dict[str, int], *, people: int = 30, level: float = 0.8, small: int = 0) -> Verdict:
    """Each group has so many people, each with two images; of so many people both are read wrongly."""
    rows = [
        Row(
            f"{group}{person}",
            "anger",
            "fear" if person < bad else "anger",
            f"{group}{person}-{image}",
            {"g": group},
        )
        for group, bad in wrong.items()
        for person in range(small if group == "few" else people)
        for image in range(2)
    ]
    table = predictions_of(rows, ("anger", "fear"))
    return AtLeast(recall("anger"), level).decide(Evidence(count(table, Slicing("g")), table), Settings())


def test_every_group_must_reach_the_level() -> None:
    verdict = judged({"a": 0, "b": 1})
    assert verdict.outcome is Outcome.PASS
    assert verdict.kind is Kind.LEVEL
    assert verdict.comparisons == ()
    assert verdict.reason.startswith("every group reaches 0.8; nearest to it b 0.967: at least 0.8")
    assert [row[0] for row in verdict.asides[0].rows] == ["b", "a", "everybody"]
    assert verdict.asides[0].rows[-1][1:4] == ("60", "120", "0.983")


@pytest.mark.parametrize(("rate", "level"), [(0.95, 0.85), (0.9, 0.8), (0.7, 0.85)])
@pytest.mark.parametrize("images", [2, 14])
def test_the_people_named_decide_it_as_often_as_promised(rate: float, level: float, images: int) -> None:
    """At the correlation that is reckoned with; where people differ less, the power is larger."""
    people = people_for_level(rate, images / (1 + 0.3 * (images - 1)), level, 0.05)
    assert people is not None
    found = find_levels(tally_of(draw(people, images, rate, 0.3), images), level, SETTINGS)
    power = (found.lower >= level).mean() if rate > level else (found.upper < level).mean()
    assert 0.75 <= power <= 0.87


def test_no_number_is_named_where_none_would_do() -> None:
    assert people_for_level(0.9, 2.0, 0.9, 0.05) is None
    assert people_for_level(0.9, 2.0, 0.899, 0.05) is None


def test_one_group_below_it_fails_all() -> None:
    verdict = judged({"a": 0, "b": 20})
    assert verdict.outcome is Outcome.FAIL
    assert verdict.reason == "b 0.333: at most 0.526, below 0.8"
    assert verdict.p is not None
    assert verdict.p < 0.001


def test_what_lies_near_it_stays_open() -> None:
    verdict = judged({"a": 0, "b": 5})
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert "agrees with these data" in verdict.reason
    # From 30 people of .833 it takes many more to lie surely above .8.
    assert list(verdict.people_needed) == ["b"]
    assert verdict.people_needed["b"] > 300
    assert "correlation of at most 0.3" in verdict.notes[0]


def test_a_group_of_too_few_people_caps_the_verdict() -> None:
    verdict = judged({"a": 0, "b": 0, "few": 0}, small=3)
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert verdict.reason == "what could be judged reaches 0.8, but too few people speak for few"
    assert [(item.name, item.people) for item in verdict.not_assessable] == [("few", 3)]


def test_a_label_that_nobody_has_leaves_nothing_to_judge() -> None:
    rows = [Row(f"p{n}", "anger", "anger", f"{n}", {"g": "ab"[n % 2]}) for n in range(40)]
    table = predictions_of(rows, ("anger",))
    verdict = AtLeast(recall("disgust"), 0.9).decide(Evidence(count(table, Slicing("g")), table), Settings())
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert verdict.reason == "too few people speak for a, b"
    assert verdict.p is None


@pytest.mark.parametrize("measure", [refusals, misclassification("anger", "fear")])
def test_more_of_an_error_is_not_demanded(measure: object) -> None:
    with pytest.raises(ConfigurationError) as caught:
        AtLeast(measure, 0.9)  # type: ignore[arg-type]
    assert str(caught.value) == (
        f"AtLeast({measure!r}) demands errors: more of that is no better; use accuracy or recall"
    )


@pytest.mark.parametrize("level", [0, 1, 1.5, -0.1, float("nan")])
def test_a_level_that_cannot_be_shown_is_refused(level: float) -> None:
    with pytest.raises(ConfigurationError) as caught:
        AtLeast(accuracy, level)
    assert str(caught.value).startswith(f"AtLeast(level={level}) is no share that could be shown")
