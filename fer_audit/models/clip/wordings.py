"""What pictures are compared with: templates, and the words under which CLIP may have met a label."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fer_audit.models.task_words import meaning_of
from fer_audit.vocabulary import AGE, EXPRESSION, GENDER, RACE, Expression, expression_named
from fer_audit.wording import ANY_TASK, Wording

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["ALL_WORDINGS", "WORDINGS", "WORDS", "descriptions"]

WORDS = "1"
"""Version of the words for expressions; counts up when one of them changes.

Words for other tasks are counted with their wordings.
"""


@dataclass(frozen=True, slots=True)
class _Words:
    """How people write of a label."""

    nouns: tuple[str, ...]
    adjectives: tuple[str, ...]


_EXPRESSIONS = {
    Expression.ANGER: _Words(("anger", "rage"), ("angry", "furious")),
    Expression.CONTEMPT: _Words(("contempt", "scorn"), ("contemptuous", "scornful")),
    Expression.DISGUST: _Words(("disgust", "revulsion"), ("disgusted", "repulsed")),
    Expression.FEAR: _Words(("fear", "terror"), ("afraid", "fearful", "scared")),
    Expression.HAPPINESS: _Words(("happiness", "joy"), ("happy", "joyful")),
    Expression.NEUTRAL: _Words(("no emotion", "calm"), ("neutral", "expressionless")),
    Expression.SADNESS: _Words(("sadness", "sorrow"), ("sad", "unhappy")),
    Expression.SURPRISE: _Words(("surprise", "astonishment"), ("surprised", "astonished")),
}
_ALL_WORDS: Mapping[str, Mapping[str, _Words]] = {
    EXPRESSION: {str(expression): words for expression, words in _EXPRESSIONS.items()},
    GENDER: {
        "female": _Words(("woman", "girl"), ("female",)),
        "male": _Words(("man", "boy"), ("male",)),
    },
    RACE: {
        "black": _Words(("Black", "African American"), ("Black", "African American")),
        "latino hispanic": _Words(("Latino", "Hispanic"), ("Latino", "Hispanic")),
    },
}

_TEMPLATES = {
    "face showing": "a photo of a face showing {label}.",
    "expression of": "a facial expression of {label}.",
    "person expressing": "a photo of a person expressing {label}.",
    "close-up": "a close-up photo of a face full of {label}.",
    "portrait": "a portrait of a person who feels {label}.",
    "emotion": "the emotion on this face is {label}.",
    "looks": "a photo of a person who looks {adjective}.",
    "someone feeling": "a photo of someone who is feeling {adjective}.",
    "cropped": "a cropped photo of a person looking {adjective}.",
    "face of": "the {adjective} face of a person.",
    "this person": "this person is {adjective}.",
    "bare": "{adjective}",
}


_TASK_TEMPLATES = {
    GENDER: {
        "photo of": "a photo of a {label}.",
        "close-up": "a close-up photo of the face of a {label}.",
        "person": "a photo of a {adjective} person.",
        "face of": "the face of a {adjective} person.",
    },
    RACE: {
        "person": "a photo of a {adjective} person.",
        "close-up": "a close-up photo of the face of a {adjective} person.",
        "race": "a photo of a person whose race is {label}.",
        "face": "a {adjective} face.",
    },
    AGE: {
        "aged": "a photo of a person aged {label}.",
        "years": "a photo of a person who is {label} years old.",
        "face of": "the face of a person aged {label}.",
    },
    ANY_TASK: {
        "task": "a photo of a face whose {task} is {label}.",
        "described": "a photo of a person: {label}.",
        "bare": "{label}",
    },
}


def _single(name: str) -> Wording:
    return Wording(name, "1", (_TEMPLATES[name],))


WORDINGS = (
    Wording("ensemble", "1", tuple(_TEMPLATES.values())),
    Wording("nouns", "1", tuple(text for text in _TEMPLATES.values() if "{label}" in text)),
    Wording("adjectives", "1", tuple(text for text in _TEMPLATES.values() if "{adjective}" in text)),
    *map(_single, _TEMPLATES),
)
"""Of expressions: all templates together, then a half each, then each by itself, which adds no text."""

ALL_WORDINGS = (
    *WORDINGS,
    *(
        Wording(name, "1", texts, task=task)
        for task, templates in _TASK_TEMPLATES.items()
        for name, texts in [
            ("ensemble", tuple(templates.values())),
            *((name, (text,)) for name, text in templates.items()),
        ]
    ),
)
"""Of every task: all templates of it together, then each by itself."""


def descriptions(wording: Wording, labels: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
    """The sentences that stand for each label: every template with every word for what it means.

    A label that the task has no words for, or that shares its meaning with another, is used as it is written.

    Args:
        wording: templates with ``{label}`` for a noun or ``{adjective}`` for an adjective.
        labels: the dataset's labels.

    >>> looks = Wording("looks", "1", ("who looks {adjective}",))
    >>> descriptions(looks, ["anger", "concentration"])["anger"]
    ('who looks angry', 'who looks furious')
    >>> descriptions(looks, ["anger", "concentration"])["concentration"]
    ('who looks concentration',)
    """
    meant = {label: _meaning(wording.task, label) for label in labels}
    shared = Counter(meant.values())
    return {
        label: _sentences(wording, label, meaning if shared[meaning] == 1 else None)
        for label, meaning in meant.items()
    }


def _meaning(task: str, label: str) -> str | None:
    return expression_named(label) if task == EXPRESSION else meaning_of(task, label)


def _sentences(wording: Wording, label: str, meaning: str | None) -> tuple[str, ...]:
    written = _Words((label,), (label,))
    words = _ALL_WORDS.get(wording.task, {}).get(meaning or "", written)
    return tuple(
        template.replace(slot, word)
        for template in wording.texts
        for slot, choice in (("{label}", words.nouns), ("{adjective}", words.adjectives))
        if slot in template
        for word in choice
    )
