"""Wordings: the ways in which one question can be put to a model, each with a name and a version."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from fer_audit.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Wording", "rotations"]


@dataclass(frozen=True, slots=True)
class Wording:
    """One way to put the question.

    Attributes:
        name: short name, unlike that of every other wording of the model; reports show it.
        version: counts up when the texts change under the same name.
        texts: what is said: a question with ``{labels}`` in it for a model that reads a list, or templates
            with ``{label}`` or ``{adjective}`` for one that compares a picture with descriptions.
        rotation: by how many places the list of labels is turned: models favour what stands first.
    """

    name: str
    version: str
    texts: tuple[str, ...]
    rotation: int = 0

    def order(self, labels: Sequence[str]) -> tuple[str, ...]:
        """The labels in the order in which this wording lists them.

        >>> Wording("plain", "1", ("Which of {labels}?",), rotation=1).order(["anger", "fear", "sadness"])
        ('fear', 'sadness', 'anger')
        """
        turn = self.rotation % len(labels) if labels else 0
        return (*labels[turn:], *labels[:turn])

    def describe(self) -> Mapping[str, str]:
        """What the answers depend on, by name: part of every stored answer's key."""
        texts = sha256("\0".join(self.texts).encode()).hexdigest()[:16]
        return {"prompt": f"{self.name}, version {self.version}", "prompt texts": texts} | (
            {"label order": f"turned by {self.rotation}"} if self.rotation else {}
        )


def rotations(wordings: Sequence[Wording], count: int, *, labels: int) -> tuple[Wording, ...]:
    """The first so many ways to ask: each wording once, then each with the labels turned by one, and so on.

    Args:
        wordings: different texts, the most usual first.
        count: how many are wanted.
        labels: how many labels there are to turn.

    >>> plain, polite = Wording("plain", "1", ("{labels}?",)), Wording("polite", "1", ("Please: {labels}",))
    >>> [way.name for way in rotations([plain, polite], 3, labels=7)]
    ['plain', 'polite', 'plain turned 1']

    Raises:
        ConfigurationError: there are not so many.
    """
    most = len(wordings) * labels
    if not 1 <= count <= most:
        raise ConfigurationError(
            f"{count} prompts were asked for; {len(wordings)} wordings of {labels} labels make 1 to {most}"
        )
    ways = []
    for number in range(count):
        turn, which = divmod(number, len(wordings))
        plain = wordings[which]
        name = f"{plain.name} turned {turn}" if turn else plain.name
        ways.append(Wording(name, plain.version, plain.texts, turn))
    return tuple(ways)
