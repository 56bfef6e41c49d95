"""OpenAI's chat completions, as its own server and those that imitate it speak them."""

from __future__ import annotations

import base64
import json
import math
from typing import TYPE_CHECKING, Any

from loopback_plan import Plan, hashed
from loopback_service import Request, Response, as_json

if TYPE_CHECKING:
    from collections.abc import Mapping

_SAID = {
    "401": (401, "invalid_request_error", "invalid_api_key", "Incorrect API key provided: sk-wrong."),
    "403": (403, "invalid_request_error", "unsupported_country_region_territory", "Country not supported."),
    "404": (404, "invalid_request_error", "model_not_found", "The model `x` does not exist."),
    "insufficient_quota": (
        429,
        "insufficient_quota",
        "insufficient_quota",
        "You exceeded your current quota, please check your plan and billing details.",
    ),
    "bad picture": (400, "invalid_request_error", "invalid_image_format", "You uploaded no valid image."),
    "content policy": (400, "invalid_request_error", "content_policy_violation", "Your input was flagged."),
}

_TOKENS = (('{"', -0.001), ("expression", -0.001), ('":"', -0.001))


class ChatCompletions:
    """``POST /v1/chat/completions``."""

    def takes(self, request: Request) -> bool:
        return request.method == "POST" and request.path.endswith("/chat/completions")

    def key(self, request: Request) -> str:
        return request.headers.get("authorization", "").removeprefix("Bearer ")

    def asked(self, request: Request) -> Mapping[str, str]:
        body = json.loads(request.body)
        return {
            "model": body["model"],
            "picture": hashed(_picture(body)),
            "words": _words(body),
            "seed": str(body.get("seed")),
            "detail": str(_part(body, "image_url")["image_url"].get("detail")),
            "parameters": ",".join(sorted(body)),
        }

    def respond(self, request: Request, plan: Plan) -> Response:
        body = json.loads(request.body)
        for name in plan.refuses:
            if name in body:
                said = f"Unsupported parameter: '{name}' is not supported with this model."
                return _failure(400, "invalid_request_error", "unsupported_parameter", said, name)
        if plan.reply in {"bad picture", "content policy"}:
            return self.failure(plan.reply)
        label = plan.label(_picture(body))
        document = _completion(body, plan, label)
        tokens = document["usage"]["total_tokens"]
        _SPECIAL.get(plan.reply, lambda _document, _label: None)(document, label)
        return as_json(200, document, tokens=tokens)

    def failure(self, kind: str) -> Response:
        status, what, code, said = _SAID.get(kind, (0, "server_error", None, f"Status {kind}."))
        return _failure(status or int(kind), what, code, said)


def _failure(status: int, what: str, code: str | None, said: str, param: str | None = None) -> Response:
    return as_json(status, {"error": {"message": said, "type": what, "code": code, "param": param}})


def _part(body: dict[str, Any], kind: str) -> dict[str, Any]:
    parts: list[dict[str, Any]] = body["messages"][-1]["content"]
    return next(part for part in parts if part["type"] == kind)


def _words(body: dict[str, Any]) -> str:
    return str(_part(body, "text")["text"])


def _picture(body: dict[str, Any]) -> bytes:
    return base64.b64decode(_part(body, "image_url")["image_url"]["url"].partition(",")[2])


def _completion(body: dict[str, Any], plan: Plan, label: str) -> dict[str, Any]:
    schema = body.get("response_format", {}).get("type") == "json_schema"
    content = f'{{"expression":"{label}"}}' if schema else label
    sent = 85 + len(_words(body)) // 4
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1764000000,
        "model": plan.model or body["model"],
        "choices": [
            {
                "index": 0,
                "finish_reason": "stop",
                "message": {"role": "assistant", "content": content, "refusal": None},
                "logprobs": _logprobs(label, _words(body)) if body.get("logprobs") and schema else None,
            }
        ],
        "usage": {"prompt_tokens": sent, "completion_tokens": 9, "total_tokens": sent + 9},
    }


def sureness(words: str) -> float:
    """The probability of each of the label's two tokens: another one for another wording."""
    return 0.8 + int(hashed(words)[:4], 16) / 2**16 / 10


def _logprobs(label: str, words: str) -> dict[str, Any]:
    """The label in two tokens, the second with the closing quote."""
    sure = math.log(sureness(words))
    said = [*_TOKENS, (label[:3], sure), (f'{label[3:]}"', sure), ("}", -0.001)]
    return {
        "content": [
            {"token": token, "logprob": logprob, "bytes": list(token.encode()), "top_logprobs": []}
            for token, logprob in said
        ]
    }


def _say(content: str | None, *, finish: str = "stop", refusal: str | None = None) -> Any:  # noqa: ANN401
    def change(document: dict[str, Any], label: str) -> None:
        choice = document["choices"][0]
        said = content.replace("LABEL", label) if content else content
        choice["message"] = {"role": "assistant", "content": said, "refusal": refusal}
        choice["finish_reason"] = finish
        choice["logprobs"] = None

    return change


def _twice(document: dict[str, Any], label: str) -> None:
    document["choices"] += [json.loads(json.dumps(document["choices"][0]).replace(label, "contempt"))]


_SPECIAL: dict[str, Any] = {
    "refusal": _say(None, refusal="I'm sorry, I can't help with identifying people."),
    "content filter": _say("", finish="content_filter"),
    "length": _say('{"expression":"', finish="length"),
    "empty content": _say(None),
    "prose": _say("It is LABEL, I think."),
    "cannot tell": _say('{"expression":"cannot_tell"}'),
    "foreign word": _say('{"expression":"concentration"}'),
    "two choices": _twice,
    "no choices": lambda document, _: document.update(choices=[]),
    "strange choices": lambda document, _: document.update(choices="none"),
    "no usage": lambda document, _: document.update(usage=None),
    "error in 200": lambda document, _: document.update(
        choices=None, error={"message": "upstream", "code": 502}
    ),
    "key in words": _say("LABEL sk-canary-123"),
}
