"""The gate that every request passes: one after the other, when the pace and the width allow it."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from threading import Condition, Event, Lock
from time import monotonic
from typing import TYPE_CHECKING

from fer_audit.errors import EndpointError
from fer_audit.models.remote.exchange import AgainError
from fer_audit.models.remote.pacing import Pace
from fer_audit.models.remote.width import Width

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fer_audit.models.remote.exchange import Limits

__all__ = ["Gate", "Passage", "StoppedError"]


class StoppedError(Exception):
    """The run is being stopped: what waits is given up, what is under way goes on."""


@dataclass(slots=True)
class Passage:
    """One request that passed; whoever sends it notes what it took.

    Attributes:
        tokens: how many it was charged; None until that is known.
    """

    tokens: float | None = None


class Gate:
    """Where requests wait for their turn.

    Args:
        limits: how fast the endpoint may be asked, and with how many requests at once.
        most_tokens: the most that one request can take.
    """

    def __init__(self, limits: Limits, *, most_tokens: float) -> None:
        self._pace = Pace(limits, most_tokens, monotonic())
        self._width = Width(limits.at_once)
        self._under_way = 0
        self._stopped = Event()
        # Only the first in the queue watches the clock.
        self._queue = Lock()
        self._changed = Condition()

    @contextmanager
    def passing(self) -> Iterator[Passage]:
        """Wait for a turn; the request is sent inside the block.

        Raises:
            StoppedError: the run was stopped before its turn came.
        """
        with self._queue, self._changed:
            while (wait := self._wait()) is None or wait > 0:
                self._changed.wait(wait)
            sent = monotonic()
            turn = self._pace.start(sent)
            self._under_way += 1
        passage = Passage()
        try:
            yield passage
        except AgainError as error:
            if error.overload:
                with self._changed:
                    self._width.overloaded(sent=sent, now=monotonic())
            raise
        except EndpointError:
            # Before this place is free for the next, which would be refused as well.
            self.stop()
            raise
        else:
            with self._changed:
                self._width.replied(under_way=self._under_way)
        finally:
            with self._changed:
                self._under_way -= 1
                self._pace.finish(turn, monotonic(), passage.tokens)
                self._changed.notify_all()

    def pause(self, seconds: float) -> None:
        """Wait, unless the run is stopped.

        Raises:
            StoppedError: it is.
        """
        if self._stopped.wait(seconds):
            raise StoppedError

    def stop(self) -> None:
        """Let nothing pass any more."""
        self._stopped.set()
        with self._changed:
            self._changed.notify_all()

    def _wait(self) -> float | None:
        """Seconds until there may be a turn; None where only a reply can make one."""
        if self._stopped.is_set():
            raise StoppedError
        if self._under_way >= self._width.now:
            return None
        return self._pace.delay(monotonic())
