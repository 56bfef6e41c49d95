"""Gemini through google-genai, the SDK that its vendor maintains."""

from __future__ import annotations

import json
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from time import monotonic
from typing import TYPE_CHECKING, Any

from google.genai import Client, types
from google.genai.errors import APIError

from fer_audit.models.gemini.failures import failure_of
from fer_audit.models.remote.exchange import AgainError
from fer_audit.models.remote.gemini_batches import GeminiBatches
from fer_audit.models.remote.reach import UnreachedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import ModuleType

    from fer_audit.models.gemini.target import Target
    from fer_audit.models.gemini.vendor import GeminiVendor
    from fer_audit.models.remote.exchange import Reply
    from fer_audit.wording import Wording

__all__ = ["GenAI"]

_VERSION = "v1beta"  # the SDK's own choice differs between its majors, and v1 knows no response schema
_ASKING = ":generateContent"
_MOST_BYTES = 2**20  # of a response that holds one label
# The SDK's transport moved from one package to another; its errors come through as they are.
_TRANSPORTS = ("httpx2", "httpx")
_UNSENT = frozenset({"ConnectError", "ConnectTimeout", "PoolTimeout"})


class GenAI:
    """The SDK as a transport: see `fer_audit.models.gemini.vendor.Transport`.

    Its own retries stay off: it would send again before the time that the endpoint asks to wait.

    Args:
        model: short name, for messages.
        target: where.
        key: sent with each request.
        seconds: how long one may take, a response that trickles included.
    """

    def __init__(self, model: str, target: Target, key: str, *, seconds: float) -> None:
        self.key = key
        self._model = model
        self._target = target
        self._seconds = seconds
        self._errors = tuple(module.HTTPError for name in _TRANSPORTS if (module := _found(name)) is not None)
        options = types.HttpOptions(
            base_url=target.url,
            api_version=_VERSION,
            timeout=round(1000 * seconds),  # in milliseconds
            # A redirect would carry the key to another host.
            client_args={"follow_redirects": False, "event_hooks": {"response": [self._bound]}},
        )
        self._client = Client(vertexai=False, api_key=key, http_options=options)

    def send(self, model: str, body: Mapping[str, Any], /) -> object:
        """As `Transport.send`; the bytes are read here: the SDK warns of every word that it does not know."""
        asked = _arguments(body)
        asked["config"].should_return_http_response = True
        with self.translating():
            response = self._client.models.generate_content(model=model, **asked).sdk_http_response
        said = (response.body if response is not None else None) or ""
        try:
            found: object = json.loads(said)
        except (ValueError, RecursionError) as error:
            begins = said[:60].replace(self.key, "[key]")
            raise AgainError(f"what came back is no JSON ({begins!r})", charged=True) from error
        return found

    @contextmanager
    def translating(self) -> Iterator[None]:
        """What the SDK raises inside its block becomes what `Transport.send` raises."""
        try:
            yield
        except APIError as error:
            headers = getattr(error.response, "headers", None) or {}
            found = failure_of(
                error.code, error.details, retry_after=headers.get("retry-after", ""), hide=self.key
            )
            raise found.error(self._model, self._target) from error
        except json.JSONDecodeError as error:
            raise AgainError("what came back is cut or garbled", charged=True) from error
        except self._errors as error:
            name = type(error).__name__
            if name in _UNSENT:
                raise UnreachedError(f"{self._target.host} cannot be reached") from error
            why = "no answer in time" if name.endswith("Timeout") else f"the connection broke ({name})"
            raise AgainError(why, charged=True) from error

    def batches(self, vendor: GeminiVendor, /) -> GeminiBatches:
        """As `Transport.batches`."""

        def body(picture: bytes, wording: Wording, repeat: int) -> Mapping[str, Any]:
            return _arguments(vendor.request.body(picture, wording, repeat))

        def read(response: types.GenerateContentResponse) -> Reply:
            return vendor.read(response.model_dump(mode="json", by_alias=True, exclude_none=True))

        return GeminiBatches(self._client, vendor.request.model, body, read, self.translating)

    def close(self) -> None:
        """Let go of connections."""
        self._client.close()

    def _bound(self, response: Any) -> None:  # noqa: ANN401 - of the one package or the other
        """An answer must be whole in time: the SDK's time-out looks at one read, nothing at their number."""
        if not str(response.request.url.path).endswith(_ASKING):
            return
        package = import_module(type(response).__module__.partition(".")[0])
        response.stream = _bounded(package.SyncByteStream)(response.stream, monotonic() + self._seconds)


def _arguments(body: Mapping[str, Any]) -> dict[str, Any]:
    """The wire format as the SDK takes it."""
    config = {**body["generationConfig"], "safetySettings": body["safetySettings"]}
    return {
        "contents": [types.Content.model_validate_json(json.dumps(content)) for content in body["contents"]],
        "config": types.GenerateContentConfig.model_validate(config),
    }


def _found(name: str) -> ModuleType | None:
    try:
        return import_module(name)
    except ModuleNotFoundError:
        return None


@cache
def _bounded(stream: type[Any]) -> type[Any]:
    """A stream that gives up on a response that trickles or does not end."""

    class Bounded(stream):  # type: ignore[misc]
        def __init__(self, inner: Any, deadline: float) -> None:  # noqa: ANN401 - see above
            self._inner = inner
            self._deadline = deadline

        def __iter__(self) -> Iterator[bytes]:
            size = 0
            for chunk in self._inner:
                size += len(chunk)
                if monotonic() > self._deadline:
                    raise AgainError("no whole answer in time", charged=True)
                if size > _MOST_BYTES:
                    raise AgainError(f"a response of more than {_MOST_BYTES:,} bytes", charged=True)
                yield chunk

        def close(self) -> None:
            self._inner.close()

    return Bounded
