"""Whether a picture occurs in two rows of a table of which only a batch is in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Pictures", "hash_names"]

# Hashes that are kept: 128 MiB.
_MOST_KEPT = 16_777_216
_PRIME = np.uint64(0x9E3779B97F4A7C15)
_WORD = 8


def hash_names(names: pa.Array[Any]) -> NDArray[np.uint64]:
    """A 64-bit hash of each name, shape (names,): equal for equal names, and for hardly any others.

    Names are read eight bytes at a time; each word is mixed in by a multiplication.

    >>> hashes = hash_names(pa.array(["a.jpg", "b.jpg", "a.jpg"]))
    >>> bool(hashes[0] == hashes[2]), bool(hashes[0] == hashes[1])
    (True, False)
    """
    if not len(names):
        return np.empty(0, dtype=np.uint64)
    long = names.cast(pa.large_string())
    _, places, data = long.buffers()
    ends = np.frombuffer(memoryview(places or b""), dtype=np.int64)[long.offset : long.offset + len(long) + 1]
    # Behind the last name there may be nothing to read: eight zeros more let every word be read whole.
    text = np.concatenate(
        [np.frombuffer(memoryview(data or b""), dtype=np.uint8)[: int(ends[-1])], np.zeros(8, np.uint8)]
    )
    words = np.ndarray(shape=(len(text) - _WORD + 1,), dtype="<u8", buffer=text.data, strides=(1,))
    start, length = ends[:-1], np.diff(ends)
    found = length.astype(np.uint64) * _PRIME
    for done in range(0, int(length.max(initial=0)), _WORD):
        # Of a name that ends inside the word the bytes of the next one are shifted out; 64 bits are too many
        # to shift at once.
        spare = np.clip(_WORD - (length - done), 0, _WORD - 1).astype(np.uint64) * np.uint64(8)
        word = words[np.minimum(start + done, len(words) - 1)] << spare
        mixed = (found ^ word) * _PRIME
        mixed ^= mixed >> np.uint64(29)
        found = np.where(length > done, mixed, found)
    found *= _PRIME
    return np.asarray(found ^ (found >> np.uint64(32)))


class Pictures:
    """The pictures seen so far, by the hash of their names.

    Up to 16.8 million all are kept, at 8 bytes each. Of more only those are kept whose hash lies below a
    threshold, which is halved whenever they become too many: of the pictures that occur twice that share is
    found, so that a table of repeats does not pass.
    """

    def __init__(self) -> None:
        self._kept: list[NDArray[np.uint64]] = []
        self._number = 0
        self._share = 0

    def add(self, names: pa.Array[Any]) -> None:
        """Remember the pictures of a batch; names without an empty one among them."""
        self._keep(hash_names(names))
        while self._number > _MOST_KEPT:
            self._share += 1
            kept, self._kept, self._number = self._kept, [], 0
            for part in kept:
                self._keep(part)

    def _keep(self, hashes: NDArray[np.uint64]) -> None:
        chosen = hashes if not self._share else hashes[hashes < np.uint64(2 ** (64 - self._share))]
        self._kept.append(chosen)
        self._number += len(chosen)

    @property
    def repeats(self) -> int:
        """How many of the rows kept show a picture that another of them shows."""
        if not self._kept:
            return 0
        every = np.concatenate(self._kept)
        every.sort()
        return int(np.count_nonzero(every[1:] == every[:-1]))


def trimmed(names: pa.Array[Any]) -> pa.Array[Any]:
    """Names as they are compared: text without space around it."""
    if isinstance(names, pa.DictionaryArray):
        names = names.dictionary_decode()
    return pc.utf8_trim_whitespace(names if pa.types.is_string(names.type) else names.cast(pa.string()))
