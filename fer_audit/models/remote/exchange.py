"""What is said to an endpoint and what comes back, whoever the vendor is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from fer_audit.records import Answer, Ledger, Watch
    from fer_audit.wording import Wording

__all__ = ["AgainError", "Answered", "Limits", "Question", "Reply", "Terms", "Vendor"]


@dataclass(frozen=True, slots=True)
class Question:
    """One picture to be asked about, once, in one wording.

    Attributes:
        key: the content key under which the answer will be stored.
        picture: makes the canonical encoding of the picture (JPEG); called when the question is sent.
        wording: how it is put.
        repeat: 0 for the first time of asking, 1 for the second, and so on.
    """

    key: str
    picture: Callable[[], bytes]
    wording: Wording
    repeat: int = 0


@dataclass(frozen=True, slots=True)
class Answered:
    """A question and what came of it.

    Attributes:
        key: of the question.
        answer: what the model gave; of kind ``error``, with the reason as its words, where it gave nothing.
    """

    key: str
    answer: Answer


@dataclass(frozen=True, slots=True)
class Reply:
    """What a vendor's endpoint returned for one request.

    Attributes:
        answer: what it says.
        served: the model that the endpoint says it used; empty where it says nothing.
        tokens_sent: as charged; None where it says nothing.
        tokens_received: as charged.
    """

    answer: Answer
    served: str = ""
    tokens_sent: int | None = None
    tokens_received: int | None = None


class AgainError(Exception):
    """A request failed in a way that passes: it is worth sending again.

    Attributes:
        reason: what happened, in a few words.
        after: seconds that the endpoint asks to wait; None where it says nothing.
        overload: the endpoint is asked too much, so that fewer requests at a time are wanted.
        charged: the endpoint may have worked on it and charge it, as after a time-out.
    """

    def __init__(
        self, reason: str, *, after: float | None = None, overload: bool = False, charged: bool = False
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.after = after
        self.overload = overload
        self.charged = charged


class Vendor(Protocol):
    """One vendor's protocol: a request, and the reading of what comes back. No retries, no waiting."""

    def ask(self, picture: bytes, wording: Wording, repeat: int, /) -> Reply:
        """Send one request; called from several threads at once.

        Raises:
            AgainError: it may go well another time.
            EndpointError: it never will.
        """
        ...

    def close(self) -> None:
        """Let go of connections."""
        ...


@dataclass(frozen=True, slots=True)
class Limits:
    """How fast an endpoint may be asked.

    Attributes:
        requests_per_minute: None where the vendor sets no limit that is known.
        tokens_per_minute: likewise, of tokens sent and received.
        at_once: the most requests under way at a time; it adapts below that.
        patience: seconds, of requests and of pauses between them, after which a question that keeps failing
            becomes an error; waiting for a turn does not count.
        window: seconds over which the endpoint counts; in none as long as this are there more requests or
            tokens than its share of a minute allows.
    """

    requests_per_minute: float | None = None
    tokens_per_minute: float | None = None
    at_once: int = 32
    patience: float = 600.0
    window: float = 60.0


@dataclass(frozen=True, slots=True)
class Terms:
    """On what terms a run asks.

    Attributes:
        limits: how fast.
        ledger: what it may spend; None where nobody counts.
        watch: who is told.
    """

    limits: Limits
    ledger: Ledger | None = None
    watch: Watch | None = None
