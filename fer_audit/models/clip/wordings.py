"""What pictures are compared with: templates, and the words under which CLIP may have met an expression."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fer_audit.vocabulary import Expression, expression_named
from fer_audit.wording import Wording

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["WORDINGS", "WORDS", "descriptions"]

WORDS = "1"
"""Version of the words for expressions; counts up when one of them changes."""


@dataclass(frozen=True, slots=True)
class _Words:
    """How people write of an expression."""

    nouns: tuple[str, ...]
    adjectives: tuple[str, ...]


_WORDS = {
    Expression.ANGER: _Words(("anger", "rage"), ("angry", "furious")),
    Expression.CONTEMPT: _Words(("contempt", "scorn"), ("contemptuous", "scornful")),
    Expression.DISGUST: _Words(("disgust", "revulsion"), ("disgusted", "repulsed")),
    Expression.FEAR: _Words(("fear", "terror"), ("afraid", "fearful", "scared")),
    Expression.HAPPINESS: _Words(("happiness", "joy"), ("happy", "joyful")),
    Expression.NEUTRAL: _Words(("no emotion", "calm"), ("neutral", "expressionless")),
    Expression.SADNESS: _Words(("sadness", "sorrow"), ("sad", "unhappy")),
    Expression.SURPRISE: _Words(("surprise", "astonishment"), ("surprised", "astonished")),
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


def _single(name: str) -> Wording:
    return Wording(name, "1", (_TEMPLATES[name],))


WORDINGS = (
    Wording("ensemble", "1", tuple(_TEMPLATES.values())),
    Wording("nouns", "1", tuple(text for text in _TEMPLATES.values() if "{label}" in text)),
    Wording("adjectives", "1", tuple(text for text in _TEMPLATES.values() if "{adjective}" in text)),
    *map(_single, _TEMPLATES),
)
"""All templates together, then a half each, then each by itself: no later one has a text of its own."""


def descriptions(wording: Wording, labels: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
    """The sentences that stand for each label: every template with every word for the expression.

    A label that is no known expression, or shares one with another label, is used as it is written.

    Args:
        wording: templates with ``{label}`` for a noun or ``{adjective}`` for an adjective.
        labels: the dataset's labels.

    >>> looks = Wording("looks", "1", ("who looks {adjective}",))
    >>> descriptions(looks, ["anger", "concentration"])["anger"]
    ('who looks angry', 'who looks furious')
    >>> descriptions(looks, ["anger", "concentration"])["concentration"]
    ('who looks concentration',)
    """
    shared = Counter(expression_named(label) for label in labels)
    return {label: _sentences(wording, label, alone=shared[expression_named(label)] == 1) for label in labels}


def _sentences(wording: Wording, label: str, *, alone: bool) -> tuple[str, ...]:
    expression = expression_named(label) if alone else None
    words = _Words((label,), (label,)) if expression is None else _WORDS[expression]
    return tuple(
        template.replace(slot, word)
        for template in wording.texts
        for slot, choice in (("{label}", words.nouns), ("{adjective}", words.adjectives))
        if slot in template
        for word in choice
    )
