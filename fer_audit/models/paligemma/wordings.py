"""What PaliGemma is asked: without a list where labels are scored, with one where words are to be chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fer_audit.wording import Wording

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["LISTS", "MOST_TOKENS", "QUESTIONS", "asked", "spoken"]

MOST_TOKENS = 20
"""A generated answer that has not ended after so many tokens is cut."""


def _wordings(texts: Mapping[str, str]) -> tuple[Wording, ...]:
    """Questions in English, to be answered in English: the prefix is the one the mix checkpoints know."""
    return tuple(Wording(name, "1", (f"answer en {text}",)) for name, text in texts.items())


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
"""Questions that name no label: the likelihood of each is asked after, and none has a place in a list."""

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
"""Questions that list the labels, so that what is generated can be one of them."""


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
