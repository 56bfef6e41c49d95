"""Control factors of a demand: names looked up among attributes and covariates, row by row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fer_audit.errors import ConfigurationError, UnknownNameError, did_you_mean
from fer_audit.stats.slicing import as_number, sort_levels

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from fer_audit.predictions import Predictions
    from fer_audit.records import Slicing

__all__ = ["Factor", "find_factors", "strata_of_rows"]

# Up to so many levels numbers are compared stratum by stratum; beyond they are a covariate.
_MOST_STRATA = 10
# Each is a column of every table: beyond this hardly any is held by enough people, and memory runs out.
_MOST_COMBINATIONS = 100


@dataclass(frozen=True, slots=True, eq=False)
class Factor:
    """One thing that is held fixed while slices are compared.

    Attributes:
        name: as the data call it.
        codes: shape (rows,), int64: stratum of each row, -1 where unknown; None for a covariate.
        levels: names of the strata; empty for a covariate.
        values: shape (rows,): the number of each row, nan where unknown; None for strata.
    """

    name: str
    codes: NDArray[np.int64] | None = None
    levels: tuple[str, ...] = ()
    values: NDArray[np.float64] | None = None

    @property
    def known(self) -> NDArray[np.bool_]:
        """Shape (rows,): where it is known."""
        if self.values is not None:
            return np.isfinite(self.values)
        return np.asarray(self.codes) >= 0


def find_factors(predictions: Predictions, given: Iterable[str], slicing: Slicing) -> tuple[Factor, ...]:
    """Look control factors up in the predictions.

    An attribute of more than ten levels that all are numbers (an age in years) is a covariate.

    Args:
        predictions: the rows.
        given: names of attributes and covariates.
        slicing: how people are grouped, which no factor may be a part of.

    Raises:
        UnknownNameError: neither an attribute nor a covariate.
        ConfigurationError: a factor is part of the slicing.
    """
    found = []
    for name in given:
        if name in slicing.attributes:
            raise ConfigurationError(
                f"given={name!r} is part of the slicing {slicing.name!r}: slices that differ in it cannot be "
                "compared at equal values of it; leave it out of one of the two"
            )
        if name in predictions.covariates:
            found.append(Factor(name, values=predictions.covariates[name]))
        elif name in predictions.attributes:
            column = predictions.attributes[name]
            numbers = [as_number(level) for level in column.levels]
            if len(numbers) > _MOST_STRATA and all(number is not None for number in numbers):
                lookup = np.array([*(number or 0.0 for number in numbers), np.nan])
                found.append(Factor(name, values=lookup[column.codes]))
                continue
            order = sort_levels(column.levels)
            place = np.array([*(order.index(level) for level in column.levels), -1], dtype=np.int64)
            found.append(Factor(name, codes=place[column.codes], levels=order))
        else:
            known = {*predictions.attributes, *predictions.covariates}
            raise UnknownNameError(f"unknown control factor {name!r} in given; {did_you_mean(name, known)}")
    return tuple(found)


def strata_of_rows(factors: tuple[Factor, ...], rows: int) -> Factor:
    """All factors together as one: a stratum is a combination of levels that some row has.

    Args:
        factors: none of them a covariate.
        rows: how many rows there are.

    Raises:
        ConfigurationError: more combinations than can be told apart.

    >>> light = Factor("light", np.array([0, 1, -1]), ("left", "right"))
    >>> strata_of_rows((light,), 3).levels
    ('light=left', 'light=right')
    """
    joined, known = np.zeros(rows, dtype=np.int64), np.ones(rows, dtype=np.bool_)
    names = [""]
    for factor in factors:
        codes = np.asarray(factor.codes)
        known &= codes >= 0
        joined = joined * len(factor.levels) + np.maximum(codes, 0)
        names = [f"{name}, {factor.name}={level}" for name in names for level in factor.levels]
    used = np.unique(joined[known])
    if len(used) > _MOST_COMBINATIONS:
        raise ConfigurationError(
            f"given={tuple(factor.name for factor in factors)} makes {len(used):,} strata, at most "
            f"{_MOST_COMBINATIONS} can be compared; put values into bands, or give fewer factors"
        )
    codes = np.where(known, np.searchsorted(used, joined), -1)
    levels = tuple(names[place].removeprefix(", ") for place in used)
    return Factor("; ".join(factor.name for factor in factors), codes, levels)
