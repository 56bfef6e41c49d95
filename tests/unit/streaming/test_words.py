from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from fer_audit.errors import TableError
from fer_audit.streaming.accumulator import Accumulator
from fer_audit.streaming.words import Combinations, Words


def test_a_word_keeps_its_code_whatever_dictionary_it_comes_in() -> None:
    words = Words()
    assert words.codes(pa.array(["b", None, "a "]).dictionary_encode()).tolist() == [0, -1, 1]
    assert words.codes(pa.array(["a", "", "c", "b"]).dictionary_encode()).tolist() == [1, -1, 2, 0]
    assert words.codes(pa.array([1, 2, 1])).tolist() == [3, 4, 3]
    assert words.words == ("b", "a", "c", "1", "2")
    assert words.codes(pa.array([float("nan"), None])).tolist() == [-1, -1]


def test_combinations_keep_their_numbers_when_columns_grow() -> None:
    seen = Combinations("columns")
    first = seen.number([np.array([0, 1, 0], np.int32), np.array([0, -1, 0], np.int32)], [2, 1])
    assert first.tolist() == [0, 1, 0] or first.tolist() == [1, 0, 1]
    again = seen.number([np.array([2, 0, 1], np.int32), np.array([3, 0, -1], np.int32)], [3, 4])
    assert again.tolist() == [2, first[0], first[1]]
    assert seen.seen[2] == (2, 3)


def test_columns_that_are_no_labels_are_refused() -> None:
    codes = np.arange(2000, dtype=np.int32)
    with pytest.raises(TableError) as raised:
        Combinations("t.parquet: label and answer").number([codes, codes], [2000, 2000])
    assert str(raised.value) == (
        "t.parquet: label and answer have 4,004,001 combinations of values so far, and labels or groups never "
        "have as many; is one of the columns a name, a date or a number? Put its values into bands"
    )


def test_people_in_several_slices_have_a_line_for_each() -> None:
    generator = np.random.default_rng(0)
    sums, expected = Accumulator(), np.zeros((40, 7, 30), dtype=np.int64)
    for batch in range(6):
        people, combinations = 5 * batch + 10, 4 * batch + 10
        rows = [generator.integers(0, size, 200).astype(np.int32) for size in (people, 7, combinations)]
        sums.add(*rows, people=people, combinations=combinations)
        np.add.at(expected, tuple(rows), 1)
    total = sums.total(30)
    found = np.zeros_like(expected)
    found[total.person, total.slice_] = total.rows
    np.testing.assert_array_equal(found, expected)
    assert len(set(zip(total.person.tolist(), total.slice_.tolist(), strict=True))) == len(total.person)
    assert total.rows.sum() == 1200
