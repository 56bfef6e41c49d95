from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from fer_audit.errors import DataError
from fer_audit.stats.contingency import mantel_haenszel

# Admissions at Berkeley by department (Bickel, Hammel and O'Connell 1975): men and women, admitted and not.
BERKELEY = [
    [[512, 313], [89, 19]],
    [[353, 207], [17, 8]],
    [[120, 205], [202, 391]],
    [[138, 279], [131, 244]],
    [[53, 138], [94, 299]],
    [[22, 351], [24, 317]],
]


@pytest.mark.parametrize("continuity", [False, True])
def test_the_moments_are_those_of_the_hypergeometric_distribution(continuity: bool) -> None:
    laws = [stats.hypergeom(np.sum(t), t[0][0] + t[0][1], t[0][0] + t[1][0]) for t in BERKELEY]
    deviation = abs(sum(t[0][0] for t in BERKELEY) - sum(law.mean() for law in laws))
    expected = (deviation - 0.5 * continuity) ** 2 / sum(law.var() for law in laws)
    found = mantel_haenszel(BERKELEY, continuity=continuity)
    assert found.chi2 == pytest.approx(expected, rel=1e-10)
    assert found.p == pytest.approx(float(stats.chi2.sf(expected, 1)), rel=1e-9)


def test_one_stratum_has_its_own_odds_ratio_and_woolfs_standard_error() -> None:
    found = mantel_haenszel([[[12, 5], [7, 9]]])
    assert found.odds_ratio == pytest.approx(12 * 9 / (5 * 7), rel=1e-12)
    assert found.log_odds_se == pytest.approx((1 / 12 + 1 / 5 + 1 / 7 + 1 / 9) ** 0.5, rel=1e-12)


def test_exchanging_the_slices_inverts_the_odds_ratio() -> None:
    found, turned = mantel_haenszel(BERKELEY), mantel_haenszel(np.array(BERKELEY)[:, ::-1])
    assert turned.odds_ratio == pytest.approx(1 / found.odds_ratio, rel=1e-12)
    assert turned.log_odds_se == pytest.approx(found.log_odds_se, rel=1e-12)
    assert turned.chi2 == pytest.approx(found.chi2, rel=1e-9)


def test_the_standard_error_is_the_spread_over_random_strata() -> None:
    generator = np.random.default_rng(4)
    images, rates = np.array([[30, 50], [60, 25], [40, 40]]), np.array([[0.3, 0.2], [0.6, 0.5], [0.4, 0.3]])
    hits = generator.binomial(images, rates, (1500, 3, 2))
    found = [mantel_haenszel(np.stack([hit, images - hit], axis=-1)) for hit in hits]
    spread = float(np.std([np.log(one.odds_ratio) for one in found]))
    assert float(np.mean([one.log_odds_se for one in found])) == pytest.approx(spread, rel=0.08)


def test_a_huge_difference_does_not_underflow_early() -> None:
    assert 0 < mantel_haenszel([[[900, 100], [100, 900]]]).p < 1e-100


def test_strata_that_say_nothing_find_nothing() -> None:
    found = mantel_haenszel([[[0, 0], [0, 0]], [[1, 0], [0, 0]], [[5, 0], [7, 0]]])
    assert (found.chi2, found.p) == (0.0, 1.0)
    assert np.isnan(found.odds_ratio)
    assert np.isnan(found.log_odds_se)
    assert mantel_haenszel([[[5, 0], [0, 5]]]).odds_ratio == np.inf
    assert mantel_haenszel(np.zeros((0, 2, 2))).p == 1


def test_counts_below_zero_are_refused() -> None:
    with pytest.raises(DataError) as raised:
        mantel_haenszel([[[-1, 1], [2, 3]]])
    assert str(raised.value) == "a stratum holds -1.0: give counts of pictures"


def test_a_single_table_is_no_list_of_strata() -> None:
    with pytest.raises(DataError) as raised:
        mantel_haenszel([[1, 1], [2, 3]])
    assert str(raised.value) == "strata have the shape (K, 2, 2), not (2, 2): put the two slices in rows"
