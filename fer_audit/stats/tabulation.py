"""How often each combination of codes occurs: the contingency tensor of integer columns, in one pass."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

import numpy as np

from fer_audit.errors import ConfigurationError, DataError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["tabulate"]

# Rows a step: all that one step touches stays in the second cache of a core.
_CHUNK = 65_536
# Combinations that a step counts on its own; more of them would not stay in the cache either.
_MOST_COMBINATIONS = 50_000_000


def tabulate(columns: Sequence[NDArray[np.integer]], sizes: Sequence[int]) -> NDArray[np.int64]:
    """Rows with each combination of codes, e.g. by slice, true label and answer.

    It counts rows. An image that was asked about several times is as many rows, and rows of one person
    resemble each other: point estimates may be read from it, no bounds.

    Args:
        columns: each of shape (rows,), any type of integers: codes from 0 to below its size.
        sizes: how many codes each column has.

    Returns:
        Shape ``sizes``.

    Raises:
        ConfigurationError: no column, columns of different lengths, or a size each is not given.
        DataError: a code outside, or more combinations than there is room for.

    >>> tabulate([np.array([0, 0, 1]), np.array([2, 2, 0])], [2, 3]).tolist()
    [[0, 0, 2], [1, 0, 0]]
    """
    lengths = {len(column) for column in columns}
    if len(lengths) != 1 or len(columns) != len(sizes):
        raise ConfigurationError(
            f"{len(columns)} columns of {sorted(lengths)} rows with {len(sizes)} sizes cannot be crossed; "
            "give columns of equal length and the number of codes of each"
        )
    combinations = prod(sizes)
    if combinations > _MOST_COMBINATIONS:
        raise DataError(
            f"{combinations:,} combinations of codes are more than the {_MOST_COMBINATIONS:,} there is room "
            "for; cross fewer columns"
        )
    rows = lengths.pop()
    total = np.zeros(combinations, dtype=np.int64)
    # The narrowest type holds the number of combinations, and computes four codes in the time of one.
    narrow = np.min_scalar_type(combinations)
    # A step that counts few rows into many cells would spend its time on clearing and adding the cells.
    step = max(_CHUNK, combinations)
    room = np.empty((2, min(step, rows)), dtype=narrow)
    for start in range(0, rows, step):
        code, digit = room[:, : min(step, rows - start)]
        code[:] = 0
        for place, (column, size) in enumerate(zip(columns, sizes, strict=True)):
            codes = column[start : start + step]
            _refuse_outside(codes, size, place, start)
            # Copying first and adding like to like is faster than adding two types.
            digit[:] = codes
            code *= narrow.type(size)
            code += digit
        # bincount converts by itself too, at five times the price.
        total += np.bincount(code.astype(np.int64), minlength=combinations)
    return total.reshape(tuple(sizes))


def _refuse_outside(codes: NDArray[np.integer], size: int, place: int, start: int) -> None:
    # Read as unsigned a negative code is a huge one, so that one look finds both.
    unsigned = codes.view(f"u{codes.itemsize}")
    if len(codes) and int(unsigned.max()) >= size:
        row = int(np.flatnonzero(unsigned >= size)[0])
        raise DataError(
            f"code {codes[row]} in row {start + row} of column {place} lies outside its {size} codes; leave "
            "rows without a value out, or give them a code of their own"
        )
