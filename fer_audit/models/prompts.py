"""The questions that are put to language models, and what they may answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fer_audit.models.text import CANNOT_TELL
from fer_audit.wording import Wording

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["WORDINGS", "choices", "question"]

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
"""The usual one first; none names a group of people, and none says that somebody is recognised."""


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
