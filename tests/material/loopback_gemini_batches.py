"""Gemini's batches of inlined requests, kept in memory: every second look finds them done."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from loopback_service import Request, Response, as_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from loopback_plan import Plan

GEMINI_EXPIRES = "the first job of Gemini expires half-way"
GEMINI_NEEDS_TWO = "each request of a job of Gemini fails once"


class GeminiBatchJobs:
    """``POST models/NAME:batchGenerateContent`` and ``GET batches``."""

    def __init__(self) -> None:
        self._jobs: dict[str, dict[str, Any]] = {}
        self._requests: dict[str, list[dict[str, Any]]] = {}
        self._seen: set[str] = set()

    def takes(self, request: Request) -> bool:
        if "x-goog-api-key" not in request.headers:
            return False
        path = request.path.partition("?")[0]
        return path.endswith(":batchGenerateContent") or path.split("/")[2:3] == ["batches"]

    def key(self, request: Request) -> str:
        return request.headers.get("x-goog-api-key", "")

    def asked(self, request: Request) -> Mapping[str, str]:
        if request.method != "POST":
            return {}
        batch = json.loads(request.body)["batch"]
        return {"keys": ",".join(_keys(batch)), "token": batch["displayName"]}

    def respond(self, request: Request, plan: Plan) -> Response:
        path = request.path.partition("?")[0].split("/")[2:]
        if request.method == "POST":
            batch = json.loads(request.body)["batch"]
            name = f"batches/{len(self._jobs)}"
            self._requests[name] = batch["inputConfig"]["requests"]["requests"]
            about = {"displayName": batch["displayName"], "state": "BATCH_STATE_PENDING"}
            self._jobs[name] = {"name": name, "metadata": about}
            return as_json(200, self._jobs[name])
        if path == ["batches"]:
            return as_json(200, {"operations": list(self._jobs.values())})
        job = self._jobs["/".join(path)]
        if job["metadata"]["state"] == "BATCH_STATE_PENDING":
            job["metadata"]["state"] = "BATCH_STATE_RUNNING"
        elif job["metadata"]["state"] == "BATCH_STATE_RUNNING":
            self._finish(job, plan)
        return as_json(200, job)

    def failure(self, kind: str) -> Response:
        status = int(kind)
        return as_json(status, {"error": {"code": status, "message": f"Status {kind}.", "status": "X"}})

    def _finish(self, job: dict[str, Any], plan: Plan) -> None:
        requests, state = self._requests[job["name"]], "BATCH_STATE_SUCCEEDED"
        if plan.reply == GEMINI_EXPIRES and job["name"] == "batches/0":
            requests, state = requests[: len(requests) // 2], "BATCH_STATE_EXPIRED"
        said = [self._said(one, plan) for one in reversed(requests)]
        job["metadata"] |= {"state": state, "output": {"inlinedResponses": {"inlinedResponses": said}}}

    def _said(self, one: dict[str, Any], plan: Plan) -> dict[str, Any]:
        key = one["metadata"]["key"]
        is_new = key not in self._seen
        self._seen.add(key)
        if plan.reply == GEMINI_NEEDS_TWO and is_new:
            return {"metadata": one["metadata"], "error": {"code": 13, "message": "Internal."}}
        parts = one["request"]["contents"][0]["parts"]
        picture = next(part["inlineData"]["data"] for part in parts if "inlineData" in part)
        label = plan.label(base64.b64decode(picture.replace("-", "+").replace("_", "/")))
        answer = {
            "candidates": [
                {"content": {"role": "model", "parts": [{"text": label}]}, "finishReason": "STOP"}
            ],
            "usageMetadata": {"promptTokenCount": 100, "candidatesTokenCount": 9},
            "modelVersion": plan.model or "gemini",
        }
        return {"metadata": one["metadata"], "response": answer}


def _keys(batch: dict[str, Any]) -> list[str]:
    return [one["metadata"]["key"] for one in batch["inputConfig"]["requests"]["requests"]]
