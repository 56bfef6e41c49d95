"""What a recognizer returned, read as answers: nothing is scored at random, nothing is dropped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fer_audit.errors import ModelError
from fer_audit.records import Answer
from fer_audit.vocabulary import AnswerKind, Expression, expression_named

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["read_answer", "read_answers"]


def read_answers(returned: object, *, images: int, labels: Sequence[str], model: str) -> list[Answer]:
    """The answers to a batch of images.

    Args:
        returned: what ``recognize`` gave: an answer or a label an image.
        images: how many were asked.
        labels: the dataset's labels.
        model: short name, for messages.

    Raises:
        ModelError: another number of answers than images, or something that is neither answer nor label.
    """
    if isinstance(returned, str) or not hasattr(returned, "__iter__"):
        raise ModelError(
            f"model {model!r}: recognize returned {type(returned).__name__}, not a sequence; "
            "return one label or Answer for each image"
        )
    values = list(returned)
    if len(values) != images:
        raise ModelError(
            f"model {model!r}: recognize returned {len(values)} answers for {images} images; "
            "return one for each, in the same order"
        )
    return [read_answer(value, labels=labels, model=model) for value in values]


def read_answer(value: object, *, labels: Sequence[str], model: str) -> Answer:
    """One answer; a word outside the vocabulary is unreadable, with the word kept.

    An expression is given the dataset's spelling.

    >>> read_answer("Happy", labels=["happiness"], model="m").label
    'happiness'
    >>> read_answer("angry", labels=["Anger"], model="m").label
    'Anger'
    >>> read_answer("Concentration", labels=["happiness"], model="m").kind
    <AnswerKind.UNREADABLE: 'unreadable'>

    Raises:
        ModelError: the value is neither a string nor an Answer.
    """
    if isinstance(value, str):
        value = Answer(AnswerKind.ANSWERED, value, raw=value)
    if not isinstance(value, Answer):
        raise ModelError(
            f"model {model!r}: recognize returned {value!r:.60} for an image; return a label such as "
            "'anger', or an Answer"
        )
    if value.label is None or value.label in labels:
        return value
    found = expression_named(value.label)
    spelt = {expression_named(label): label for label in reversed(labels)}
    # The vocabulary's own spelling goes before another, where a dataset has both.
    spelt |= {expression: str(expression) for expression in Expression if expression in labels}
    # An expression the dataset lacks is still an answer, and a wrong one; another word is none.
    if found is not None and any(expression in spelt for expression in Expression):
        label = spelt.get(found, str(found))
        return Answer(AnswerKind.ANSWERED, label, value.scores, value.raw)
    return Answer(AnswerKind.UNREADABLE, raw=value.raw or value.label)
