"""The labels of a net in the words of the dataset that it is asked about."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
    """
    spelled = {word.strip().casefold(): word for word in reversed(asked)}
    meaning = {found: word for word in reversed(asked) if (found := expression_named(word)) is not None}
    words = []
    for word in own:
        expression = expression_named(word)
        fallback = word if expression is None else meaning.get(expression, str(expression))
        words.append(spelled.get(word.casefold(), fallback))
    return tuple(words)
