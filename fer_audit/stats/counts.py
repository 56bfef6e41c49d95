"""One pass over the rows: how often each person, in each slice, got each response to each true label.

These counts are the one sufficient statistic: every measure is read from them, and no method after them
looks at rows again. Counts of disjoint shards add up to the counts of the whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fer_audit.drawable import drawable
from fer_audit.errors import TableError
from fer_audit.stats.slicing import cut
from fer_audit.stats.weights import weigh, weigh_answers
from fer_audit.vocabulary import AnswerKind

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fer_audit.predictions import Predictions
    from fer_audit.records import Slicing

__all__ = ["NON_ANSWERS", "Counts", "Scores", "count", "response_codes"]

_KINDS = tuple(AnswerKind)
_DENSE = 50_000_000  # people times slices up to which a table of all of them beats sorting the rows
# Between the pictures of one unknown person: above what any identified dataset shows.
_UNKNOWN_CORRELATION = 0.6
_UNCOUNTED = (AnswerKind.ERROR, AnswerKind.ABSENT)

NON_ANSWERS: tuple[AnswerKind, ...] = tuple(
    kind for kind in _KINDS if kind is not AnswerKind.ANSWERED and kind not in _UNCOUNTED
)
"""Outcomes that are no label, in the order of the last columns of :attr:`Counts.cells`."""


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """Sums over the images of each unit and true label that were answered with a confidence.

    Attributes:
        images: shape (U, true labels): those images.
        confidence: shape (U, true labels): sum of the probabilities given to the answers.
        correct: shape (U, true labels): how many of the answers are right.
        squared: shape (U, true labels): sum of (confidence - right)^2, right being 1 or 0: the Brier score
            (Brier 1950) of "my answer is right".
    """

    images: NDArray[np.float64]
    confidence: NDArray[np.float64]
    correct: NDArray[np.float64]
    squared: NDArray[np.float64]


@drawable
@dataclass(frozen=True, slots=True, eq=False)
class Counts:
    """Images per unit (a person within a slice), true label and response.

    Attributes:
        person: shape (U,), int64: index into ``people``.
        level: shape (U,), int64: index into ``levels``.
        cells: shape (U, true labels, responses): images; a response is a predicted label, in the order of
            ``predicted``, or after those a kind of non-answer, in the order of :data:`NON_ANSWERS`. Whole
            numbers unless an image was asked about more than once.
        answered: shape (U, true labels, predicted labels): the same where only answered rows are averaged,
            so that an image of which one row in three was answered is one image; None where no image was
            answered in some of its rows only, and ``cells`` says it all.
        people: identities by name.
        levels: slices by name.
        labels: true labels, in the dataset's order.
        predicted: labels that may be answered; they include the true ones.
        slicing: what the levels are levels of.
        empty: intersections that nobody belongs to.
        repeats: rows that asked again about an image already counted.
        identified: whether it is known who is in which picture; else every picture is a unit of its own.
        most_images: nobody is in more pictures than this, as declared where people are not known.
        scores: how sure the model was of its answers; None where it never said.
        missing: rows that belong to no slice because an attribute has no value there.
    """

    person: NDArray[np.int64]
    level: NDArray[np.int64]
    cells: NDArray[np.float64]
    people: tuple[str, ...]
    levels: tuple[str, ...]
    labels: tuple[str, ...]
    predicted: tuple[str, ...]
    slicing: Slicing
    empty: tuple[str, ...] = ()
    repeats: int = 0
    missing: int = 0
    answered: NDArray[np.float64] | None = None
    identified: bool = True
    most_images: int | None = None
    scores: Scores | None = None

    @property
    def inflation(self) -> float:
        """Factor on every variance where nobody knows who is in which picture: 1 + 0.6 (K - 1).

        K pictures of one person whose answers correlate by 0.6 vary that much more than K strangers.
        """
        if self.identified or self.most_images is None:
            return 1.0
        return 1.0 + _UNKNOWN_CORRELATION * (self.most_images - 1)

    @property
    def answers(self) -> NDArray[np.float64]:
        """Shape (U, true labels, predicted labels): answered images, by the mean of their answered rows."""
        return self.cells[..., : len(self.predicted)] if self.answered is None else self.answered


def count(predictions: Predictions, slicing: Slicing) -> Counts:
    """Count predictions by person within slice, true label and response.

    Rows of one image are averaged first, so that asking again adds no weight. Rows in error, or whose
    picture could not be read, are no outcome and are not counted.

    Raises:
        UnknownNameError: an attribute that the predictions do not have.
        ConfigurationError: a level to leave out that does not exist.
        TableError: a row that is answered but has no label, or has no true label or identity.
    """
    slices = cut(predictions, slicing)
    answers = len(predictions.predicted.levels)
    responses = answers + len(NON_ANSWERS)
    response = response_codes(predictions)
    _refuse_broken(predictions, response)

    counted = (slices.codes >= 0) & (response >= 0)
    # Columns are not copied where every row counts, as in most tables.
    rows = slice(None) if counted.all() else np.flatnonzero(counted)
    levels = max(len(slices.levels), 1)
    units = _number_units(
        predictions.identity.codes[rows], slices.codes[rows], len(predictions.identity.levels), levels
    )
    labels = len(predictions.true.levels)
    cell = units.position * labels + predictions.true.codes[rows]
    size = len(units.keys) * labels
    prompt = None if predictions.prompt is None else predictions.prompt.codes[rows]
    image = predictions.image.codes[rows]
    weights = weigh(image, cell, size, prompt)
    # Weights of one make it a sum of floats, which need not be converted when all is done.
    shares = np.ones(len(cell)) if weights.rows is None else weights.rows
    cells = np.bincount(cell * responses + response[rows], shares, size * responses)
    among_answers = weigh_answers(
        image, cell, size, prompt, weights=weights, answered=response[rows] < answers
    )
    answered = None
    if among_answers is not None:
        place = cell * answers + np.where(response[rows] < answers, response[rows], 0)
        shares = np.bincount(place, among_answers, size * answers).astype(np.float64, copy=False)
        answered = shares.reshape(-1, labels, answers)
    return Counts(
        person=units.keys // levels,
        level=units.keys % levels,
        # Of no rows numpy makes whole numbers.
        cells=cells.astype(np.float64, copy=False).reshape(len(units.keys), labels, responses),
        people=predictions.identity.levels,
        levels=slices.levels,
        labels=predictions.true.levels,
        predicted=predictions.predicted.levels,
        slicing=slicing,
        empty=slices.empty,
        repeats=weights.repeats,
        missing=slices.missing,
        answered=answered,
        identified=predictions.identified,
        most_images=predictions.most_images,
        scores=_score(predictions, rows, cell, (len(units.keys), labels)),
    )


def response_codes(predictions: Predictions) -> NDArray[np.int32]:
    """What each row came to: a predicted label, a kind of non-answer, or -1 for what is no outcome.

    Returns:
        Shape (rows,): index into the predicted labels followed by :data:`NON_ANSWERS`.
    """
    if not predictions.kind.any():
        return predictions.predicted.codes
    answers = len(predictions.predicted.levels)
    of_kind = np.array(
        [answers + NON_ANSWERS.index(kind) if kind in NON_ANSWERS else -1 for kind in _KINDS], dtype=np.int32
    )
    return np.where(predictions.kind == 0, predictions.predicted.codes, of_kind[predictions.kind])


def _refuse_broken(predictions: Predictions, response: NDArray[np.int32]) -> None:
    if response.min(initial=0) < 0:
        unlabelled = np.flatnonzero((predictions.kind == 0) & (response < 0))
        if len(unlabelled):
            raise TableError(
                f"row {unlabelled[0]} is answered but has no predicted label ({len(unlabelled)} such rows); "
                "give the label, or say in the answer column why there is none"
            )
    for name, column in (("true label", predictions.true), ("identity", predictions.identity)):
        if column.codes.min(initial=0) < 0:
            blank = np.flatnonzero(column.codes < 0)
            raise TableError(
                f"row {blank[0]} has no {name} ({len(blank)} such rows); fill it in or leave the rows out"
            )


@dataclass(frozen=True, slots=True, eq=False)
class _Numbered:
    """Distinct keys in ascending order, and the position of each row's key among them."""

    keys: NDArray[np.int64]
    position: NDArray[np.int64]


def _number_units(person: NDArray[np.int32], level: NDArray[np.int64], people: int, levels: int) -> _Numbered:
    """The units that have rows, as keys person * levels + level, and the unit of each row."""
    home = np.full(people, -1, dtype=np.int64)
    home[person] = level
    if np.array_equal(home[person], level):
        # Everybody is in one slice: people are units.
        used = home >= 0
        keys = np.flatnonzero(used) * levels + home[used]
        return _Numbered(keys, (np.cumsum(used) - 1)[person])
    owner = person.astype(np.int64) * levels + level
    if people * levels > _DENSE:
        keys, position = np.unique(owner, return_inverse=True)
        return _Numbered(keys, position.ravel())
    taken = np.zeros(people * levels, dtype=np.bool_)
    taken[owner] = True
    keys = np.flatnonzero(taken)
    position = np.empty(people * levels, dtype=np.int64)
    position[keys] = np.arange(len(keys))
    return _Numbered(keys, position[owner])


def _score(
    predictions: Predictions,
    rows: NDArray[np.int64] | slice,
    cell: NDArray[np.int64],
    shape: tuple[int, int],
) -> Scores | None:
    """Sums of confidence by unit and label; the scored rows of one image share its weight of one."""
    if predictions.confidence is None:
        return None
    given = np.isfinite(predictions.confidence[rows]) & (predictions.kind[rows] == 0)
    scored, cell = np.arange(len(predictions))[rows][given], cell[given]
    size = shape[0] * shape[1]
    prompt = None if predictions.prompt is None else predictions.prompt.codes[scored]
    weights = weigh(predictions.image.codes[scored], cell, size, prompt).rows
    weights = np.ones(len(scored)) if weights is None else weights
    # Of every label its place among the predicted ones, which begin with the true ones in the same order.
    right = (predictions.predicted.codes[scored] == predictions.true.codes[scored]).astype(np.float64)
    sure = predictions.confidence[scored]

    def total(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.bincount(cell, weights * values, size).astype(np.float64).reshape(shape)

    return Scores(
        images=total(np.ones(len(scored))),
        confidence=total(sure),
        correct=total(right),
        squared=total((sure - right) ** 2),
    )
