"""What the loopback server needs to know of one vendor's protocol."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from loopback_plan import Plan


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it arrived."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Response:
    """What is sent back; `tokens` are charged."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})
    tokens: int = 0


class Service(Protocol):
    """A part of one vendor's protocol.

    A service that asks no question of a model (files, batches) returns nothing from `asked`: such requests
    meet no fault of the plan but the fatal one, and count towards no limit.
    """

    def takes(self, request: Request, /) -> bool:
        """Whether it is the one for this request."""
        ...

    def key(self, request: Request, /) -> str:
        """The key that came with a request; empty where none did."""
        ...

    def asked(self, request: Request, /) -> Mapping[str, str]:
        """What a question asks, by name, with ``picture``, its hash: what makes it the same question."""
        ...

    def respond(self, request: Request, plan: Plan, /) -> Response:
        """The reply to a request that meets no fault."""
        ...

    def failure(self, kind: str, /) -> Response:
        """How the vendor says that something is wrong: a status such as ``503``, or ``insufficient_quota``."""
        ...


def as_json(status: int, document: object, *, tokens: int = 0) -> Response:
    return Response(status, json.dumps(document).encode(), tokens=tokens)
