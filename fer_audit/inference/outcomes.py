"""What came of one question: an answer, or why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fer_audit.vocabulary import AnswerKind

if TYPE_CHECKING:
    from fer_audit.records import Answer

__all__ = ["NO_ANSWER", "Item", "Outcome", "one_line"]

_MOST_CHARACTERS = 300

NO_ANSWER = (AnswerKind.ERROR, AnswerKind.ABSENT)
"""Kinds that are no answer: never stored, never counted as wrong."""


@dataclass(frozen=True, slots=True)
class Item:
    """One question of a cell.

    Attributes:
        picture: hash of the picture's content.
        way: position among the cell's ways of asking.
    """

    picture: str
    way: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """An answer, or why there is none.

    Attributes:
        answer: what the model gave; of kind ``error`` or ``absent`` where it gave nothing.
        fault: why; empty for an answer.
    """

    answer: Answer
    fault: str = ""

    @property
    def is_answer(self) -> bool:
        """Whether the model gave anything, be it a refusal."""
        return self.answer.kind not in NO_ANSWER


def one_line(error: BaseException) -> str:
    """What a foreign error says, in one line of bounded length.

    >>> one_line(ValueError("size   mismatch"))
    'size mismatch'
    """
    told = " ".join(str(error).split())
    return told if len(told) <= _MOST_CHARACTERS else f"{told[: _MOST_CHARACTERS - 3]}..."
