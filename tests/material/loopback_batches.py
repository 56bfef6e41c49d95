"""OpenAI's files and batches, kept in memory: every second look finds the batches done that can be."""

from __future__ import annotations

import json
from email.parser import BytesParser
from email.policy import HTTP
from typing import TYPE_CHECKING, Any

from loopback_openai import ChatCompletions
from loopback_plan import Plan, hashed
from loopback_service import Request, Response, as_json

if TYPE_CHECKING:
    from collections.abc import Mapping

_CHAT = ChatCompletions()
_NEVER = 10**9

# How a plan's special reply changes batches; the first batch means the first that was made.
EXPIRES = "the first batch expires half-way"
FAILS = "the first batch fails"
ALL_FAIL = "every batch fails"
NEEDS_TWO = "each request fails once"
ONE_BAD = "one request always fails"
HANGS = "no batch is ever done"
GARBLED = "a line of each batch is garbled"


class FilesAndBatches:
    """``/v1/files`` and ``/v1/batches``."""

    def __init__(self) -> None:
        self._files: dict[str, bytes] = {}
        self._batches: dict[str, dict[str, Any]] = {}
        self._looks: dict[str, int] = {}
        self._seen: set[str] = set()

    def takes(self, request: Request) -> bool:
        return "/v1/files" in request.path or "/v1/batches" in request.path

    def key(self, request: Request) -> str:
        return _CHAT.key(request)

    def asked(self, request: Request) -> Mapping[str, str]:
        if request.method != "POST":
            return {}
        if "/files" in request.path:
            keys = [json.loads(line)["custom_id"] for line in _uploaded(request).splitlines()]
            return {"keys": ",".join(keys), "file": hashed(_uploaded(request))}
        return {"token": json.loads(request.body)["metadata"]["fer-audit"]}

    def respond(self, request: Request, plan: Plan) -> Response:
        path = request.path.partition("?")[0].split("/v1/")[1].split("/")
        match request.method, path:
            case "POST", ["files"]:
                return as_json(200, self._kept(_uploaded(request)))
            case "POST", ["batches"]:
                return as_json(200, self._made(json.loads(request.body), plan))
            case "GET", ["batches"]:
                newest = list(self._batches.values())[::-1]
                return as_json(200, {"object": "list", "data": newest, "has_more": False})
            case "GET", ["batches", name]:
                return as_json(200, self._looked(name, plan))
            case "GET", ["files", name, "content"]:
                return Response(200, self._files[name], {"Content-Type": "application/octet-stream"})
        return as_json(404, {"error": {"message": "no such path"}})

    def failure(self, kind: str) -> Response:
        return _CHAT.failure(kind)

    def _kept(self, content: bytes) -> dict[str, Any]:
        name = f"file-{len(self._files)}"
        self._files[name] = content
        return {
            "id": name,
            "object": "file",
            "bytes": len(content),
            "created_at": 1,
            "filename": "x",
            "purpose": "batch",
            "status": "processed",
        }

    def _made(self, body: dict[str, Any], plan: Plan) -> dict[str, Any]:
        name = f"batch_{len(self._batches)}"
        batch = {
            "id": name,
            "object": "batch",
            "endpoint": body["endpoint"],
            "input_file_id": body["input_file_id"],
            "completion_window": body["completion_window"],
            "created_at": 1,
            "metadata": body["metadata"],
            "status": "validating",
        }
        self._batches[name] = batch
        self._looks[name] = _NEVER if plan.reply == HANGS else 2
        return batch

    def _looked(self, name: str, plan: Plan) -> dict[str, Any]:
        batch = self._batches[name]
        self._looks[name] -= 1
        if self._looks[name] == 0:
            self._finish(batch, plan)
        elif self._looks[name] > 0:
            batch["status"] = "in_progress"
        return batch

    def _finish(self, batch: dict[str, Any], plan: Plan) -> None:
        is_first = batch["id"] == "batch_0"
        if plan.reply == ALL_FAIL or (plan.reply == FAILS and is_first):
            batch["status"] = "failed"
            batch["errors"] = {"object": "list", "data": [{"code": "x", "message": "Enqueued token limit."}]}
            return
        lines = [json.loads(line) for line in self._files[batch["input_file_id"]].splitlines()]
        batch["status"] = "completed"
        if plan.reply == EXPIRES and is_first:
            lines, batch["status"] = lines[: len(lines) // 2], "expired"
        good, bad = [], []
        worst = min((line["custom_id"] for line in lines), default="") if plan.reply == ONE_BAD else ""
        for line in reversed(lines):  # the order of replies is not that of requests
            key = line["custom_id"]
            if key == worst or (plan.reply == NEEDS_TWO and key not in self._seen):
                bad.append(_reply(key, 500, _CHAT.failure("500")))
            else:
                request = Request("POST", line["url"], {}, json.dumps(line["body"]).encode())
                good.append(_reply(key, 200, _CHAT.respond(request, plan)))
            self._seen.add(key)
        if plan.reply == GARBLED:
            good[0] = good[0][: len(good[0]) // 2]
        if good:
            batch["output_file_id"] = self._kept(b"\n".join(good))["id"]
        if bad:
            batch["error_file_id"] = self._kept(b"\n".join(bad))["id"]


def _reply(key: str, status: int, said: Response) -> bytes:
    response = {"status_code": status, "request_id": "r", "body": json.loads(said.body)}
    return json.dumps({"id": "x", "custom_id": key, "response": response, "error": None}).encode()


def _uploaded(request: Request) -> bytes:
    """The file in a form with several parts."""
    head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
    form = BytesParser(policy=HTTP).parsebytes(head + request.body)
    for part in form.iter_parts():
        if part.get_filename():
            content = part.get_payload(decode=True)
            return content if isinstance(content, bytes) else b""
    return b""
