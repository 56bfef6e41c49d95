from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from fer_audit.errors import ConfigurationError, DataError
from fer_audit.stats import tabulation
from fer_audit.stats.tabulation import tabulate


@given(
    st.lists(st.integers(1, 300), min_size=1, max_size=3),
    st.integers(0, 200),
    st.sampled_from([np.int8, np.uint8, np.int16, np.int32, np.int64]),
    st.integers(0, 2**32 - 1),
)
@settings(deadline=None)
def test_every_combination_has_the_number_of_its_rows(
    sizes: list[int], rows: int, kind: type[np.integer], seed: int
) -> None:
    generator = np.random.default_rng(seed)
    columns = [generator.integers(0, min(size, 120), rows).astype(kind) for size in sizes]
    table = tabulate(columns, sizes)
    assert table.shape == tuple(sizes)
    seen = Counter(zip(*(column.tolist() for column in columns), strict=True))
    expected = np.zeros(sizes, dtype=np.int64)
    for place, times in seen.items():
        expected[place] = times
    np.testing.assert_array_equal(table, expected)


def test_steps_add_up(monkeypatch: pytest.MonkeyPatch) -> None:
    generator = np.random.default_rng(0)
    columns = [generator.integers(0, 3, 1000), generator.integers(0, 4, 1000)]
    whole = tabulate(columns, [3, 4])
    monkeypatch.setattr(tabulation, "_CHUNK", 13)
    np.testing.assert_array_equal(tabulate(columns, [3, 4]), whole)
    assert whole.sum() == 1000


@pytest.mark.parametrize("code", [-1, 3])
def test_a_code_outside_is_refused(code: int) -> None:
    with pytest.raises(DataError) as raised:
        tabulate([np.array([0, 0]), np.array([2, code], dtype=np.int32)], [1, 3])
    assert str(raised.value) == (
        f"code {code} in row 1 of column 1 lies outside its 3 codes; leave rows without a value out, or give "
        "them a code of their own"
    )


def test_columns_of_different_lengths_are_refused() -> None:
    with pytest.raises(ConfigurationError) as raised:
        tabulate([np.array([0]), np.array([0, 0])], [1, 1])
    assert str(raised.value) == (
        "2 columns of [1, 2] rows with 2 sizes cannot be crossed; give columns of equal length and the number "
        "of codes of each"
    )


def test_more_combinations_than_there_is_room_for_are_refused() -> None:
    with pytest.raises(DataError) as raised:
        tabulate([np.array([0]), np.array([0])], [10_000, 10_000])
    assert str(raised.value) == (
        "100,000,000 combinations of codes are more than the 50,000,000 there is room for; cross fewer columns"
    )
