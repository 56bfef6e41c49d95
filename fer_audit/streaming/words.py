"""Columns that arrive in batches, as codes into the values seen so far."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any
from unicodedata import normalize

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fer_audit.errors import TableError
from fer_audit.tables import integers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["Combinations", "Words"]

# Combinations that the lookup table has room for: 4 MiB.
_MOST_COMBINATIONS = 1_000_000


class Words:
    """One categorical column: each value gets the next code when it first appears.

    Values are cleaned as `fer_audit.tables.column` does: trimmed, an empty cell or NaN is no value, and two
    spellings of one word in Unicode are one. The batches of a row group share their dictionary, which is
    cleaned once.
    """

    def __init__(self) -> None:
        self._codes: dict[str, int] = {}
        self._dictionary: pa.Array[Any] | None = None
        self._places = np.empty(0, dtype=np.int32)
        # Whether the codes of the dictionary are those of this column already.
        self._same = False

    @property
    def words(self) -> tuple[str, ...]:
        """The values in the order of their codes."""
        return tuple(self._codes)

    def __len__(self) -> int:
        return len(self._codes)

    def codes(self, batch: pa.Array[Any]) -> NDArray[np.int32]:
        """The codes of a batch, shape (rows,), int32; -1 where there is no value."""
        if not isinstance(batch, pa.DictionaryArray):
            batch = batch.dictionary_encode()
        if self._dictionary is None or not batch.dictionary.equals(self._dictionary):
            self._dictionary = batch.dictionary
            self._places = self._learn(batch.dictionary)
            self._same = np.array_equal(self._places[:-1], np.arange(len(self._places) - 1))
        indices = batch.indices.cast(pa.int32())
        # The last place is that of an empty cell, which the indices below call -1.
        places = indices.fill_null(-1) if indices.null_count else indices
        codes = integers(places)
        return codes if self._same and not indices.null_count else self._places[codes]

    def _learn(self, dictionary: pa.Array[Any]) -> NDArray[np.int32]:
        values = dictionary
        if pa.types.is_floating(values.type):
            values = pc.if_else(pc.is_nan(values), pa.scalar(None, values.type), values)
        if not pa.types.is_string(values.type):
            values = values.cast(pa.string())
        words = [
            word if not word or word.isascii() else normalize("NFC", word)
            for word in pc.utf8_trim_whitespace(values).to_pylist()
        ]
        # Whole lists at a time: there may be a million people.
        new = dict.fromkeys(word for word in words if word and word not in self._codes)
        self._codes.update(zip(new, count(len(self._codes))))
        return np.array([*(self._codes[word] if word else -1 for word in words), -1], dtype=np.int32)


class Combinations:
    """Which values of several columns occur together: each combination gets the next number.

    Args:
        what: what the columns are, for messages.
    """

    def __init__(self, what: str) -> None:
        self._what = what
        self._sizes: tuple[int, ...] = ()
        self._numbers = np.empty(0, dtype=np.int32)
        self._seen: list[tuple[int, ...]] = []

    @property
    def seen(self) -> tuple[tuple[int, ...], ...]:
        """The codes of every combination, in the order of their numbers; -1 where there is no value."""
        return tuple(self._seen)

    def __len__(self) -> int:
        return len(self._seen)

    def number(self, columns: Sequence[NDArray[np.int32]], sizes: Sequence[int]) -> NDArray[np.int32]:
        """The number of each row's combination.

        Args:
            columns: codes, each of shape (rows,); -1 where there is no value.
            sizes: how many codes each column has so far.

        Raises:
            TableError: there are more combinations than labels or groups ever make.
        """
        room = tuple(size + 1 for size in sizes)
        if room != self._sizes:
            self._make_room(room)
        joined = columns[0] + np.int32(1)
        for column, size in zip(columns[1:], room[1:], strict=True):
            joined *= np.int32(size)
            joined += column
            joined += np.int32(1)
        numbers = self._numbers[joined]
        if numbers.min(initial=0) < 0:
            for place in np.unique(joined[numbers < 0]).tolist():
                self._numbers[place] = len(self._seen)
                self._seen.append(tuple(int(code) - 1 for code in np.unravel_index(place, room)))
            numbers = self._numbers[joined]
        return np.asarray(numbers)

    def _make_room(self, room: tuple[int, ...]) -> None:
        size = int(np.prod(room, dtype=np.float64))
        if size > _MOST_COMBINATIONS:
            raise TableError(
                f"{self._what} have {size:,} combinations of values so far, and labels or groups never have "
                "as many; is one of the columns a name, a date or a number? Put its values into bands"
            )
        self._sizes = room
        self._numbers = np.full(size, -1, dtype=np.int32)
        for number, codes in enumerate(self._seen):
            place = np.ravel_multi_index(tuple(code + 1 for code in codes), room)
            self._numbers[place] = number
