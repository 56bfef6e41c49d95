"""Gemini's batch mode: requests are handed over in one call, and their replies come with the finished job."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fer_audit.errors import EndpointError
from fer_audit.models.extras import import_extra
from fer_audit.models.remote.batching import BatchNews, BatchReply
from fer_audit.models.remote.exchange import AgainError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from contextlib import AbstractContextManager
    from pathlib import Path
    from types import ModuleType

    from google.genai import Client
    from google.genai.types import GenerateContentResponse, InlinedResponse

    from fer_audit.models.remote.exchange import Reply
    from fer_audit.wording import Wording

__all__ = ["GeminiBatches"]

_KEY = "key"
_WHOLE = "JOB_STATE_SUCCEEDED"
_OVER = (
    _WHOLE,
    "JOB_STATE_FAILED",
    "JOB_STATE_CANCELLED",
    "JOB_STATE_EXPIRED",
    "JOB_STATE_PARTIALLY_SUCCEEDED",
)


@dataclass(frozen=True, slots=True)
class GeminiBatches:
    """Batches of requests for content.

    Attributes:
        client: of the SDK, with its own retries off.
        model: the vendor's name of the model.
        body: what the live request is called with beside the model (contents and config), of a picture in a
            wording, at a repeat.
        read: what the live adapter makes of a response; raises `AgainError` or `EndpointError` of one that is
            none.
        translating: turns what the SDK raises inside its block into `AgainError` and `EndpointError`.
        most_bytes: of one call; https://ai.google.dev/gemini-api/docs/batch-api takes less than 20 MB.
        most_requests: in one call.
    """

    client: Client
    model: str
    body: Callable[[bytes, Wording, int], Mapping[str, Any]]
    read: Callable[[GenerateContentResponse], Reply]
    translating: Callable[[], AbstractContextManager[None]]
    most_bytes: int = 18_000_000
    most_requests: int = 5_000

    def line(self, key: str, picture: bytes, wording: Wording, repeat: int, /) -> bytes:
        """As `BatchVendor.line`; the key travels with the request and comes back with its reply."""
        request = self._types().InlinedRequest(
            model=self.model, metadata={_KEY: key}, **self.body(picture, wording, repeat)
        )
        said: str = request.model_dump_json(exclude_none=True)
        return said.encode() + b"\n"

    def submit(self, file: Path, token: str, /) -> str:
        """As `BatchVendor.submit`."""
        types = self._types()
        lines = file.read_bytes().splitlines()
        with self.translating():
            job = self.client.batches.create(
                model=self.model,
                src=[types.InlinedRequest.model_validate_json(line) for line in lines],
                config={"display_name": token},
            )
        return job.name or ""

    def find(self, token: str, /) -> str | None:
        """As `BatchVendor.find`."""
        with self.translating():
            for job in self.client.batches.list(config={"page_size": 100}):
                if job.display_name == token:
                    return job.name
        return None

    def look(self, batch: str, /) -> BatchNews:
        """As `BatchVendor.look`."""
        with self.translating():
            job = self.client.batches.get(name=batch)
        state = job.state.value if job.state is not None else "of no state"
        why = job.error.message if job.error is not None else None
        reason = "" if state == _WHOLE else f"batch {batch} is {state}: {why or 'no reason given'}"
        return BatchNews(state in _OVER, reason)

    def replies(self, batch: str, /) -> Iterator[BatchReply]:
        """As `BatchVendor.replies`."""
        with self.translating():
            job = self.client.batches.get(name=batch)
        found = (job.dest.inlined_responses if job.dest is not None else None) or []
        return (self._reply(one) for one in found)

    def _reply(self, one: InlinedResponse) -> BatchReply:
        key = (one.metadata or {}).get(_KEY, "")
        if one.response is None:
            why = one.error.message if one.error is not None else None
            return BatchReply(key, None, f"no response: {why or 'no reason given'}")
        try:
            return BatchReply(key, self.read(one.response))
        except (AgainError, EndpointError) as failure:
            return BatchReply(key, None, str(failure))

    def _types(self) -> ModuleType:
        return import_extra("google.genai.types", extra="gemini", model=self.model)
