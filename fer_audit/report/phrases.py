"""What a measure counts, in words: the verb of every sentence a report makes.

Most measures are a share of images; one whose name is not known is told by that name, as a share.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from fer_audit.report.names import shortened
from fer_audit.report.quantities import number, percent, points

if TYPE_CHECKING:
    from fer_audit.results import Comparison

__all__ = ["Event", "Phrase", "Quantity", "confusion_of", "phrase"]

_RECALL = re.compile(r"recall\((.+)\)", re.DOTALL)
_MISCLASSIFICATION = re.compile(r"misclassification\((.+?)->(.+)\)", re.DOTALL)
_REFUSALS = re.compile(r"refusals\((.+)\)", re.DOTALL)
_ANSWERED = ".answered"
_DIGITS = 3
_ALIKE = 1e-9


class Quantity(StrEnum):
    """What kind of number a measure is, and so how it is told."""

    SHARE = "share"
    BALANCE = "balance"
    SCORE = "score"


@dataclass(frozen=True, slots=True)
class Event:
    """The event a measure is the share of.

    Attributes:
        kind: ``correct``, ``confused``, ``unanswered``, or ``other`` for a name that is not known.
        true: the one true label it is conditioned on, or None for all of them.
        predicted: the wrong label, for a confusion.
    """

    kind: str
    true: str | None = None
    predicted: str | None = None


@dataclass(frozen=True, slots=True)
class Phrase:
    """A measure in words.

    Attributes:
        event: what is counted.
        aside: a condition that opens the sentence (``, among answered images``), or empty.
        template: what the model does, with ``{faces}`` where the faces go.
        noun: what is compared, e.g. ``recall of anger``.
        quantity: a share of images, confidence less what is right (of either sign), or a plain number.
    """

    event: Event
    aside: str
    template: str
    noun: str
    quantity: Quantity = Quantity.SHARE

    def does(self, faces: str) -> str:
        """What the model does with these faces: ``reads female faces correctly``."""
        return self.template.replace("{faces}", faces)

    def value(self, value: float) -> str:
        """The measure in one group, as a table shows it.

        >>> phrase("accuracy").value(0.57), phrase("overconfidence").value(-0.03), phrase("brier").value(0.2)
        ('57 %', '−3 points', '0.2')
        """
        if self.quantity is Quantity.SHARE:
            return percent(value)
        if self.quantity is Quantity.SCORE:
            return number(value, _DIGITS)
        told = points(value)
        return f"+{told}" if value > 0 and not told.startswith("0 ") else told

    def alike(self, groups: str) -> str:
        """That the model does the same in all groups: the beginning of what a PASS says."""
        if self.quantity is Quantity.BALANCE:
            return f"is as sure of itself, for how often it is right, in {groups} alike"
        if self.quantity is Quantity.SCORE:
            return f"has a like {self.noun} in {groups}"
        return f"{self.does('faces')} at a like rate in {groups}"

    def comparison(self, first: str, second: str, value_a: float, value_b: float) -> str:
        """What the model does with the faces of two groups, and the two values.

        Args:
            first: the faces with the larger value, in words.
            second: the others.
            value_a: the measure over the first.
            value_b: the measure over the second.

        >>> phrase("overconfidence").comparison("old faces", "young faces", 0.12, -0.03)
        'is more sure of itself than right by 12 points on old faces and less sure by 3 points on young faces'
        """
        if self.quantity is Quantity.BALANCE:
            return f"is {_balance(value_a)} on {first} and {_balance(value_b, value_a)} on {second}"
        values = self.value(value_a), self.value(value_b)
        if self.quantity is Quantity.SCORE:
            return f"has a {self.noun} of {values[0]} on {first} against {values[1]} on {second}"
        before = {"for {faces}": "for ", "in {faces}": "in "}
        preposition = next((word for end, word in before.items() if self.template.endswith(end)), "")
        often = "as often as" if math.isclose(value_a, value_b, abs_tol=_ALIKE) else "more often than"
        return f"{self.does(first)} {often} {preposition}{second}: {values[0]} against {values[1]}"


# Of the answers that carry one; a measure of confidence knows no others.
_CONFIDENT = ", among answers with a confidence"
_SCORES = {
    "overconfidence": Phrase(
        Event("other"),
        _CONFIDENT,
        "is more sure of itself than right on {faces}",
        "overconfidence",
        Quantity.BALANCE,
    ),
    "brier": Phrase(
        Event("other"), _CONFIDENT, "has its Brier score on {faces}", "Brier score", Quantity.SCORE
    ),
}
_WHOLE = {
    "accuracy": (Event("correct"), "reads {faces} correctly", "accuracy"),
    "refusals": (Event("unanswered"), "gives no answer for {faces}", "refusals"),
    "confusions": (Event("other"), "confuses expressions in {faces}", "every confusion"),
    # Pictures beside it show what was read correctly at one level and wrongly at another.
    "flips": (Event("correct"), "changes its answer on {faces}", "changed answers"),
}


def phrase(measure: str) -> Phrase:
    """Read a measure's name as reports receive it.

    >>> phrase("recall(anger)").does("female faces")
    'recognises anger in female faces'
    >>> phrase("accuracy.answered").aside
    ', among answered images'
    >>> phrase("misclassification(fear->surprise)").noun
    'fear read as surprise'
    """
    if measure in _SCORES:
        return _SCORES[measure]
    aside = ", among answered images" if measure.endswith(_ANSWERED) else ""
    name = measure.removesuffix(_ANSWERED)
    event, template, noun = _parts(name)
    return Phrase(event, aside, template, f"{noun}{aside.replace(',', '')}")


def confusion_of(comparison: Comparison) -> str:
    """The confusion that a comparison of a scan is about, as words before its groups; else empty."""
    return f"{phrase(comparison.measure).noun}: " if comparison.measure else ""


def _parts(name: str) -> tuple[Event, str, str]:
    if name in _WHOLE:
        return _WHOLE[name]
    if found := _REFUSALS.fullmatch(name):
        label = _word(found[1])
        return (
            Event("unanswered", found[1]),
            f"gives no answer to {label} in {{faces}}",
            f"no answer to {label}",
        )
    if found := _RECALL.fullmatch(name):
        label = _word(found[1])
        return Event("correct", found[1]), f"recognises {label} in {{faces}}", f"recall of {label}"
    if found := _MISCLASSIFICATION.fullmatch(name):
        true, predicted = _word(found[1]), _word(found[2])
        return (
            Event("confused", found[1], found[2]),
            f"mistakes {true} for {predicted} in {{faces}}",
            f"{true} read as {predicted}",
        )
    return Event("other"), f"shows {_word(name)} in {{faces}}", _word(name)


def _balance(value: float, before: float | None = None) -> str:
    """How much surer of itself than right a model is; after another such clause in fewer words."""
    told = points(abs(value))
    if told.startswith("0 "):
        return "as sure as right"
    more = "more" if value > 0 else "less"
    if before is None or points(abs(before)).startswith("0 "):
        return f"{more} sure of itself than right by {told}"
    return f"by {told}" if (before > 0) == (value > 0) else f"{more} sure by {told}"


def _word(label: str) -> str:
    # Braces in a label would be read as the place of the faces.
    return shortened(label).replace("{", "(").replace("}", ")")
