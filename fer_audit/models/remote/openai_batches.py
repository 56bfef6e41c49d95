"""OpenAI's batch mode: a file of requests is uploaded, and a file of replies is fetched within a day."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from fer_audit.errors import EndpointError
from fer_audit.models.remote.batching import BatchNews, BatchReply
from fer_audit.models.remote.exchange import AgainError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from contextlib import AbstractContextManager
    from pathlib import Path

    from openai import OpenAI

    from fer_audit.models.remote.exchange import Reply
    from fer_audit.wording import Wording

__all__ = ["OpenAIBatches"]

_PATH: Final = "/v1/chat/completions"
_TOKEN = "fer-audit"  # noqa: S105 - a name in the batch's metadata, no secret
_OK = 200
_OVER = ("completed", "failed", "expired", "cancelled")


@dataclass(frozen=True, slots=True)
class OpenAIBatches:
    """Batches of chat completions.

    Attributes:
        client: of the SDK, with its own retries off.
        body: the body of the live request, of a picture in a wording, at a repeat.
        read: what the live adapter makes of a completion; raises `AgainError` or `EndpointError` of one that
            is none.
        translating: turns what the SDK raises inside its block into `AgainError` and `EndpointError`.
        most_bytes: the largest file taken, as https://platform.openai.com/docs/api-reference/batch has it.
        most_requests: likewise, in one file.
    """

    client: OpenAI
    body: Callable[[bytes, Wording, int], Mapping[str, Any]]
    read: Callable[[object], Reply]
    translating: Callable[[], AbstractContextManager[None]]
    most_bytes: int = 200_000_000
    most_requests: int = 50_000

    def line(self, key: str, picture: bytes, wording: Wording, repeat: int, /) -> bytes:
        """As `BatchVendor.line`."""
        request = {
            "custom_id": key,
            "method": "POST",
            "url": _PATH,
            "body": dict(self.body(picture, wording, repeat)),
        }
        return json.dumps(request, separators=(",", ":")).encode() + b"\n"

    def submit(self, file: Path, token: str, /) -> str:
        """As `BatchVendor.submit`."""
        with self.translating():
            uploaded = self.client.files.create(file=file, purpose="batch")
            batch = self.client.batches.create(
                input_file_id=uploaded.id,
                endpoint=_PATH,
                completion_window="24h",
                metadata={_TOKEN: token},
            )
        return batch.id

    def find(self, token: str, /) -> str | None:
        """As `BatchVendor.find`."""
        with self.translating():
            for batch in self.client.batches.list(limit=100):
                if (batch.metadata or {}).get(_TOKEN) == token:
                    return batch.id
        return None

    def look(self, batch: str, /) -> BatchNews:
        """As `BatchVendor.look`."""
        with self.translating():
            found = self.client.batches.retrieve(batch)
        reasons = [error.message or "" for error in (found.errors.data or [])] if found.errors else []
        is_whole = found.status == "completed"
        reason = (
            "" if is_whole else f"batch {batch} is {found.status}: {'; '.join(reasons) or 'no reason given'}"
        )
        return BatchNews(found.status in _OVER, reason)

    def replies(self, batch: str, /) -> Iterator[BatchReply]:
        """As `BatchVendor.replies`: of both files, that of replies and that of errors."""
        with self.translating():
            found = self.client.batches.retrieve(batch)
            names = [name for name in (found.output_file_id, found.error_file_id) if name]
            texts = [self.client.files.content(name).text for name in names]
        return (self._reply(line) for text in texts for line in text.splitlines() if line.strip())

    def _reply(self, line: str) -> BatchReply:
        try:
            said = json.loads(line)
            key, response, error = str(said["custom_id"]), said.get("response") or {}, said.get("error")
            status, body = response.get("status_code"), response.get("body") or {}
        except (ValueError, KeyError, AttributeError):
            return BatchReply("", None, f"a line of the replies reads {line:.80}")
        if error or status != _OK:
            told = error or body.get("error") or {}
            said_so = told.get("message") or told.get("code") if isinstance(told, dict) else told
            return BatchReply(key, None, f"status {status}: {said_so or 'no reason given'}")
        try:
            return BatchReply(key, self.read(body))
        except (AgainError, EndpointError) as failure:
            return BatchReply(key, None, str(failure))
