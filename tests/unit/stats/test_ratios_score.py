"""The ratio's score test against brute force and against intervals that others published."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.stats import norm

from fer_audit.stats.ratios.evidence import CountEvidence, lower_ratio, upper_ratio
from fer_audit.stats.ratios.score import ratio_score


@dataclass(frozen=True)
class Table:
    hits_a: float
    images_a: float
    hits_b: float
    images_b: float

    @property
    def evidence(self) -> CountEvidence:
        a, b = np.array([self.images_a]), np.array([self.images_b])
        return CountEvidence(np.array([self.hits_a]) / a, np.array([self.hits_b]) / b, a, b, a, b)

    @property
    def without_correction(self) -> float:
        """Koopman's statistic is Miettinen and Nurminen's without the factor N / (N - 1)."""
        total = self.images_a + self.images_b
        return float(np.sqrt((total - 1) / total))


def score_by_brute_force(table: Table, ratio: float) -> float:
    """Maximise the likelihood along p_a = R p_b numerically; nothing is solved in closed form."""

    def unlikely(rate: float) -> float:
        likelihood = 0.0
        for hits, images, p in (
            (table.hits_a, table.images_a, ratio * rate),
            (table.hits_b, table.images_b, rate),
        ):
            likelihood += hits * np.log(p) if hits > 0 else 0.0
            likelihood += (images - hits) * np.log1p(-p) if images > hits else 0.0
        return -likelihood

    most = min(1.0, 1.0 / ratio)
    found = minimize_scalar(
        unlikely, bounds=(1e-15, most - 1e-15), method="bounded", options={"xatol": 1e-13}
    )
    rate = float(found.x)
    # A minimum on the border is approached, not reached, by a bounded search.
    for border in (1e-15, most - 1e-15):
        if unlikely(border) <= unlikely(rate):
            rate = border
    total = table.images_a + table.images_b
    p = ratio * rate
    variance = p * (1 - p) / table.images_a + ratio**2 * rate * (1 - rate) / table.images_b
    distance = table.hits_a / table.images_a - ratio * table.hits_b / table.images_b
    return float(distance / np.sqrt(variance * total / (total - 1)))


def test_the_score_agrees_with_brute_force_likelihood_on_2000_random_tables() -> None:
    generator = np.random.default_rng(20)
    compared = 0
    for _ in range(2000):
        images = generator.integers(5, 200, 2)
        hits = generator.binomial(images, generator.uniform(0.02, 0.98, 2))
        table = Table(float(hits[0]), float(images[0]), float(hits[1]), float(images[1]))
        ratio = float(np.exp(generator.uniform(-1.5, 1.5)))
        if hits.sum() == 0 or (hits == images).all():
            continue
        score = float(ratio_score(table.hits_a, table.images_a, table.hits_b, table.images_b, ratio))
        assert score == pytest.approx(score_by_brute_force(table, ratio), abs=1e-6, rel=1e-6)
        compared += 1
    assert compared > 1950


@pytest.mark.parametrize(
    ("table", "published"),
    [
        # Koopman (1984), Biometrics 40, 513-517.
        (Table(36, 40, 16, 80), (2.94, 7.15)),
        # Gart and Nam (1988), Biometrics 44, 323-338, the score method without skewness correction.
        (Table(8, 15, 4, 15), (0.815, 5.336)),
        (Table(6, 10, 6, 20), (0.844, 4.594)),
        # The example of RRsc in the R package PF: "score method", as 1 - prevented fraction.
        (Table(4, 24, 12, 28), (1 - 0.855, 1 - 0.0328)),
    ],
)
def test_koopman_intervals_are_those_published(table: Table, published: tuple[float, float]) -> None:
    quantile = np.array([norm.ppf(0.975) * table.without_correction])
    places = 0.005 if published[1] > 7 else 0.0005
    assert lower_ratio(table.evidence, quantile)[0] == pytest.approx(published[0], abs=places)
    assert upper_ratio(table.evidence, quantile)[0] == pytest.approx(max(published[1], 1.0), abs=places)


def test_the_miettinen_nurminen_interval_is_the_one_published() -> None:
    """The same example of the R package PF, "MN method"; vaccinated over unvaccinated."""
    table, quantile = Table(4, 24, 12, 28), np.array([norm.ppf(0.975)])
    assert lower_ratio(table.evidence, quantile)[0] == pytest.approx(1 - 0.857, abs=0.0005)
    turned = table.evidence.oriented(np.array([True]))
    # A bound that decides PASS is never below 1, so the upper one is read the other way round.
    assert 1 / lower_ratio(turned, quantile)[0] == pytest.approx(1 - 0.0251, abs=0.0005)


def test_bounds_exclude_exactly_what_the_score_excludes() -> None:
    generator = np.random.default_rng(3)
    images = generator.integers(8, 120, (2, 300)).astype(float)
    hits = generator.binomial(images.astype(int), generator.uniform(0.05, 0.95, (2, 300))).astype(float)
    evidence = CountEvidence(
        hits[0] / images[0], hits[1] / images[1], images[0], images[1], images[0], images[1]
    )
    quantile = np.full(300, 1.7)
    lower, upper = lower_ratio(evidence, quantile), upper_ratio(evidence, quantile)
    for ratio in np.exp(np.linspace(-3, 3, 61)):
        score = ratio_score(hits[0], images[0], hits[1], images[1], ratio)
        assert ((ratio < lower * (1 - 1e-9)) <= (score > 1.7)).all()
        assert ((ratio > lower * (1 + 1e-9)) <= (score <= 1.7)).all()
        if ratio >= 1:
            assert ((ratio > upper * (1 + 1e-9)) <= (score <= -1.7)).all()
            assert ((ratio < upper * (1 - 1e-9)) <= (score > -1.7)).all()


def test_no_event_at_all_says_nothing_of_a_ratio() -> None:
    none = Table(0, 40, 0, 30)
    assert ratio_score(0, 40, 0, 30, [0.1, 1.0, 10.0]).tolist() == [0.0, 0.0, 0.0]
    assert lower_ratio(none.evidence, np.array([1.6]))[0] == 0.0
    assert upper_ratio(none.evidence, np.array([1.6]))[0] == np.inf


def test_events_in_one_group_only_leave_the_ratio_without_an_upper_bound() -> None:
    assert upper_ratio(Table(5, 40, 0, 30).evidence, np.array([1.6]))[0] == np.inf
    assert lower_ratio(Table(0, 40, 5, 30).evidence, np.array([1.6]))[0] == 0.0


def test_certain_events_in_both_groups_exclude_every_other_ratio_in_time() -> None:
    assert float(ratio_score(40, 40, 40, 40, 1.0)) == 0.0
    assert float(ratio_score(40, 40, 40, 40, 1.25)) < -2
    assert float(ratio_score(40, 40, 40, 40, 0.8)) > 2
