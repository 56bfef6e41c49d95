"""What a recognizer returned, read as answers: nothing is scored at random, nothing is dropped."""

from __future__ import annotations

from typing import TYPE_CHECKING
from unicodedata import normalize

from fer_audit.errors import ModelError
from fer_audit.models.task_words import label_meant
from fer_audit.records import Answer
from fer_audit.vocabulary import AnswerKind, Expression, expression_named

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["OTHERS", "label_named", "likeliest", "read_answer", "read_answers", "same_word"]

OTHERS = "(all others)"
"""Under which the scores of a model that tells only how sure it was hold what is left of 1."""


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
    """One answer; a word outside the vocabulary is no label, and the word is kept.

    An expression is given the dataset's spelling.

    >>> read_answer("Happy", labels=["happiness"], model="m").label
    'happiness'
    >>> read_answer("angry", labels=["Anger"], model="m").label
    'Anger'
    >>> read_answer("Concentration", labels=["happiness"], model="m").kind
    <AnswerKind.OUT_OF_VOCABULARY: 'out_of_vocabulary'>

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
    label = label_named(value.label, labels)
    if label is not None:
        return Answer(AnswerKind.ANSWERED, label, value.scores, value.raw)
    kind = AnswerKind.OUT_OF_VOCABULARY if value.label.strip() else AnswerKind.EMPTY
    return Answer(kind, raw=value.raw or value.label)


def likeliest(labels: Sequence[str], scores: Iterable[float]) -> Answer:
    """The answer of a model that scores every label: the highest, the first of equals.

    >>> likeliest(["anger", "fear"], [0.25, 0.75]).label
    'fear'
    """
    named = dict(zip(labels, map(float, scores), strict=True))
    return Answer(AnswerKind.ANSWERED, max(named, key=named.__getitem__), named)


def label_named(word: str, labels: Sequence[str]) -> str | None:
    """The label that a word stands for, as the dataset spells it; None for a word that stands for none.

    An expression that the dataset lacks is still an answer, and a wrong one: it is named as the vocabulary
    names it. Where the labels are no expressions, an expression is a word like any other; labels of gender,
    race and age have synonyms of their own, and what they lack is no answer.

    >>> label_named("joy", ["Anger", "Happy"]), label_named("joy", ["cat", "dog"])
    ('Happy', None)
    >>> label_named("woman", ["Female", "Male"])
    'Female'
    >>> label_named("CAT", ["cat", "dog"]), label_named("contempt", ["anger", "fear"])
    ('cat', 'contempt')
    """
    if word in labels:
        return word
    alike = [label for label in labels if same_word(label) == same_word(word)]
    if len(alike) == 1:
        return alike[0]
    found = expression_named(same_word(word))
    spelt = {expression_named(label): label for label in reversed(labels)}
    # The vocabulary's own spelling goes before another, where a dataset has both.
    spelt |= {expression: str(expression) for expression in Expression if expression in labels}
    if found is not None and any(expression in spelt for expression in Expression):
        return spelt.get(found, str(found))
    return label_meant(same_word(word), labels)


def same_word(word: str) -> str:
    """One form for all spellings of a word: case, width, underscores and spaces make no other word of it.

    Apostrophes are straightened likewise.

    >>> same_word(" Very_Happy ")
    'very happy'
    """
    straight = normalize("NFKC", word).translate({0x2019: "'", 0x2018: "'", 0x5F: " "})
    return " ".join(straight.casefold().split())
