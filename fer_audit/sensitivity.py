"""What another analysis would say: conditional logistic regression beside an adjusted verdict.

No verdict rests on it: it takes images as independent, as much other work does, and is here so that a
researcher can put the two side by side. It needs statsmodels, `pip install fer-audit[sensitivity]`.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Protocol

import numpy as np

from fer_audit.errors import ConfigurationError, DataError
from fer_audit.stats.confounding.factors import find_factors
from fer_audit.stats.confounding.observations import observe
from fer_audit.stats.measures import accuracy

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fer_audit.audit import Audit
    from fer_audit.stats.confounding.factors import Factor
    from fer_audit.stats.measures import Measure

__all__ = ["SliceOdds", "conditional_logit"]

_TWO = 2
_LARGEST = 50


@dataclass(frozen=True, slots=True)
class SliceOdds:
    """The odds of one slice against those of the first, within strata.

    Attributes:
        level: the slice.
        against: the first slice.
        odds_ratio: how many times the odds of the event.
        log_odds: its logarithm.
        error: standard error of the logarithm, images taken as independent given their stratum.
        p: two-sided p-value of "the odds are equal" by the normal distribution.
    """

    level: str
    against: str
    odds_ratio: float
    log_odds: float
    error: float
    p: float


def conditional_logit(
    audit: Audit, measure: Measure = accuracy, *, given: str | tuple[str, ...] = ()
) -> tuple[SliceOdds, ...]:
    """Odds ratios of slices within one label and one stratum and, where slices share people, one person.

    Strata enter by conditioning, so that nothing is assumed of them; covariates enter linear and squared.
    Breslow and Day (1980), Statistical Methods in Cancer Research 1, chapter 7. The conditional likelihood
    takes time and memory with the square of a stratum, so that one of more than 50 images is divided into
    parts that each hold images of all its slices; a finer stratum is as valid, and little is lost.

    Args:
        audit: the predictions and how they are sliced.
        measure: the rate that is compared.
        given: control factors, as a criterion takes them.

    Returns:
        One entry for each slice but the first of those compared.

    Raises:
        ConfigurationError: statsmodels is not installed, or a factor is part of the slicing.
        UnknownNameError: an unknown factor.
        DataError: no stratum has two slices and both outcomes, so that nothing can be said.
    """
    model = _model()
    predictions = audit.predictions
    names = (given,) if isinstance(given, str) else given
    factors = find_factors(predictions, names, audit.slicing)
    # Strata are conditioned on, and only what is a number is left to the regression.
    numbers = tuple(factor for factor in factors if factor.values is not None)
    strata = tuple(factor for factor in factors if factor.values is None)
    seen = observe(predictions, audit.slicing, measure, numbers)
    known = np.ones(len(seen.row), dtype=np.bool_)
    for factor in strata:
        known &= factor.known[seen.row]
    seen = seen.take(known)
    person = seen.person if _shares(seen.person, seen.level) else None
    stratum = _divided(_strata(seen.row, seen.label, person, strata), seen.level)
    told = _informative(stratum, seen.level, seen.event)
    if not told.any():
        raise DataError(
            f"no stratum of {audit.slicing.name} has images of two slices and both outcomes of {measure!r}, "
            "so that a conditional logit says nothing; give fewer control factors"
        )
    seen, stratum = seen.take(told), stratum[told]
    levels = np.unique(seen.level)
    slices = (seen.level[:, None] == levels[None, 1:]).astype(np.float64)
    terms = seen.terms[:, seen.terms.std(axis=0) > 0]
    design = np.concatenate([slices, terms], axis=1)
    found = model(seen.event, design, groups=stratum).fit(disp=False)
    return tuple(
        SliceOdds(
            level=seen.levels[level],
            against=seen.levels[levels[0]],
            odds_ratio=float(np.exp(found.params[place])),
            log_odds=float(found.params[place]),
            error=float(found.bse[place]),
            p=float(found.pvalues[place]),
        )
        for place, level in enumerate(levels[1:])
    )


class _Fit(Protocol):
    """What statsmodels found."""

    params: NDArray[np.float64]
    bse: NDArray[np.float64]
    pvalues: NDArray[np.float64]


class _Regression(Protocol):
    """The class of statsmodels that is used here: it comes without types."""

    def __init__(
        self, endog: NDArray[np.float64], exog: NDArray[np.float64], *, groups: NDArray[np.int64]
    ) -> None: ...

    def fit(self, *, disp: bool) -> _Fit: ...


def _model() -> type[_Regression]:
    try:
        module = import_module("statsmodels.discrete.conditional_models")
    except ImportError:
        raise ConfigurationError(
            "conditional_logit needs statsmodels, which is not installed: "
            "pip install 'fer-audit[sensitivity]'"
        ) from None
    found: type[_Regression] = module.ConditionalLogit
    return found


def _shares(person: NDArray[np.int64], level: NDArray[np.int64]) -> bool:
    units = np.unique(np.stack([person, level], axis=1), axis=0)
    return len(units) > len(np.unique(units[:, 0]))


def _strata(
    row: NDArray[np.int64],
    label: NDArray[np.int64],
    person: NDArray[np.int64] | None,
    factors: tuple[Factor, ...],
) -> NDArray[np.int64]:
    columns = [label, *(np.asarray(factor.codes)[row] for factor in factors)]
    columns += [] if person is None else [person]
    return np.unique(np.stack(columns, axis=1), axis=0, return_inverse=True)[1].reshape(-1).astype(np.int64)


def _divided(stratum: NDArray[np.int64], level: NDArray[np.int64]) -> NDArray[np.int64]:
    """Strata of at most so many images, the images of each slice dealt out evenly."""
    if not len(stratum):
        return stratum
    order = np.lexsort((level, stratum))
    size = np.bincount(stratum)
    parts = -(-size // _LARGEST)
    begin = np.cumsum(size) - size
    place = np.empty(len(stratum), dtype=np.int64)
    place[order] = np.arange(len(stratum)) - begin[stratum[order]]
    return np.asarray((np.cumsum(parts) - parts)[stratum] + place % parts[stratum])


def _informative(
    stratum: NDArray[np.int64], level: NDArray[np.int64], event: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Rows of strata that hold two slices and both outcomes."""

    def kinds(of: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.bincount(np.unique(np.stack([stratum, of], axis=1), axis=0)[:, 0])

    if not len(stratum):
        return np.zeros(0, dtype=np.bool_)
    enough = (kinds(level) >= _TWO) & (kinds(event.astype(np.int64)) >= _TWO)
    return np.asarray(enough[stratum])
