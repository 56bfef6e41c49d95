"""How many requests are under way at a time: more while all goes well, half as many when it is too much."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

__all__ = ["Width"]

_FIRST = 4


@dataclass(slots=True)
class Width:
    """The number of requests that may be under way: additive increase, multiplicative decrease.

    It begins small and doubles with each round of replies until the endpoint says for the first time that it
    is asked too much; from then on a round of replies makes it one more, and each such sign halves it (Chiu
    and Jain 1989, Computer Networks 17:1). Replies to a run that does not use its width say nothing about it.

    Args:
        most: the largest number.

    >>> width = Width(16)
    >>> for _ in range(4):
    ...     width.replied(under_way=width.now)
    >>> width.now
    8
    >>> width.overloaded(sent=1.0, now=2.0)
    >>> width.overloaded(sent=1.5, now=2.1)  # sent before the last halving: the same sign
    >>> width.now
    4
    """

    most: int
    now: int = 0
    _replies: int = 0
    _halved: float = -inf

    def __post_init__(self) -> None:
        self.now = min(_FIRST, self.most)

    def replied(self, *, under_way: int) -> None:
        """A request was answered well, while so many were under way with it."""
        if under_way < self.now:
            return
        self._replies += 1
        if self._halved == -inf or self._replies >= self.now:
            self.now = min(self.now + 1, self.most)
            self._replies = 0

    def overloaded(self, *, sent: float, now: float) -> None:
        """The endpoint said that it is asked too much, to a request sent at this time."""
        if sent >= self._halved:
            self.now = max(self.now // 2, 1)
            self._halved = now
            self._replies = 0
