"""What PaliGemma is asked: without a list where labels are scored, with one where words are to be chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fer_audit.vocabulary import AGE, EXPRESSION, GENDER, RACE
from fer_audit.wording import ANY_TASK, Wording

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["ALL_LISTS", "ALL_QUESTIONS", "LISTS", "MOST_TOKENS", "QUESTIONS", "asked", "spoken"]

MOST_TOKENS = 20
"""A generated answer that has not ended after so many tokens is cut."""


def _wordings(texts: Mapping[str, str], task: str = EXPRESSION) -> tuple[Wording, ...]:
    """Questions in English, to be answered in English: the prefix is the one the mix checkpoints know."""
    return tuple(Wording(name, "1", (f"answer en {text}",), task=task) for name, text in texts.items())


QUESTIONS = _wordings(
    {
        "expression": "What is the facial expression of the person?",
        "face": "What expression does the face show?",
        "emotion": "Which emotion does the person show?",
        "feeling": "How does the person feel?",
        "mood": "What is the mood of the person?",
        "look": "How does the person look?",
        "one word": "What is the facial expression in one word?",
        "best word": "Which word describes the expression on the face best?",
        "emotion of the face": "What emotion is on the face in the image?",
        "person expresses": "What does the person express?",
    }
)
"""Of expressions, naming no label: the likelihood of each is asked after, and none has a place in a list."""

LISTS = _wordings(
    {
        "which of these": "Which of these expressions does the face show: {labels}?",
        "expression": "What is the facial expression of the person? Choose from {labels}.",
        "emotion": "Which emotion does the person show: {labels}?",
        "feeling": "How does the person feel: {labels}?",
        "mood": "What is the mood of the person, one of {labels}?",
        "one word": "What is the facial expression in one word, one of {labels}?",
        "best word": "Which word describes the expression on the face best: {labels}?",
        "options first": "Options: {labels}. Which one is the expression on the face?",
        "classify": "Classify the facial expression as one of {labels}.",
        "emotion of the face": "What emotion is on the face in the image? Answer with one of {labels}.",
    }
)
"""Questions of expressions that list the labels, so that what is generated can be one of them."""

_OPEN = {
    GENDER: {
        "gender": "What is the gender of the person?",
        "appears": "Which gender does the person appear to have?",
        "best word": "Which word describes the gender of the person best?",
    },
    RACE: {
        "race": "What is the race of the person?",
        "appears": "Which race does the person appear to have?",
        "best word": "Which word describes the race of the person best?",
    },
    AGE: {
        "age": "What is the age of the person?",
        "old": "How old is the person, in years?",
        "appears": "How old does the person look, in years?",
    },
    ANY_TASK: {
        "task": "What is the {task} of the face?",
        "best word": "Which {task} describes the face best?",
    },
}
_CHOICES = {
    task: {name: f"{text.removesuffix('?')}, one of {{labels}}?" for name, text in texts.items()}
    for task, texts in _OPEN.items()
}

ALL_QUESTIONS = (*QUESTIONS, *(way for task, texts in _OPEN.items() for way in _wordings(texts, task)))
"""Questions of every task that name no label."""

ALL_LISTS = (*LISTS, *(way for task, texts in _CHOICES.items() for way in _wordings(texts, task)))
"""Questions of every task that list the labels."""


def asked(wording: Wording, labels: Sequence[str]) -> str:
    """The question, with the labels in it where it lists them.

    >>> asked(Wording("plain", "1", ("answer en Which of {labels}?",), rotation=1), ["Fear", "Anger"])
    'answer en Which of anger, fear?'
    """
    return wording.texts[0].replace("{labels}", ", ".join(spoken(label) for label in wording.order(labels)))


def spoken(label: str) -> str:
    """A label as PaliGemma would say it: it answers in lower case.

    >>> spoken("No_Expression")
    'no expression'
    """
    return label.strip().lower().replace("_", " ")
