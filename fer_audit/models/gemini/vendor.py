"""Gemini as the engine asks it, through either SDK."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from fer_audit.models.gemini.failures import PictureError
from fer_audit.models.gemini.reading import read_content
from fer_audit.models.gemini.target import URL
from fer_audit.models.remote.exchange import Reply
from fer_audit.models.remote.reach import Reach
from fer_audit.models.text import flagged
from fer_audit.vocabulary import AnswerKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fer_audit.models.gemini.request import Request
    from fer_audit.models.gemini.target import Target
    from fer_audit.models.remote.gemini_batches import GeminiBatches
    from fer_audit.wording import Wording

__all__ = ["SECONDS", "GeminiVendor", "Transport"]

SECONDS = 60.0
"""How long one request may take."""


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
        reach: whether the host was ever reached.
    """

    name: str
    transport: Transport = field(repr=False)
    target: Target
    request: Request
    reach: Reach = field(init=False, repr=False)

    def __post_init__(self) -> None:
        remedy = f"check the connection, and {URL} where it is set"
        self.reach = Reach(self.name, self.target.host, remedy)

    def ask(self, picture: bytes, wording: Wording, repeat: int, /) -> Reply:
        """As `Vendor.ask`."""
        body = self.request.body(picture, wording, repeat)
        try:
            with self.reach.watching():
                said = self.transport.send(self.request.model, body)
        except PictureError as error:
            return Reply(flagged(AnswerKind.ERROR, str(error)))
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
