"""What a measure counts, in words: the verb of every sentence a report makes.

Every measure is a share of images; one whose name is not known is told by that name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fer_audit.report.names import shortened

if TYPE_CHECKING:
    from fer_audit.results import Comparison

__all__ = ["Event", "Phrase", "confusion_of", "phrase"]

_RECALL = re.compile(r"recall\((.+)\)", re.DOTALL)
_MISCLASSIFICATION = re.compile(r"misclassification\((.+?)->(.+)\)", re.DOTALL)
_REFUSALS = re.compile(r"refusals\((.+)\)", re.DOTALL)
_ANSWERED = ".answered"


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
    """

    event: Event
    aside: str
    template: str
    noun: str

    def does(self, faces: str) -> str:
        """What the model does with these faces: ``reads female faces correctly``."""
        return self.template.replace("{faces}", faces)


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


def _word(label: str) -> str:
    # Braces in a label would be read as the place of the faces.
    return shortened(label).replace("{", "(").replace("}", ")")
