"""What is compared between slices: accuracy, recall, one confusion, refusals, and what confidence is worth.

A non-answer is an outcome. ``accuracy`` and ``recall`` count it as wrong, since a face that got no answer was
not read; ``accuracy.answered`` looks at the answered images alone, and a confidence belongs to an answer.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

import numpy as np

from fer_audit.drawable import drawable
from fer_audit.errors import ConfigurationError, UnknownNameError, did_you_mean
from fer_audit.stats.tally import Tally
from fer_audit.vocabulary import Expression

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fer_audit.stats.counts import Counts

__all__ = [
    "Event",
    "Measure",
    "Rate",
    "accuracy",
    "brier",
    "misclassification",
    "overconfidence",
    "recall",
    "refusals",
]


# Far above what the order of summing changes, and far below what decides.
_DIGITS = 12


class Event(StrEnum):
    """What a measure counts on an image."""

    ACCURACY = "accuracy"
    RECALL = "recall"
    MISCLASSIFICATION = "misclassification"
    REFUSALS = "refusals"
    OVERCONFIDENCE = "overconfidence"
    BRIER = "brier"


_SCORES = frozenset({Event.OVERCONFIDENCE, Event.BRIER})


class Rate(Protocol):
    """What a comparison of slices needs to know of a measure; its ``repr`` is how it is written."""

    @property
    def is_proportion(self) -> bool:
        """Whether it is a share of images; else a mean of other numbers."""
        ...

    @property
    def scale(self) -> str:
        """The unit of differences: see :attr:`fer_audit.results.Verdict.scale`."""
        ...

    @property
    def answered(self) -> Rate:
        """The same over answered images only."""
        ...

    def tally(self, counts: Counts, /) -> Tally:
        """Hits and images per unit and label."""
        ...

    def unanswered(self, counts: Counts, /) -> NDArray[np.float64]:
        """Shape (U, L): images that got no answer and that count as wrong."""
        ...


@drawable
@dataclass(frozen=True, slots=True, repr=False)
class Measure:
    """A mean per person and label; equal measures are equal values, printed as they are written.

    Attributes:
        event: what is counted.
        true: the one true label that is conditioned on; None for a mean over labels.
        predicted: the answer that is counted, of a misclassification.
        answered_only: leave out images that got no answer; of an image asked about several times the rows
            that got none.

    >>> recall("anger").answered
    recall(anger).answered
    """

    event: Event
    true: str | None = None
    predicted: str | None = None
    answered_only: bool = False

    def __repr__(self) -> str:
        label = "" if self.true is None else f"({self.true})"
        if self.predicted is not None:
            label = f"({self.true}->{self.predicted})"
        return f"{self.event}{label}{'.answered' if self.answered_only else ''}"

    @property
    def is_proportion(self) -> bool:
        """Whether it is a share of images, and so varies as its rate implies; else a mean of other numbers.

        >>> accuracy.is_proportion, overconfidence.is_proportion
        (True, False)
        """
        return self.event not in _SCORES

    @property
    def scale(self) -> str:
        """How a report writes a difference of it: ``difference`` in points, ``score`` as a plain number."""
        return "score" if self.event is Event.BRIER else "difference"

    @property
    def answered(self) -> Measure:
        """The same measure over answered images only.

        Raises:
            ConfigurationError: the measure is not accuracy or recall.
        """
        if self.event not in {Event.ACCURACY, Event.RECALL}:
            raise ConfigurationError(f"{self!r} has no .answered; only accuracy and recall do")
        return replace(self, answered_only=True)

    def tally(self, counts: Counts) -> Tally:
        """Hits and images per unit and label; of a score its sums, and the images answered with a confidence.

        A label that is an expression, but not one of this dataset, gives a tally without images: nothing
        about it can be assessed.

        Raises:
            UnknownNameError: a label that is neither the data's nor an expression.
            ConfigurationError: a score of answers none of which has a confidence.
        """
        if not self.is_proportion:
            return self._tally_scores(counts)
        labels = counts.labels if self.true is None else (self.true,)
        answers = len(counts.predicted)
        for label in filter(None, (self.true, self.predicted)):
            _refuse_unknown(self, label, counts)
        known = self.true is None or self.true in counts.labels

        def chosen(table: NDArray[np.float64]) -> NDArray[np.float64]:
            if not known:
                return np.zeros((len(table), 1, table.shape[2]))
            return table[:, [counts.labels.index(label) for label in labels], :]

        cells = chosen(counts.cells)
        if self.event is Event.REFUSALS:
            hits = cells[..., answers:].sum(-1)
        else:
            if self.answered_only:
                cells = chosen(counts.answers)
            wanted = labels if self.predicted is None else (self.predicted,)
            hits = np.zeros(cells.shape[:2])
            for place, label in enumerate(wanted):
                if label in counts.predicted:
                    hits[:, place] = cells[:, place, counts.predicted.index(label)]
        return Tally(
            person=counts.person,
            level=counts.level,
            # Thirds of a hit add up to hits again, whatever the order of the rows.
            hits=np.round(hits, _DIGITS),
            # However often an image was asked about, it is one image.
            images=np.rint(cells.sum(-1)),
            levels=counts.levels,
            labels=labels,
            conditional=self.true is not None,
            inflation=counts.inflation,
        )

    def _tally_scores(self, counts: Counts) -> Tally:
        scores = counts.scores
        if scores is None:
            raise ConfigurationError(
                f"{self!r} compares how sure a model is with how often it is right, and no answer in these "
                "predictions has a confidence; add a column 'confidence' with the probability of each "
                "answer, or audit a model that gives scores"
            )
        over = self.event is Event.OVERCONFIDENCE
        return Tally(
            person=counts.person,
            level=counts.level,
            hits=np.round(scores.confidence - scores.correct if over else scores.squared, _DIGITS),
            # However often an image was asked about, it is one image.
            images=np.rint(scores.images),
            levels=counts.levels,
            labels=counts.labels,
            inflation=counts.inflation,
        )

    def unanswered(self, counts: Counts) -> NDArray[np.float64]:
        """Shape (U, L): images that got no answer and that the measure counts as wrong; L as in the tally.

        All zeros for a measure that does not count a non-answer as wrong.
        """
        labels = counts.labels if self.true is None else (self.true,)
        found = np.zeros((len(counts.person), len(labels)))
        if self.answered_only or self.event not in {Event.ACCURACY, Event.RECALL}:
            return found
        for place, label in enumerate(labels):
            if label in counts.labels:
                found[:, place] = counts.cells[:, counts.labels.index(label), len(counts.predicted) :].sum(-1)
        return np.round(found, _DIGITS)


accuracy = Measure(Event.ACCURACY)
"""Share of images read correctly, each true label counting the same."""

refusals = Measure(Event.REFUSALS)
"""Share of images without an answer (refused, blocked, unreadable, truncated), label by label."""

overconfidence = Measure(Event.OVERCONFIDENCE)
"""Mean of confidence minus right, label by label: by how much a model is surer of its answers than right.

0.1 is nine right of ten where the model was certain; below 0 it is right more often than it says.
"""

brier = Measure(Event.BRIER)
"""Mean of (confidence - right)^2, label by label: the Brier score (Brier 1950) of "my answer is right".

0 is certain and right, 1 certain and wrong, 0.25 always half sure.
"""


def recall(label: str) -> Measure:
    """Share of images of one expression that are read correctly.

    >>> recall(Expression.ANGER)
    recall(anger)
    """
    return Measure(Event.RECALL, str(label))


def misclassification(true: str, predicted: str) -> Measure:
    """Share of images of one expression that are taken for another.

    Raises:
        ConfigurationError: both are the same label.

    >>> misclassification("anger", "disgust")
    misclassification(anger->disgust)
    """
    if str(true) == str(predicted):
        raise ConfigurationError(
            f"{true!s} taken for {predicted!s} is no misclassification; use recall({true!s})"
        )
    return Measure(Event.MISCLASSIFICATION, str(true), str(predicted))


def _refuse_unknown(measure: Measure, label: str, counts: Counts) -> None:
    known = {*counts.labels, *counts.predicted, *Expression}
    if label not in known:
        raise UnknownNameError(f"unknown label {label!r} in {measure!r}; {did_you_mean(label, known)}")
