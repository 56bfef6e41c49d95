"""What came of one question: an answer, or why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fer_audit.vocabulary import NO_ANSWER

if TYPE_CHECKING:
    from fer_audit.records import Answer

__all__ = ["Item", "Outcome"]


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
