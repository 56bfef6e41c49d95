"""Gemini as the engine asks it, through either SDK."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING, Any, Protocol

from fer_audit.errors import EndpointError
from fer_audit.models.gemini.failures import PictureError, UnreachedError
from fer_audit.models.gemini.reading import read_content
from fer_audit.models.gemini.target import URL
from fer_audit.models.remote.exchange import AgainError, Reply
from fer_audit.models.text import read_text
from fer_audit.records import Answer
from fer_audit.vocabulary import AnswerKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fer_audit.models.gemini.request import Request
    from fer_audit.models.gemini.target import Target
    from fer_audit.models.remote.gemini_batches import GeminiBatches
    from fer_audit.wording import Wording

__all__ = ["LOST", "SECONDS", "GeminiVendor", "Transport"]

SECONDS = 60.0
"""How long one request may take."""

LOST = 15.0
"""How long a host that was never reached is tried."""


class Transport(Protocol):
    """One SDK: a body goes out, a response comes back, both as JSON."""

    @property
    def key(self) -> str:
        """The key, which no message may repeat."""
        ...

    def send(self, model: str, body: Mapping[str, Any], /) -> object:
        """Ask for content, once.

        Raises:
            AgainError: it may go well another time.
            EndpointError: it never will.
            PictureError: it may go well with another picture.
            UnreachedError: the request never left.
        """
        ...

    def batches(self, vendor: GeminiVendor, /) -> GeminiBatches:
        """The batch mode, with the same requests and the same reading."""
        ...

    def close(self) -> None:
        """Let go of connections."""
        ...


@dataclass(slots=True)
class GeminiVendor:
    """A model of Google's API.

    Attributes:
        name: short name of the model, for messages.
        transport: the SDK.
        target: where it is asked.
        request: what it is asked.
        lost: seconds after which a host that was never reached is taken for a wrong one.
    """

    name: str
    transport: Transport = field(repr=False)
    target: Target
    request: Request
    lost: float = LOST
    _reached: bool = field(default=False, init=False, repr=False)
    _first_lost: float = field(default=0.0, init=False, repr=False)

    def ask(self, picture: bytes, wording: Wording, repeat: int, /) -> Reply:
        """As `Vendor.ask`."""
        try:
            said = self.transport.send(self.request.model, self.request.body(picture, wording, repeat))
        except UnreachedError as error:
            self._lose(error)
            raise
        except AgainError:
            self._reached = True
            raise
        except PictureError as error:
            words = read_text(str(error), self.request.labels).raw
            return Reply(Answer(AnswerKind.ERROR, raw=words, flagged=True))
        self._reached = True
        return self.read(said)

    def read(self, document: object, /) -> Reply:
        """What a response says; should it repeat the key, that is taken out.

        Raises:
            AgainError: it is no response.
        """
        shown = json.loads(json.dumps(document).replace(self.transport.key, "[key]"))
        return read_content(shown, labels=self.request.labels, model=self.request.model)

    def batches(self) -> GeminiBatches:
        """The batch mode, with the same requests and the same reading.

        Raises:
            ConfigurationError: the SDK that is installed has none.
        """
        return self.transport.batches(self)

    def close(self) -> None:
        """Let go of connections."""
        self.transport.close()

    def _lose(self, error: AgainError) -> None:
        """A host that was never reached is more likely a wrong one than one that is down."""
        now = monotonic()
        self._first_lost = self._first_lost or now
        if not self._reached and now - self._first_lost >= self.lost:
            raise EndpointError(
                f"model {self.name!r}: {self.target.host} cannot be reached and never was in this run; check "
                f"the connection, and {URL} where it is set"
            ) from error
