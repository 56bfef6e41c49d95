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
    row, column = np.triu_indices(design.shape[1])
    problem = _Problem(design, design[:, row] * design[:, column], outcome, penalty)
    found = np.zeros((len(weights), design.shape[1]))
    if start is None:
        open_ = np.arange(len(weights))
    else:
        found[:] = start
        open_ = np.arange(len(weights))
        for _ in range(_MOST_WARM_STEPS):
            step = problem.step(weights[open_], found[open_])
            found[open_] += step.change
            open_ = open_[step.decrement >= _CONVERGED]
            if not len(open_):
                return found
    for fit in open_:
        found[fit] = _climb(problem, weights[fit : fit + 1])
    return found


@dataclass(frozen=True, slots=True, eq=False)
class _Step:
    """One step of Newton's method in every fit.

    Attributes:
        change: shape (B, K): of the coefficients.
        decrement: shape (B,): twice what the step gains in log likelihood, as it promises.
    """

    change: NDArray[np.float64]
    decrement: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class _Problem:
    """What all fits have in common.

    Attributes:
        design: shape (N, K).
        products: shape (N, K (K + 1) / 2): of every two columns.
        outcome: shape (N,).
        penalty: shape (K,).
    """

    design: NDArray[np.float64]
    products: NDArray[np.float64]
    outcome: NDArray[np.float64]
    penalty: NDArray[np.float64]

    def height(self, weights: NDArray[np.float64], place: NDArray[np.float64]) -> float:
        """The penalised log likelihood of one fit."""
        log_odds = (place @ self.design.T)[0]
        fit = weights[0] @ (self.outcome * log_odds - np.logaddexp(0.0, log_odds))
        return float(fit - self.penalty @ place[0] ** 2 / 2)

    def step(self, weights: NDArray[np.float64], place: NDArray[np.float64]) -> _Step:
        """One step of every fit from where it is."""
        chance = expit(place @ self.design.T)
        gradient = (weights * (self.outcome - chance)) @ self.design - self.penalty * place
        columns = self.design.shape[1]
        row, column = np.triu_indices(columns)
        hessian = np.empty((len(place), columns, columns))
        upper = (weights * chance * (1 - chance)) @ self.products
        hessian[:, row, column] = upper
        hessian[:, column, row] = upper
        diagonal = np.arange(columns)
        hessian[:, diagonal, diagonal] += self.penalty + _SINGULAR
        change = np.asarray(np.linalg.solve(hessian, gradient[..., None])[..., 0], dtype=np.float64)
        return _Step(change, (change * gradient).sum(-1))


def _climb(problem: _Problem, weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """One fit from zeros; a step that would lead down is halved, so that it converges from anywhere."""
    place = np.zeros((1, problem.design.shape[1]))
    height = problem.height(weights, place)
    for _ in range(_MOST_STEPS):
        step = problem.step(weights, place)
        change = step.change
        for _ in range(_MOST_HALVINGS):
            if problem.height(weights, place + change) >= height - _CONVERGED:
                break
            change = change / 2
        place = place + change
        height = problem.height(weights, place)
        if step.decrement[0] < _CONVERGED:
            break
    return np.asarray(place[0])
