"""How fast requests may follow each other: no window of time at the endpoint ever holds more than is allowed.

The endpoint sees a request at some moment between its sending and its reply. A request therefore counts from
when it is sent until one window after its reply, and the next may take its place only then: whatever the
network does, no window can hold one too many. A request that is still unanswered after `JOURNEY` has reached
the endpoint by then, so that slow models cost no speed. Within a window requests are spread evenly, since
endpoints also count over shorter times than they say.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from heapq import heappop, heappush
from math import inf
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fer_audit.models.remote.exchange import Limits

__all__ = ["JOURNEY", "Pace", "Turn"]

JOURNEY = 1.5
"""Seconds that a request takes to reach the endpoint at most."""

_CREDIT = 0.25  # seconds of lateness that later requests may make up for
_TOKEN_MARGIN = 0.01  # a request may take more tokens than any before it


@dataclass(slots=True, eq=False)
class Turn:
    """One request that has been let through.

    Attributes:
        number: orders requests that leave the window at the same time.
        tokens: how many it is counted with.
        until: when it leaves the window, in seconds of the clock that the pace is told.
        left: it has left.
    """

    number: int
    tokens: float
    until: float
    left: bool = False

    def __lt__(self, other: Turn) -> bool:
        return self.number < other.number


@dataclass(slots=True)
class Pace:
    """What has been sent and still counts; pure bookkeeping, told the time.

    Args:
        limits: how fast the endpoint may be asked.
        most_tokens: the most that one request can take. It stands for every request until the first reply
            says what requests really take; from then on, the largest of these does.
        now: the time at which the run begins.
    """

    limits: Limits
    most_tokens: float
    now: float
    _turns: list[tuple[float, Turn]] = field(default_factory=list)
    _sent: int = 0
    _counted: int = 0
    _tokens: float = 0.0
    _largest: float = 0.0
    _due: float = field(init=False)

    def __post_init__(self) -> None:
        self._due = self.now

    def delay(self, now: float) -> float:
        """Seconds until the next request may be sent, unless a reply comes before; 0 where it may go."""
        while self._turns and self._turns[0][0] <= now:
            self._leave(heappop(self._turns)[1])
        wait = self._due - now
        if self._turns and self._full():
            wait = max(wait, self._turns[0][0] - now)
        return max(wait, 0.0)

    def start(self, now: float) -> Turn:
        """Let one request through; it is sent at once."""
        tokens = self._expected()
        turn = Turn(self._sent, tokens, now + JOURNEY + self.limits.window)
        heappush(self._turns, (turn.until, turn))
        self._sent += 1
        self._counted += 1
        self._tokens += tokens
        self._due = max(self._due, now - _CREDIT) + self._spacing(tokens)
        return turn

    def finish(self, turn: Turn, now: float, tokens: float | None) -> None:
        """A request was answered, or will not be.

        Args:
            turn: what `start` returned for it.
            now: the time.
            tokens: how many it took; None where nobody says, and it counts as it was expected.
        """
        if turn.left:
            return
        if tokens is not None:
            self._largest = max(self._largest, tokens)
            self._tokens += tokens - turn.tokens
            turn.tokens = tokens
        if now + self.limits.window < turn.until:
            turn.until = now + self.limits.window
            heappush(self._turns, (turn.until, turn))

    def _expected(self) -> float:
        return self._largest or self.most_tokens

    def _full(self) -> bool:
        share = self.limits.window / 60
        if (per_minute := self.limits.requests_per_minute) is not None and self._counted >= max(
            1, int(per_minute * share)
        ):
            return True
        if (per_minute := self.limits.tokens_per_minute) is not None:
            room = per_minute * share * (1 - _TOKEN_MARGIN)
            return self._counted > 0 and self._tokens + self._expected() > room
        return False

    def _spacing(self, tokens: float) -> float:
        requests = self.limits.requests_per_minute or inf
        spacing = 60 / requests
        if self.limits.tokens_per_minute is not None:
            spacing = max(spacing, 60 * tokens / self.limits.tokens_per_minute)
        return spacing

    def _leave(self, turn: Turn) -> None:
        # A turn that was answered early lies in the heap twice.
        if not turn.left:
            turn.left = True
            self._counted -= 1
            self._tokens -= turn.tokens
