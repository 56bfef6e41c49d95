"""Which slice each row of predictions belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from math import isfinite
from typing import TYPE_CHECKING

import numpy as np

from fer_audit.errors import ConfigurationError, UnknownNameError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from fer_audit.predictions import Predictions
    from fer_audit.records import Slicing

__all__ = ["Slices", "as_number", "cut", "sort_levels"]


@dataclass(frozen=True, slots=True, eq=False)
class Slices:
    """The slice of every row.

    Attributes:
        codes: shape (rows,), int64: index into ``levels``; -1 for rows left out or without a value.
        levels: names of the slices that have rows; those of an intersection are joined by ``*``.
        empty: levels and intersections that no row belongs to.
        missing: rows without a value of some attribute.
    """

    codes: NDArray[np.int64]
    levels: tuple[str, ...]
    empty: tuple[str, ...]
    missing: int


def sort_levels(levels: Iterable[str]) -> tuple[str, ...]:
    """Level names in the order of a report: as numbers where they all are numbers, else by name.

    Names of intersections are ordered part by part.

    >>> sort_levels(["10", "9", "2"])
    ('2', '9', '10')
    >>> sort_levels(["male*10", "female*10", "female*9"])
    ('female*9', 'female*10', 'male*10')
    """
    names = sorted(set(levels))
    parts = [name.split("*") for name in names]
    if len({len(part) for part in parts}) > 1:
        return tuple(names)
    numeric = [all(as_number(word) is not None for word in column) for column in zip(*parts, strict=True)]

    def rank(name: str) -> list[tuple[float, str]]:
        words = zip(name.split("*"), numeric, strict=True)
        return [((as_number(word) or 0.0) if number else 0.0, word) for word, number in words]

    return tuple(sorted(names, key=rank))


def as_number(word: str) -> float | None:
    """The finite number that a level's name writes, or None.

    >>> as_number("12"), as_number("20-39")
    (12.0, None)
    """
    try:
        value = float(word)
    except ValueError:
        return None
    return value if isfinite(value) else None


def cut(predictions: Predictions, slicing: Slicing) -> Slices:
    """Divide the rows of predictions into slices.

    A level named in ``slicing.without`` is left out: of an intersection, either one combination
    (``female*asian``) or every combination with one attribute's level (``asian``).

    Raises:
        UnknownNameError: an attribute that the predictions do not have.
        ConfigurationError: a level to leave out that does not exist.
    """
    for name in slicing.attributes:
        if name not in predictions.attributes:
            raise UnknownNameError(
                f"unknown attribute {name!r} in slicing {slicing.name!r}; "
                f"{did_you_mean(name, predictions.attributes)}"
            )
    columns = [predictions.attributes[name] for name in slicing.attributes]
    orders = [sort_levels(column.levels) for column in columns]
    # Every pass over the rows costs: none is made for order or for missing values where neither is needed.
    joined = np.zeros(len(predictions), dtype=np.int32)
    missing = np.zeros(len(predictions), dtype=np.bool_)
    for column, order in zip(columns, orders, strict=True):
        joined *= len(order)
        if column.codes.min(initial=0) < 0:
            missing |= column.codes < 0
        elif order == column.levels:
            joined += column.codes
            continue
        place = np.array([order.index(level) for level in column.levels] + [0], dtype=np.int32)
        joined += place[column.codes]

    combinations = list(product(*orders))
    names = ["*".join(combination) for combination in combinations]
    left_out = _left_out(slicing, combinations, names)
    incomplete = bool(missing.any())
    used = np.bincount(joined[~missing] if incomplete else joined, minlength=len(names)) > 0
    kept = used & ~left_out
    codes = joined.astype(np.int64) if kept.all() else np.where(kept, np.cumsum(kept) - 1, -1)[joined]
    return Slices(
        codes=np.where(missing, -1, codes) if incomplete else codes,
        levels=tuple(name for name, keep in zip(names, kept, strict=True) if keep),
        empty=tuple(name for name, gone in zip(names, ~used & ~left_out, strict=True) if gone),
        missing=int(missing.sum()),
    )


def _left_out(slicing: Slicing, combinations: list[tuple[str, ...]], names: list[str]) -> NDArray[np.bool_]:
    """Shape (combinations,): which are excluded by name."""
    known = set(names).union(*combinations)
    out = np.zeros(len(names), dtype=np.bool_)
    for level, _reason in slicing.without:
        if level not in known:
            raise ConfigurationError(
                f"slicing {slicing.name!r} leaves out {level!r}, which is no level of it; "
                f"{did_you_mean(level, known)}"
            )
        out |= [level == name or level in parts for name, parts in zip(names, combinations, strict=True)]
    return out
