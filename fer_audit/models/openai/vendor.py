"""OpenAI's chat completions through its own SDK, one request at a time."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING, Any

import openai

from fer_audit.models.openai.failures import (
    is_block,
    is_of_picture,
    refused_parameter,
    told,
    translating,
)
from fer_audit.models.openai.reading import read_completion
from fer_audit.models.openai.target import PLACEHOLDER, URL
from fer_audit.models.remote.exchange import AgainError, Reply
from fer_audit.models.remote.openai_batches import OpenAIBatches
from fer_audit.models.remote.reach import Reach
from fer_audit.models.text import flagged
from fer_audit.vocabulary import AnswerKind

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from fer_audit.models.openai.request import Request
    from fer_audit.models.openai.target import Target
    from fer_audit.wording import Wording

__all__ = ["SECONDS", "OpenAIVendor", "connect"]

SECONDS = 60.0
"""How long one request may take."""

_CONNECT = 10.0
_MOST_BYTES = 2**20  # of a completion that holds one label
_SHOWN = 200


def connect(target: Target, key: str, *, seconds: float = SECONDS) -> openai.OpenAI:
    """A client of the SDK that sends each request once.

    Args:
        target: where.
        key: sent with each request.
        seconds: how long one may take.
    """
    timeout = openai.Timeout(seconds, connect=min(_CONNECT, seconds))
    return openai.OpenAI(base_url=target.url, api_key=key, max_retries=0, timeout=timeout)


@dataclass(slots=True)
class OpenAIVendor:
    """A model behind OpenAI's protocol.

    Attributes:
        name: short name of the model, for messages.
        client: of the SDK, with its own retries off.
        target: where it is asked.
        request: what it is asked.
        seconds: how long one request may take, a reply that trickles included.
        reach: whether the host was ever reached.
    """

    name: str
    client: openai.OpenAI = field(repr=False)
    target: Target
    request: Request
    seconds: float = SECONDS
    reach: Reach = field(init=False, repr=False)
    _logprobs: bool = field(default=True, init=False, repr=False)

    def __post_init__(self) -> None:
        remedy = f"check {URL} and the connection, or start the server"
        self.reach = Reach(self.name, self.target.host, remedy)

    def ask(self, picture: bytes, wording: Wording, repeat: int, /) -> Reply:
        """As `Vendor.ask`."""
        with self.reach.watching(), self.translating():
            return self._reply(picture, wording, repeat)

    def body(self, picture: bytes, wording: Wording, repeat: int, /) -> dict[str, Any]:
        """The body of a request."""
        return self.request.body(picture, wording, repeat, logprobs=self._logprobs)

    def read(self, document: object, /) -> Reply:
        """What a completion says; should it repeat the key, that is taken out.

        Raises:
            AgainError: it is no completion.
        """
        shown = json.loads(self._hide(json.dumps(document)))
        return read_completion(shown, labels=self.request.labels, model=self.request.model)

    def translating(self) -> AbstractContextManager[None]:
        """What the SDK raises inside its block becomes `AgainError` or `EndpointError`."""
        return translating(self.name, self.target, hide=self._hide)

    def batches(self) -> OpenAIBatches:
        """The batch mode, with the same requests and the same reading."""
        return OpenAIBatches(self.client, self.body, self.read, self.translating)

    def close(self) -> None:
        """Let go of connections."""
        self.client.close()

    def _reply(self, picture: bytes, wording: Wording, repeat: int) -> Reply:
        body = self.body(picture, wording, repeat)
        try:
            said = self._send(body)
        except openai.APIStatusError as error:
            if is_block(error):
                return self._failed(AnswerKind.BLOCKED_INPUT, error)
            if is_of_picture(error):
                return self._failed(AnswerKind.ERROR, error)
            # How sure a model was changes none of its answers: one that cannot say so is asked without.
            if refused_parameter(error) == "logprobs" and "logprobs" in body:
                self._logprobs = False
                return self._reply(picture, wording, repeat)
            raise
        try:
            document = json.loads(said)
        except (ValueError, RecursionError) as error:
            begins = self._hide(said[:_SHOWN].decode(errors="replace"))
            raise AgainError(f"what came back is no JSON ({begins!r:.60})", charged=True) from error
        return self.read(document)

    def _send(self, body: dict[str, Any]) -> bytes:
        """The bytes of the reply; the SDK's own time-out looks at one read, and nothing at their number."""
        deadline = monotonic() + self.seconds
        said = bytearray()
        with self.client.chat.completions.with_streaming_response.create(**body) as response:
            for chunk in _unbroken(response.iter_bytes()):
                said += chunk
                if monotonic() > deadline:
                    raise AgainError("no whole answer in time", charged=True)
                if len(said) > _MOST_BYTES:
                    raise AgainError(f"a reply of more than {_MOST_BYTES:,} bytes", charged=True)
        return bytes(said)

    def _failed(self, kind: AnswerKind, error: openai.APIStatusError) -> Reply:
        return Reply(flagged(kind, told(error, self._hide)))

    def _hide(self, said: str) -> str:
        key = self.client.api_key
        return said if key in {"", PLACEHOLDER} else said.replace(key, "[key]")


def _unbroken(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The rest of a reply whose head is there: here the SDK lets its transport's own errors through."""
    try:
        yield from chunks
    except Exception as error:
        raise AgainError(f"the connection broke ({type(error).__name__})", charged=True) from error
