"""The questions that are put to language models, and what they may answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fer_audit.models.text import CANNOT_TELL, KEYS
from fer_audit.vocabulary import AGE, EXPRESSION, GENDER, RACE
from fer_audit.wording import ANY_TASK, Wording

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["ALL_WORDINGS", "WORDINGS", "answer_key", "choices", "question"]

WORDINGS = (
    Wording(
        "plain",
        "1",
        ("Which facial expression does the person in this picture show? Answer with one of: {labels}.",),
    ),
    Wording(
        "annotator",
        "1",
        (
            "You annotate pictures of faces for a study of facial expressions. Choose the one label that "
            "fits this face best: {labels}.",
        ),
    ),
    Wording(
        "terse",
        "1",
        ("Facial expression, one of {labels}:",),
    ),
    Wording(
        "emotion",
        "1",
        (
            "Look at the face in this photo. What emotion does it express? The possible answers are "
            "{labels}. Give exactly one.",
        ),
    ),
    Wording(
        "muscles",
        "1",
        (
            "Consider the brows, eyes and mouth of the face in this picture. Which of these labels describes "
            "its expression: {labels}?",
        ),
    ),
    Wording(
        "first impression",
        "1",
        ("At first glance, which of these best describes the look on this face: {labels}? Pick one.",),
    ),
    Wording(
        "posed",
        "1",
        (
            "Someone was asked to make a face, and this picture was taken. Which of the following were they "
            "asked to show? {labels}.",
        ),
    ),
    Wording(
        "multiple choice",
        "1",
        ("Task: classify the facial expression in the picture. Options: {labels}. Your answer:",),
    ),
)
"""Of expressions, the usual one first; none names a group of people, and none says that somebody is known."""

_ASKED = {
    GENDER: {
        "plain": "Which gender does the person in this picture appear to have? Answer with one of: {labels}.",
        "annotator": "Annotate this picture: choose the one gender that fits the face best: {labels}.",
        "terse": "Apparent gender, one of {labels}:",
        "taken for": "What would most people take the person in this photo for? Pick one: {labels}.",
        "multiple choice": "Task: classify the apparent gender. Options: {labels}. Your answer:",
    },
    RACE: {
        "plain": "Which race does the person in this picture appear to have? Answer with one of: {labels}.",
        "annotator": "Annotate this picture: choose the one race that fits the face best: {labels}.",
        "terse": "Apparent race, one of {labels}:",
        "group": "Which of these groups would most people count the person in this photo among: {labels}?",
        "multiple choice": "Task: classify the apparent race in the picture. Options: {labels}. Your answer:",
    },
    AGE: {
        "plain": "How old, in years, does the person in this picture look? Answer with one of: {labels}.",
        "annotator": "Annotate this picture: choose the one age group that fits the face best: {labels}.",
        "terse": "Apparent age in years, one of {labels}:",
        "guess": "Guess the age of the person in this photo. Which of these is the most likely: {labels}?",
        "multiple choice": "Task: classify the apparent age in the picture. Options: {labels}. Your answer:",
    },
    ANY_TASK: {
        "plain": "Which {task} describes the face in this picture best? Answer with one of: {labels}.",
        "annotator": "Annotate this picture: choose the one {task} that fits the face best: {labels}.",
        "terse": "{task}, one of {labels}:",
    },
}

ALL_WORDINGS = (
    *WORDINGS,
    *(
        Wording(name, "1", (text,), task=task)
        for task, texts in _ASKED.items()
        for name, text in texts.items()
    ),
)
"""Of every task: what is said of people is asked as an appearance, since a picture shows no more."""


def choices(labels: Sequence[str]) -> tuple[str, ...]:
    """What may be answered: a label, or that none can be told.

    >>> choices(["anger", "fear"])
    ('anger', 'fear', 'cannot_tell')
    """
    return (*labels, CANNOT_TELL)


def question(wording: Wording, labels: Sequence[str]) -> str:
    """What is asked: the wording's text with the choices in the order in which it lists them.

    >>> terse = Wording("terse", "1", ("One of {labels}:",), rotation=1)
    >>> question(terse, ["anger", "fear"])
    'One of fear, anger, cannot_tell:'
    """
    return "\n".join(wording.texts).replace("{labels}", ", ".join(choices(wording.order(labels))))


def answer_key(wording: Wording) -> str:
    """The name under which an answer in JSON is asked for: only an expression is called one.

    >>> answer_key(Wording("terse", "1", ("One of {labels}:",), task="gender"))
    'label'
    """
    return KEYS[0] if wording.task == EXPRESSION else KEYS[1]
