"""Google's ``generateContent``, as both SDKs speak it: the older one wants enums as integers."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from loopback_plan import RETRY_AFTER, Plan, hashed
from loopback_service import Request, Response, as_json

if TYPE_CHECKING:
    from collections.abc import Mapping

_INVALID_KEY = {
    "@type": "type.googleapis.com/google.rpc.ErrorInfo",
    "reason": "API_KEY_INVALID",
    "domain": "googleapis.com",
}


def _quota(name: str, delay: str) -> list[dict[str, Any]]:
    return [
        {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [{"quotaId": name}]},
        {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": delay},
    ]


_EXCEEDED = "You exceeded your current quota, please check your plan and billing details."
_SAID: dict[str, tuple[int, str, str, list[dict[str, Any]]]] = {
    "400": (400, "INVALID_ARGUMENT", "Image input modality is not enabled for this model.", []),
    "401": (400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.", [_INVALID_KEY]),
    "403": (403, "PERMISSION_DENIED", "Generative Language API has not been used in project 1.", []),
    "404": (404, "NOT_FOUND", "models/x is not found for API version v1beta.", []),
    "insufficient_quota": (
        429,
        "RESOURCE_EXHAUSTED",
        _EXCEEDED,
        _quota("GenerateRequestsPerDayPerProjectPerModel-FreeTier", "17s"),
    ),
    "no credit": (429, "RESOURCE_EXHAUSTED", "Your prepayment credits are depleted.", []),
    "a minute's limit": (
        429,
        "RESOURCE_EXHAUSTED",
        _EXCEEDED,
        _quota("GenerateRequestsPerMinutePerProjectPerModel", f"{RETRY_AFTER}.5s"),
    ),
    "image": (400, "INVALID_ARGUMENT", "Unable to process input image. Please retry or report.", []),
}
_FINISH = {
    "STOP": 1,
    "MAX_TOKENS": 2,
    "SAFETY": 3,
    "RECITATION": 4,
    "OTHER": 5,
    "BLOCKLIST": 7,
    "PROHIBITED_CONTENT": 8,
    "SPII": 9,
    "IMAGE_SAFETY": 11,
}
_BLOCK = {"SAFETY": 1, "OTHER": 2, "BLOCKLIST": 3, "PROHIBITED_CONTENT": 4, "IMAGE_SAFETY": 5}


class GenerateContent:
    """``POST /v1beta/models/NAME:generateContent``."""

    def takes(self, request: Request) -> bool:
        return request.method == "POST" and urlsplit(request.path).path.endswith(":generateContent")

    def key(self, request: Request) -> str:
        return request.headers.get("x-goog-api-key", "")

    def asked(self, request: Request) -> Mapping[str, str]:
        body = json.loads(request.body)
        config = body["generationConfig"]
        return {
            "model": _model(request),
            "picture": hashed(_picture(body)),
            "words": _words(body),
            "seed": str(config.get("seed")),
            "config": json.dumps(config, sort_keys=True),
            "safety": json.dumps(body["safetySettings"], sort_keys=True),
        }

    def respond(self, request: Request, plan: Plan) -> Response:
        if plan.reply in _SAID:
            return self.failure(plan.reply)
        body = json.loads(request.body)
        label = plan.label(_picture(body))
        sent = 258 + len(_words(body)) // 4
        document: dict[str, Any] = {
            "candidates": [
                {
                    "content": {"role": "model", "parts": [{"text": f'{{"expression": "{label}"}}'}]},
                    "finishReason": "STOP",
                    "index": 0,
                }
            ],
            "usageMetadata": {
                "promptTokenCount": sent,
                "candidatesTokenCount": 6,
                "thoughtsTokenCount": 3,
                "totalTokenCount": sent + 9,
            },
            "modelVersion": plan.model or _model(request),
            "responseId": "r1",
        }
        if plan.reply:
            _special(document, plan.reply, label)
        if "enum-encoding=int" in "".join(parse_qs(urlsplit(request.path).query).get("$alt", [])):
            _as_integers(document)
        return as_json(200, document, tokens=sent + 9)

    def failure(self, kind: str) -> Response:
        status, name, message, details = _SAID.get(kind, (0, "UNAVAILABLE", f"Status {kind}.", []))
        status = status or int(kind)
        error = {"code": status, "message": message, "status": name, "details": details}
        return as_json(status, {"error": error})


def _model(request: Request) -> str:
    return urlsplit(request.path).path.rpartition("/")[2].partition(":")[0]


def _parts(body: dict[str, Any]) -> list[dict[str, Any]]:
    parts: list[dict[str, Any]] = body["contents"][0]["parts"]
    return parts


def _words(body: dict[str, Any]) -> str:
    return "".join(part.get("text", "") for part in _parts(body))


def _picture(body: dict[str, Any]) -> bytes:
    data: str = next(part["inlineData"]["data"] for part in _parts(body) if "inlineData" in part)
    return base64.b64decode(data.replace("-", "+").replace("_", "/"))


def _special(document: dict[str, Any], reply: str, label: str) -> None:
    """``block REASON``, ``finish REASON``, ``say WORDS`` (LABEL in them is the label), and a few names."""
    kind, _, rest = reply.partition(" ")
    candidate = document["candidates"][0]
    match kind:
        case "block":
            del document["candidates"]
            document["promptFeedback"] = {"blockReason": rest}
        case "finish":
            del candidate["content"]
            candidate["finishReason"] = rest
        case "cut":
            candidate["content"]["parts"] = [{"text": rest}]
            candidate["finishReason"] = "MAX_TOKENS"
        case "say":
            candidate["content"]["parts"] = [{"text": rest.replace("LABEL", label)}]
        case "think":
            thought = {"text": "It may be anger, fear or joy.", "thought": True}
            candidate["content"]["parts"].insert(0, thought)
        case "nobody":
            document["candidates"] = []
        case "nothing":
            document.clear()
        case "strange":
            document["candidates"] = [{"content": {"parts": [{"text": label}]}, "finishReason": "NEW_REASON"}]


def _as_integers(document: dict[str, Any]) -> None:
    for candidate in document.get("candidates", ()):
        candidate["finishReason"] = _FINISH.get(candidate["finishReason"], 99)
    if feedback := document.get("promptFeedback"):
        feedback["blockReason"] = _BLOCK[feedback["blockReason"]]
