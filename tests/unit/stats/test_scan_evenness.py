"""When the p of a scan must be confirmed by the bounds of a gap."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from count_tables import random_counts

from fer_audit.stats.association.evenness import dispersion_ratio
from fer_audit.stats.differences.moments import moments
from fer_audit.stats.measures import misclassification
from fer_audit.stats.scanning.evenness import dispersions, inflation, must_confirm
from fer_audit.stats.scanning.scan import Finding


def test_dispersions_are_those_whose_ratio_sets_a_slice_aside() -> None:
    generator = np.random.default_rng(1)
    counts = random_counts(generator, (20, 14, 30))
    tally = misclassification("l0", "l1").tally(counts)
    found = moments(replace(tally, hits=np.stack([tally.hits, 0 * tally.hits])), np.arange(3), np.array([0]))
    each = dispersions(found)
    assert each[0].max() / each[0].min() == pytest.approx(dispersion_ratio(found)[0])
    assert np.isnan(each[1]).all()
    assert inflation(found.people, each)[1] == 1.0


def test_an_inflation_is_the_variance_of_a_difference_over_that_after_exchanging_people() -> None:
    """By drawing: 12 people with standard deviation 2 against 30 with 1, and the same exchanged."""
    generator = np.random.default_rng(2)
    people, spread = np.array([30, 12]), np.array([1.0, 2.0])
    true, exchanged = [], []
    for _ in range(20_000):
        values = generator.standard_normal(42) * np.repeat(spread, people)
        true.append(values[:30].mean() - values[30:].mean())
        mixed = generator.permutation(values)
        exchanged.append(mixed[:30].mean() - mixed[30:].mean())
    expected = np.var(true) / np.var(exchanged)
    assert float(inflation(people.astype(float), spread**2)) == pytest.approx(expected, rel=0.04)


def test_a_noisier_larger_slice_and_slices_of_one_size_inflate_nothing() -> None:
    dispersion = np.array([[3.0, 1.0], [1.0, 3.0]])
    assert inflation(np.array([30.0, 12.0]), dispersion)[0] == 1.0
    assert inflation(np.array([20.0, 20.0]), dispersion).tolist() == [1.0, 1.0]


def test_the_worst_pair_counts() -> None:
    people = np.array([40.0, 40.0, 10.0])
    dispersion = np.array([1.0, 1.0, 2.0])
    assert float(inflation(people, dispersion)) == pytest.approx((10 * 1 + 40 * 2) / (40 * 1 + 10 * 2))


@pytest.mark.parametrize(
    ("people", "images", "dispersion", "inflated", "expected"),
    [
        (1.5, 1.25, 1.5, 1.03, False),
        (1.51, 1.0, 1.0, 1.0, True),
        (1.0, 1.26, 1.0, 1.0, True),
        (1.0, 1.0, 1.51, 1.0, True),
        (1.0, 1.0, 1.0, 1.04, True),
    ],
)
def test_each_kind_of_unevenness_asks_for_confirmation(
    people: float, images: float, dispersion: float, inflated: float, expected: bool
) -> None:
    assert must_confirm(people, images, dispersion, inflated) is expected


def test_a_finding_decides_if_it_is_detected_trusted_and_not_negligible() -> None:
    finding = Finding(
        misclassification("l0", "l1"),
        "a",
        "b",
        0.4,
        0.1,
        20,
        20,
        lower=0.1,
        upper=0.5,
        doubt="",
        adjusted=0.05,
    )
    assert finding.decides(0.05)
    assert finding.decides(0.05, margin=0.499)
    assert not finding.decides(0.05, margin=0.5)
    assert not finding.decides(0.049)
    assert not replace(finding, doubt="slices differ").decides(0.05)
    assert not replace(finding, adjusted=None).decides(0.05)
