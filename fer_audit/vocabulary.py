"""The words of the field: expressions, and the kinds of answer a model can give.

Labels belong to the dataset, and any label set can be audited; the expressions here are the vocabulary
that this package knows by name, with the synonyms under which datasets and models write them.
"""

from __future__ import annotations

from enum import StrEnum

__all__ = [
    "AGE",
    "EXPRESSION",
    "GENDER",
    "LABEL",
    "NO_ANSWER",
    "RACE",
    "AnswerKind",
    "Expression",
    "expression_named",
]

EXPRESSION = "expression"
"""The task that this package is about: what a face shows. A dataset may set another."""

GENDER, RACE, AGE = "gender", "race", "age"
"""Tasks of sets without expressions: what somebody is taken for."""

LABEL = "label"
"""The task of a label set that nobody has named."""


class Expression(StrEnum):
    """A facial expression: the six of Ekman, neutral, and contempt where a set has it."""

    ANGER = "anger"
    CONTEMPT = "contempt"
    DISGUST = "disgust"
    FEAR = "fear"
    HAPPINESS = "happiness"
    NEUTRAL = "neutral"
    SADNESS = "sadness"
    SURPRISE = "surprise"


class AnswerKind(StrEnum):
    """What came back for one image.

    ``UNREADABLE`` is what no narrower word fits: words from which no label, several or a foreign one can be
    read have kinds of their own. ``ERROR`` (the model broke) and ``ABSENT`` (the picture could not be read)
    are no answers: they never count as wrong, and more than a few of them mean no verdict at all. Everything
    else is an outcome.
    """

    ANSWERED = "answered"
    REFUSED = "refused"
    BLOCKED_INPUT = "blocked_input"
    BLOCKED_OUTPUT = "blocked_output"
    UNREADABLE = "unreadable"
    TRUNCATED = "truncated"
    EMPTY = "empty"
    MALFORMED = "malformed"
    OUT_OF_VOCABULARY = "out_of_vocabulary"
    SEVERAL_LABELS = "several_labels"
    ERROR = "error"
    ABSENT = "absent"


NO_ANSWER = (AnswerKind.ERROR, AnswerKind.ABSENT)
"""Kinds that are no answer: never stored, never counted as wrong."""

_SYNONYMS = {
    "angry": Expression.ANGER,
    "contemptuous": Expression.CONTEMPT,
    "disgusted": Expression.DISGUST,
    "fearful": Expression.FEAR,
    "afraid": Expression.FEAR,
    "happy": Expression.HAPPINESS,
    "joy": Expression.HAPPINESS,
    "sad": Expression.SADNESS,
    "surprised": Expression.SURPRISE,
} | {str(expression): expression for expression in Expression}


def expression_named(word: str) -> Expression | None:
    """The expression a word stands for, or None for a word that names none.

    >>> expression_named(" Happy ")
    <Expression.HAPPINESS: 'happiness'>
    >>> expression_named("concentration") is None
    True
    """
    return _SYNONYMS.get(word.strip().casefold())
