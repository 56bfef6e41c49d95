"""The labels of a net in the words of the dataset that it is asked about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fer_audit.models.task_words import label_meant
from fer_audit.vocabulary import expression_named

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["spelled_as_asked"]


def spelled_as_asked(own: Sequence[str], asked: Sequence[str]) -> tuple[str, ...]:
    """Each of a net's labels as the dataset writes it, else as this package does, else as the net does.

    Args:
        own: what the net calls its outputs.
        asked: the dataset's labels.

    >>> spelled_as_asked(["Angry", "contempt", "Concentration"], ["anger", "fear"])
    ('anger', 'contempt', 'Concentration')
    >>> spelled_as_asked(["woman", "man"], ["female", "male"])
    ('female', 'male')
    >>> spelled_as_asked(["woman", "girl", "male"], ["female", "male"])
    ('woman', 'girl', 'male')
    """
    spelled = {word.strip().casefold(): word for word in reversed(asked)}
    meaning = {found: word for word in reversed(asked) if (found := expression_named(word)) is not None}
    meant = [label_meant(word, asked) for word in own]
    words = []
    for word, other in zip(own, meant, strict=True):
        expression = expression_named(word)
        if expression is not None:
            fallback = meaning.get(expression, str(expression))
        else:
            # Two outputs that mean one label keep their names: their scores could not be told apart.
            fallback = other if other is not None and meant.count(other) == 1 else word
        words.append(spelled.get(word.casefold(), fallback))
    return tuple(words)
