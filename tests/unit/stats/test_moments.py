from __future__ import annotations

import numpy as np
import pytest
from prediction_tables import tally_of

from fer_audit.stats.differences.moments import correlation, moments, pooled_rate, spread
from fer_audit.stats.settings import Settings

BOTH = np.array([0, 1])


def test_with_complete_labels_the_variance_is_that_of_person_means() -> None:
    generator = np.random.default_rng(1)
    images = np.repeat(generator.integers(1, 6, (2, 3)), [9, 14], axis=0).astype(float)
    hits = generator.binomial(images.astype(int), 0.7)
    tally = tally_of(range(23), [0] * 9 + [1] * 14, hits, images)
    found = moments(tally, BOTH, np.arange(3))
    for place, units in ((0, slice(0, 9)), (1, slice(9, 23))):
        person_means = (hits[units] / images[units]).mean(1)
        assert found.rate[place] == pytest.approx(person_means.mean(), abs=1e-14)
        assert found.variance[place] == pytest.approx(np.var(person_means, ddof=1), abs=1e-14)
        # Equal images in a slice: m is the harmonic mean over labels, times the number of labels.
        assert found.depth[place] == pytest.approx(9 / (1 / images[units][0]).sum())


def test_a_worked_example_with_a_missing_label() -> None:
    """Four people, two labels; the second label is held by three of them."""
    tally = tally_of(range(4), [0] * 4, [[1, 2], [0, 1], [1, 0], [2, 0]], [[1, 2], [1, 2], [2, 0], [2, 1]])
    found = moments(tally, np.array([0]), np.arange(2))
    first, second = np.array([1, 0, 0.5, 1]), np.array([1, 0.5, 0])
    rate = (first.mean() + second.mean()) / 2
    from_first = (first - first.mean()) * np.sqrt(4 / 3) / 2
    from_second = np.array([0.5, 0.0, 0.0, -0.5]) * (4 / 3) * np.sqrt(3 / 2) / 2
    assert found.rate[0] == pytest.approx(rate)
    np.testing.assert_allclose(found.value, rate + from_first + from_second)
    assert found.variance[0] == pytest.approx(((from_first + from_second) ** 2).mean())
    thinness = np.array([1 + 16 / 18, 1 + 16 / 18, 0.5, 0.5 + 16 / 9]) / 4
    assert found.depth[0] == pytest.approx(1 / thinness.mean())
    assert found.people[0] == 4
    assert found.images[0] == 11


def test_images_a_person_fall_below_one_where_a_label_is_rare() -> None:
    """Twenty people have the first label, two of them the second; each label weighs one half."""
    images = np.column_stack([np.ones(20), np.arange(20) < 2])
    found = moments(tally_of(range(20), [0] * 20, images, images), np.array([0]), np.arange(2))
    thinness = (18 * 1.0 + 2 * (1.0 + 10.0**2)) / 4 / 20
    assert found.depth[0] == pytest.approx(1 / thinness)
    assert found.depth[0] < 1


def test_the_correlation_recovers_the_one_that_was_planted() -> None:
    generator = np.random.default_rng(7)
    effect = generator.beta(0.8 * 4, 0.2 * 4, (4000, 1))  # beta-binomial: ICC 1 / (1 + 4)
    images = np.full((4000, 1), 10.0)
    tally = tally_of(range(4000), [0, 1] * 2000, generator.binomial(10, effect), images)
    assert float(correlation(moments(tally, BOTH, np.array([0])))) == pytest.approx(0.2, abs=0.02)


def test_one_image_a_person_shows_no_correlation() -> None:
    images = np.ones((20, 1))
    tally = tally_of(range(20), [0] * 10 + [1] * 10, np.arange(20)[:, None] % 2, images)
    assert float(correlation(moments(tally, BOTH, np.array([0])))) == 0.0


def test_the_pooled_rate_counts_people_not_slices() -> None:
    hits = np.array([[1.0]] * 30 + [[0.0]] * 10)
    tally = tally_of(range(40), [0] * 30 + [1] * 10, hits, np.ones((40, 1)))
    assert float(pooled_rate(moments(tally, BOTH, np.array([0])))) == pytest.approx(30.5 / 41)


def test_a_slice_without_an_error_still_has_a_variance() -> None:
    images = np.full((20, 1), 4.0)
    found = moments(tally_of(range(20), [0] * 10 + [1] * 10, images, images), BOTH, np.array([0]))
    wide = spread(found, correlation(found), Settings())
    assert (found.variance == 0).all()
    smoothed = 10.5 / 11
    chance = smoothed * (1 - smoothed) / 4
    np.testing.assert_allclose(found.chance, chance)
    # r is -1/3 here, so that the pooled dispersion rests on its floor of one half.
    np.testing.assert_allclose(wide.dispersion, 0.5)
    np.testing.assert_allclose(wide.moderated, 10 * 0.5 * chance / 19)
    pooled = 20.5 / 21
    np.testing.assert_allclose(wide.cautious, (1 + 0.12 * 3) * pooled * (1 - pooled) / 4)
    np.testing.assert_allclose(wide.size, 10 * 4 / (1 + 0.2 * 3))
