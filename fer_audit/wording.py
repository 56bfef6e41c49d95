"""Wordings: the ways in which one question can be put to a model, each with a name and a version."""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING

from fer_audit.errors import ConfigurationError
from fer_audit.vocabulary import EXPRESSION

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["ANY_TASK", "Wording", "rotations", "wordings_for"]

ANY_TASK = "*"
"""The task of a wording for tasks that have none of their own: ``{task}`` in its texts is the task's name."""


@dataclass(frozen=True, slots=True)
class Wording:
    """One way to put the question.

    Attributes:
        name: short name, unlike that of every other wording of the model for the task; reports show it.
        version: counts up when the texts change under the same name, or the words that are put into them.
        texts: what is said: a question with ``{labels}`` in it for a model that reads a list, or templates
            with ``{label}`` or ``{adjective}`` for one that compares a picture with descriptions.
        rotation: by how many places the list of labels is turned: models favour what stands first.
        task: what it asks for, as datasets name what their labels are of; or `ANY_TASK`.
    """

    name: str
    version: str
    texts: tuple[str, ...]
    rotation: int = 0
    task: str = EXPRESSION

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
        said = {"prompt": f"{self.name}, version {self.version}", "prompt texts": texts}
        if self.rotation:
            said["label order"] = f"turned by {self.rotation}"
        # Left out for expressions, whose answers were stored before there were other tasks.
        return said if self.task == EXPRESSION else said | {"task": self.task}


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
        ways.append(replace(plain, name=name, rotation=turn))
    return tuple(ways)


def wordings_for(task: str, wordings: Sequence[Wording]) -> tuple[Wording, ...]:
    """The wordings that ask for a task; where it has none of its own, those for any, which name it.

    Args:
        task: what a dataset's labels are of.
        wordings: of a model, for all tasks that it can be asked for.

    >>> any_task = Wording("plain", "1", ("Which {task}: {labels}?",), task=ANY_TASK)
    >>> smile = Wording("smile", "1", ("Which expression: {labels}?",))
    >>> [way.texts for way in wordings_for("hair colour", [smile, any_task])]
    [('Which hair colour: {labels}?',)]
    >>> wordings_for("expression", [smile, any_task]) == (smile,)
    True
    """
    own = tuple(wording for wording in wordings if wording.task == task)
    return own or tuple(
        replace(wording, task=task, texts=tuple(text.replace("{task}", task) for text in wording.texts))
        for wording in wordings
        if wording.task == ANY_TASK
    )
