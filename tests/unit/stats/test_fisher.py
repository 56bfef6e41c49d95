from __future__ import annotations

from fractions import Fraction
from itertools import product
from math import comb

import numpy as np
import pytest
from scipy import stats

from fer_audit.errors import DataError
from fer_audit.stats.contingency import fisher_exact


def enumerated(a: int, b: int, c: int, d: int) -> float:
    """The definition, in exact fractions."""
    row, column, total = a + b, a + c, a + b + c + d
    support = range(max(0, row + column - total), min(row, column) + 1)
    weight = [comb(column, x) * comb(total - column, row - x) for x in support]
    rare = comb(column, a) * comb(total - column, b)
    return float(Fraction(sum(w for w in weight if w <= rare), sum(weight)))


def test_every_table_with_cells_up_to_four_has_the_enumerated_p() -> None:
    tables = np.array(list(product(range(5), repeat=4)))
    expected = [enumerated(*(int(cell) for cell in table)) for table in tables]
    np.testing.assert_allclose(fisher_exact(tables.reshape(-1, 2, 2)), expected, rtol=1e-12)


def test_random_tables_have_scipys_p() -> None:
    tables = np.random.default_rng(1).integers(0, 60, (500, 2, 2))
    expected = [float(stats.fisher_exact(table).pvalue) for table in tables]
    np.testing.assert_allclose(fisher_exact(tables), expected, rtol=1e-10)


def test_large_and_lopsided_tables_have_scipys_p() -> None:
    tables = np.array(
        [
            [[340, 17_660], [2_500, 122_500]],
            [[50_000, 50_000], [49_500, 50_500]],
            [[0, 100_000], [30, 99_970]],
            [[900, 100], [100, 900]],
            [[3, 2], [100_000, 4]],
        ]
    )
    expected = [float(stats.fisher_exact(table).pvalue) for table in tables]
    np.testing.assert_allclose(fisher_exact(tables), expected, rtol=1e-6)


def test_the_lady_tasting_tea() -> None:
    assert float(fisher_exact([[3, 1], [1, 3]])) == pytest.approx(34 / 70, rel=1e-12)


def test_an_empty_margin_says_nothing() -> None:
    tables = [[[0, 0], [0, 0]], [[5, 0], [7, 0]], [[0, 0], [3, 4]], [[0, 5], [0, 7]]]
    assert fisher_exact(tables).tolist() == [1, 1, 1, 1]


def test_exchanging_slices_or_answers_changes_nothing() -> None:
    tables = np.random.default_rng(2).integers(0, 30, (200, 2, 2))
    for turned in (tables[:, ::-1], tables[:, :, ::-1], tables.swapaxes(1, 2)):
        np.testing.assert_allclose(fisher_exact(turned), fisher_exact(tables), rtol=1e-11)


def test_leading_axes_are_kept() -> None:
    tables = np.random.default_rng(3).integers(0, 9, (2, 3, 2, 2))
    p = fisher_exact(tables)
    assert p.shape == (2, 3)
    assert p[1, 2] == pytest.approx(float(stats.fisher_exact(tables[1, 2]).pvalue), rel=1e-11)
    assert fisher_exact(np.zeros((0, 2, 2))).shape == (0,)


def test_rates_are_refused() -> None:
    with pytest.raises(DataError) as raised:
        fisher_exact([[0.5, 1.0], [2.0, 3.0]])
    assert str(raised.value) == "a 2x2 table holds 0.5: give whole counts of pictures, not rates"


def test_another_shape_is_refused() -> None:
    with pytest.raises(DataError) as raised:
        fisher_exact([[1, 2, 3], [4, 5, 6]])
    assert (
        str(raised.value) == "tables of shape (..., 2, 2) are tested, not (2, 3): put the two slices in rows"
    )
