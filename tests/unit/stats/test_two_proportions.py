"""The textbook's z-test is the textbook's: statsmodels finds the same, and so did whoever read the paper."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import fisher_exact as scipys_fisher

from fer_audit.errors import DataError
from fer_audit.stats.contingency.fisher import fisher_exact
from fer_audit.stats.contingency.proportions import two_proportions


def test_it_agrees_with_statsmodels_on_many_tables() -> None:
    proportions = pytest.importorskip("statsmodels.stats.proportion")
    generator = np.random.default_rng(5)
    images = generator.integers(1, 200, (300, 2))
    hits = generator.integers(0, images + 1)
    found = two_proportions(hits[:, 0], images[:, 0], hits[:, 1], images[:, 1])
    varied = 0
    for row, (counts, sizes) in enumerate(zip(hits, images, strict=True)):
        if 0 < counts.sum() < sizes.sum():
            z, p = proportions.proportions_ztest(counts, sizes)
            assert found.z[row] == pytest.approx(z, rel=1e-12, abs=1e-12)
            assert found.p[row] == pytest.approx(p, rel=1e-9)
            varied += 1
    assert varied > 290


def test_the_headline_of_the_paper_is_not_significant_even_if_images_were_independent() -> None:
    """Anger read as disgust: 17 of 40 images of Black women, 8 of 29 of White women."""
    found = two_proportions(17, 40, 8, 29)
    assert round(float(found.z), 2) == 1.27
    assert round(float(found.p), 2) == 0.20
    assert round(float(fisher_exact([[17, 23], [8, 21]])), 2) == 0.31


def test_the_stronger_effect_of_the_same_table() -> None:
    """Fear read as surprise: 54 of 74 images of Black people, 29 of 56 of White people."""
    table = [[54, 20], [29, 27]]
    assert round(float(fisher_exact(table)), 3) == 0.017
    assert float(fisher_exact(table)) == pytest.approx(scipys_fisher(np.array(table)).pvalue, rel=1e-10)
    assert float(two_proportions(54, 74, 29, 56).p) < 0.02


def test_exchanging_the_groups_changes_the_sign_alone() -> None:
    one, other = two_proportions(17, 40, 8, 29), two_proportions(8, 29, 17, 40)
    assert float(one.z) == -float(other.z)
    assert float(one.p) == float(other.p)


@pytest.mark.parametrize("hits", [0, 1])
def test_where_nothing_varies_nothing_is_found(hits: int) -> None:
    found = two_proportions(hits * 40, 40, hits * 29, 29)
    assert (float(found.z), float(found.p)) == (0.0, 1.0)


@pytest.mark.parametrize(("hits", "images"), [(1, 0), (3, 2), (-1, 2), (float("nan"), 2)])
def test_what_is_no_share_is_refused(hits: float, images: float) -> None:
    with pytest.raises(DataError) as caught:
        two_proportions(hits, images, 1, 2)
    assert str(caught.value) == (
        f"{float(hits)} of {float(images)} pictures are no shares: give counts of pictures, one "
        "or more, and no more events than pictures"
    )
