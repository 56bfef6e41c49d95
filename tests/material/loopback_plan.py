"""What a loopback server is to do, and what it wrote down: read by the server's process and by the tests'."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from random import Random
from typing import Any

LABELS = ("anger", "disgust", "fear", "happiness", "neutral", "sadness", "surprise")

RECOVERABLE = (
    "429",
    "429 with Retry-After",
    "500",
    "502",
    "503",
    "529",
    "reset",
    "time-out",
    "trickle",
    "cut JSON",
    "cut body",
    "garbled JSON",
    "HTML",
    "empty body",
)
"""Faults that pass."""

FATAL = ("401", "403", "404", "insufficient_quota")
"""Faults that do not."""

RETRY_AFTER = 1
"""Seconds that the server asks to wait."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How a server behaves.

    Attributes:
        port: where it listens; 0 for any free port.
        labels: what it answers with.
        model: the snapshot that it says it served; empty for the one that was asked for.
        seed: of the faults.
        rate: share of requests that meet a fault.
        faults: which of them.
        fatal: the fault that every request meets.
        reply: name of the special reply that every question gets; the services know their own.
        refuses: parameters of a request that are refused with status 400.
        delay: seconds until a reply.
        hold: seconds that a request is held where it times out or trickles.
        requests: the most requests in any window; more are answered with 429.
        tokens: the most tokens, likewise.
        window: its seconds.
        elsewhere: where the fault ``redirect`` sends a request.
        dies_after: the process dies at this request, without a word.
    """

    port: int = 0
    labels: tuple[str, ...] = LABELS
    model: str = ""
    seed: int = 0
    rate: float = 0.0
    faults: tuple[str, ...] = RECOVERABLE
    fatal: str = ""
    reply: str = ""
    refuses: tuple[str, ...] = ()
    delay: float = 0.0
    hold: float = 3.0
    requests: int | None = None
    tokens: int | None = None
    window: float = 60.0
    elsewhere: str = ""
    dies_after: int | None = None

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Plan:
        fields: dict[str, Any] = json.loads(text)
        lists = {name: tuple(value) for name, value in fields.items() if isinstance(value, list)}
        return cls(**fields | lists)

    def fault(self, question: str, attempt: int) -> str:
        """The fault that an attempt at a question meets, whenever it comes; empty for none."""
        if self.fatal:
            return self.fatal
        draw = Random(f"{self.seed}/{question}/{attempt}")  # noqa: S311 - a plan, no secret
        return draw.choice(self.faults) if draw.random() < self.rate else ""

    def label(self, picture: bytes) -> str:
        """The answer to a picture, from its bytes alone."""
        return self.labels[int(sha256(picture).hexdigest()[:8], 16) % len(self.labels)]


@dataclass(frozen=True, slots=True)
class Entry:
    """One request, as the server's ledger has it.

    Attributes:
        at: when it arrived, in seconds of the machine's monotonic clock.
        method: of HTTP.
        path: what was asked for.
        key: hash of the key that came with it; empty where none did.
        question: what was asked, as one hash; empty for a request that asks no question.
        asked: what was asked, by name.
        outcome: ``answered``, the fault it met, or ``limited``.
        tokens: charged.
    """

    at: float
    method: str
    path: str
    key: str
    question: str
    asked: dict[str, str] = field(default_factory=dict)
    outcome: str = "answered"
    tokens: int = 0


def hashed(text: str | bytes) -> str:
    """A short hash, as it stands in the ledger."""
    return sha256(text.encode() if isinstance(text, str) else text).hexdigest()[:16]
