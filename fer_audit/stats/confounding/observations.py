"""The images behind an adjusted comparison: who, in which slice, of which label, at which covariates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fer_audit.stats.counts import NON_ANSWERS
from fer_audit.stats.measures import Event
from fer_audit.stats.slicing import cut
from fer_audit.stats.tally import Tally, rounded
from fer_audit.vocabulary import AnswerKind

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fer_audit.predictions import Predictions
    from fer_audit.records import Slicing
    from fer_audit.stats.confounding.factors import Factor
    from fer_audit.stats.measures import Measure

__all__ = ["Observations", "covariate_terms", "eligible_rows", "observe", "only_compared", "tally_of"]

_KINDS = list(AnswerKind)
# Below this spread relative to its size a covariate is constant but for rounding.
_CONSTANT = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class Observations:
    """Rows of answers with what they are adjusted for; N rows.

    Attributes:
        row: shape (N,): which row of the predictions.
        person: shape (N,): code of the person.
        level: shape (N,): slice, index into ``levels``.
        label: shape (N,): index into ``labels``.
        event: shape (N,): 1 where what is measured happened, else 0.
        share: shape (N,): what the row counts of its image: rows of one image share a weight of one.
        terms: shape (N, K): the columns of the regression beside slice and label.
        levels: names of the slices.
        labels: names of the labels.
    """

    row: NDArray[np.int64]
    person: NDArray[np.int64]
    level: NDArray[np.int64]
    label: NDArray[np.int64]
    event: NDArray[np.float64]
    share: NDArray[np.float64]
    terms: NDArray[np.float64]
    levels: tuple[str, ...]
    labels: tuple[str, ...]

    def take(self, rows: NDArray[np.int64] | NDArray[np.bool_]) -> Observations:
        """Some of the rows, by position or by a mask."""
        return Observations(
            self.row[rows],
            self.person[rows],
            self.level[rows],
            self.label[rows],
            self.event[rows],
            self.share[rows],
            self.terms[rows],
            self.levels,
            self.labels,
        )


def eligible_rows(predictions: Predictions, slicing: Slicing, measure: Measure) -> NDArray[np.bool_]:
    """Shape (rows,): rows that count for a measure: in a slice, of its label, with an outcome.

    Args:
        predictions: the rows.
        slicing: how people are grouped.
        measure: the rate that is compared.
    """
    counted = [_KINDS.index(AnswerKind.ANSWERED)]
    if not measure.answered_only:
        counted += [_KINDS.index(kind) for kind in NON_ANSWERS]
    rows = (cut(predictions, slicing).codes >= 0) & np.isin(predictions.kind, counted)
    if measure.true is None:
        return np.asarray(rows)
    names = predictions.true.levels
    label = names.index(measure.true) if measure.true in names else -2
    return np.asarray(rows & (predictions.true.codes == label))


def observe(
    predictions: Predictions, slicing: Slicing, measure: Measure, factors: tuple[Factor, ...]
) -> Observations:
    """The rows of a measure for which every factor is known.

    Covariates are standardised over these rows and enter with their square; strata enter as dummies.

    Args:
        predictions: the rows.
        slicing: how people are grouped.
        measure: the rate that is compared.
        factors: what is adjusted for.
    """
    kept = eligible_rows(predictions, slicing, measure)
    for factor in factors:
        kept = kept & factor.known
    rows = np.flatnonzero(kept)
    slices = cut(predictions, slicing)
    true = predictions.true.codes[rows].astype(np.int64)
    labels = predictions.true.levels if measure.true is None else (measure.true,)
    return Observations(
        row=rows,
        person=predictions.identity.codes[rows].astype(np.int64),
        level=slices.codes[rows],
        label=true if measure.true is None else np.zeros(len(rows), dtype=np.int64),
        event=_events(predictions, measure, rows),
        share=_shares(predictions, rows),
        terms=np.concatenate(
            [np.zeros((len(rows), 0)), *(_terms(factor, rows) for factor in factors)], axis=1
        ),
        levels=slices.levels,
        labels=labels,
    )


def tally_of(seen: Observations) -> Tally:
    """Hits and images per unit and label of these rows, as the engine takes them.

    Args:
        seen: the rows.
    """
    slices, labels = len(seen.levels), len(seen.labels)
    units, place = np.unique(seen.person * slices + seen.level, return_inverse=True)
    cell = place.ravel() * labels + seen.label
    shape = (len(units), labels)
    hits = np.bincount(cell, seen.share * seen.event, len(units) * labels).astype(np.float64)
    images = np.bincount(cell, seen.share, len(units) * labels).astype(np.float64)
    return Tally(
        person=units // slices,
        level=units % slices,
        hits=rounded(hits).reshape(shape),
        images=np.rint(images).reshape(shape),
        levels=seen.levels,
        labels=seen.labels,
    )


def only_compared(seen: Observations, least_people: int) -> Observations:
    """The rows of labels that enough people have in the row's slice, and of slices with enough people.

    Args:
        seen: all rows.
        least_people: the fewest people.
    """
    cells = len(seen.labels)
    cell = seen.level * cells + seen.label
    held = np.unique(np.stack([cell, seen.person], axis=1), axis=0)[:, 0]
    holders = np.bincount(held, minlength=len(seen.levels) * cells)
    return seen.take(holders[cell] >= least_people)


def covariate_terms(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The columns of one covariate: itself and its square, each with mean 0 and variance 1.

    Args:
        values: shape (N,), finite.

    Returns:
        Shape (N, 2); zeros for a column that is constant.

    >>> covariate_terms(np.array([1.0, 2.0, 3.0])).round(3).tolist()
    [[-1.225, 0.707], [0.0, -1.414], [1.225, 0.707]]
    """
    linear = _standardised(values)
    return np.stack([linear, _standardised(linear**2)], axis=1)


def _terms(factor: Factor, rows: NDArray[np.int64]) -> NDArray[np.float64]:
    if factor.values is not None:
        return covariate_terms(factor.values[rows])
    codes = np.asarray(factor.codes)[rows]
    return np.asarray((codes[:, None] == np.unique(codes)[None, 1:]).astype(np.float64))


def _standardised(values: NDArray[np.float64]) -> NDArray[np.float64]:
    if not len(values):
        return values
    centred = values - values.mean()
    spread = float(np.sqrt((centred**2).mean()))
    if spread <= _CONSTANT * max(1.0, float(np.abs(values).max())):
        return np.zeros(len(values))
    return np.asarray(centred / spread)


def _events(predictions: Predictions, measure: Measure, rows: NDArray[np.int64]) -> NDArray[np.float64]:
    answered = predictions.kind[rows] == _KINDS.index(AnswerKind.ANSWERED)
    if measure.event is Event.REFUSALS:
        return np.asarray(~answered, dtype=np.float64)
    predicted = predictions.predicted
    if measure.predicted is None:
        # The predicted labels begin with the true ones in the same order.
        wanted = predictions.true.codes[rows]
    else:
        known = measure.predicted in predicted.levels
        wanted = np.full(len(rows), predicted.levels.index(measure.predicted) if known else -2)
    return np.asarray(answered & (predicted.codes[rows] == wanted), dtype=np.float64)


def _shares(predictions: Predictions, rows: NDArray[np.int64]) -> NDArray[np.float64]:
    """Rows of one image share its weight: each prompt the same, and the rows of a prompt its share."""
    image = predictions.image.codes[rows].astype(np.int64)
    if predictions.prompt is None:
        _, place, times = np.unique(image, return_inverse=True, return_counts=True)
        return np.asarray(1.0 / times[place.ravel()])
    wordings = len(predictions.prompt.levels) + 1
    asked = image * wordings + predictions.prompt.codes[rows] + 1
    question, place, times = np.unique(asked, return_inverse=True, return_counts=True)
    _, pictured, prompts = np.unique(question // wordings, return_inverse=True, return_counts=True)
    return np.asarray(1.0 / (prompts[pictured.ravel()] * times)[place.ravel()])
