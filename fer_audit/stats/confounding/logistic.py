"""Logistic regression by Newton's method, of one design under many weightings at once.

A delete-one jackknife fits the same rows again and again, each time with some weights at zero. All fits share
their products of columns, so that one matrix product gives every Hessian of a batch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import expit

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["fit_logistic"]

# Newton's last step is quadratic: after one whose decrement is this small nothing changes any more.
_CONVERGED = 1e-13
_MOST_STEPS = 60
# From a fit that lies near, as one person less does, this many are plenty.
_MOST_WARM_STEPS = 12
_MOST_HALVINGS = 40
# Columns that say the same twice, or nothing at all, must not stop the others.
_SINGULAR = 1e-12


def fit_logistic(
    design: NDArray[np.float64],
    outcome: NDArray[np.float64],
    weights: NDArray[np.float64],
    penalty: NDArray[np.float64],
    start: NDArray[np.float64] | None = None,
) -> NDArray[np.float64]:
    """Coefficients that maximise the weighted log likelihood less half the penalised sum of squares.

    A penalty above 0 keeps every coefficient finite where an outcome is separated by a column (a slice in
    which nobody was misread): the maximum then exists and is unique. le Cessie and van Houwelingen (1992),
    Applied Statistics 41, 191.

    Args:
        design: shape (N, K).
        outcome: shape (N,): 1 or 0, or a share of repeats in between.
        weights: shape (B, N): one row a fit, none negative.
        penalty: shape (K,): of each coefficient's square; 0 for none.
        start: shape (K,): coefficients to begin with, near those that are sought; zeros if None.

    Returns:
        Shape (B, K).

    >>> one = np.ones((4, 1))
    >>> fit = fit_logistic(one, np.array([1.0, 1.0, 1.0, 0.0]), np.ones((1, 4)), np.zeros(1))
    >>> round(float(fit[0, 0]), 6)  # the log odds of 3 to 1
    1.098612
    """
    columns = design.shape[1]
    row, column = np.triu_indices(columns)
    products = design[:, row] * design[:, column]
    found = np.zeros((len(weights), columns))
    if start is None:
        open_ = np.arange(len(weights))
    else:
        found[:] = start
        open_ = np.arange(len(weights))
        for _ in range(_MOST_WARM_STEPS):
            step = _newton(design, products, outcome, weights[open_], penalty, found[open_])
            found[open_] += step.change
            open_ = open_[step.decrement >= _CONVERGED]
            if not len(open_):
                return found
    for fit in open_:
        found[fit] = _climb(design, products, outcome, weights[fit : fit + 1], penalty)
    return found


def _climb(
    design: NDArray[np.float64],
    products: NDArray[np.float64],
    outcome: NDArray[np.float64],
    weights: NDArray[np.float64],
    penalty: NDArray[np.float64],
) -> NDArray[np.float64]:
    """One fit from zeros; a step that would lead down is halved, so that it converges from anywhere."""
    place = np.zeros((1, design.shape[1]))
    height = _height(design, outcome, weights, penalty, place)
    for _ in range(_MOST_STEPS):
        step = _newton(design, products, outcome, weights, penalty, place)
        change = step.change
        for _ in range(_MOST_HALVINGS):
            if _height(design, outcome, weights, penalty, place + change) >= height - _CONVERGED:
                break
            change = change / 2
        place = place + change
        height = _height(design, outcome, weights, penalty, place)
        if step.decrement[0] < _CONVERGED:
            break
    return np.asarray(place[0])


def _height(
    design: NDArray[np.float64],
    outcome: NDArray[np.float64],
    weights: NDArray[np.float64],
    penalty: NDArray[np.float64],
    place: NDArray[np.float64],
) -> float:
    log_odds = (place @ design.T)[0]
    fit = weights[0] @ (outcome * log_odds - np.logaddexp(0.0, log_odds))
    return float(fit - penalty @ place[0] ** 2 / 2)


@dataclass(frozen=True, slots=True, eq=False)
class _Step:
    """One step of Newton's method in every fit.

    Attributes:
        change: shape (B, K): of the coefficients.
        decrement: shape (B,): twice what the step gains in log likelihood, as it promises.
    """

    change: NDArray[np.float64]
    decrement: NDArray[np.float64]


def _newton(
    design: NDArray[np.float64],
    products: NDArray[np.float64],
    outcome: NDArray[np.float64],
    weights: NDArray[np.float64],
    penalty: NDArray[np.float64],
    place: NDArray[np.float64],
) -> _Step:
    chance = expit(place @ design.T)
    gradient = (weights * (outcome - chance)) @ design - penalty * place
    columns = design.shape[1]
    row, column = np.triu_indices(columns)
    hessian = np.empty((len(place), columns, columns))
    upper = (weights * chance * (1 - chance)) @ products
    hessian[:, row, column] = upper
    hessian[:, column, row] = upper
    diagonal = np.arange(columns)
    hessian[:, diagonal, diagonal] += penalty + _SINGULAR
    step = np.linalg.solve(hessian, gradient[..., None])[..., 0]
    return _Step(step, (step * gradient).sum(-1))
