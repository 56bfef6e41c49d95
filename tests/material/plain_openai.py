"""A vendor as small as can be on OpenAI's own SDK, for tests of what is around an adapter."""

from __future__ import annotations

import base64
import json
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import openai

from fer_audit.errors import EndpointError
from fer_audit.models import Endpoint, ModelSpec, Price
from fer_audit.models.remote import AgainError, RemoteRecognizer, Reply
from fer_audit.models.remote.openai_batches import OpenAIBatches
from fer_audit.records import Answer
from fer_audit.vocabulary import AnswerKind
from fer_audit.wording import Wording

if TYPE_CHECKING:
    from collections.abc import Iterator

PLAIN = Wording("plain", "1", ("Which of {labels}?",))
PRICE = Price(2.0, 8.0, "a test")
SENT, RECEIVED = 200, 20
KEY = "sk-canary-" + "5" * 20


@dataclass(frozen=True, slots=True)
class PlainOpenAI:
    client: openai.OpenAI
    labels: tuple[str, ...]
    most_requests: int = 50_000
    most_bytes: int = 200_000_000

    def ask(self, picture: bytes, wording: Wording, repeat: int) -> Reply:
        with translating():
            return read(
                self.client.chat.completions.create(**self.body(picture, wording, repeat)).model_dump()
            )

    def body(self, picture: bytes, wording: Wording, repeat: int) -> dict[str, Any]:
        url = f"data:image/jpeg;base64,{base64.b64encode(picture).decode()}"
        words = wording.texts[0].format(labels=", ".join(self.labels))
        return {
            "model": "gpt-4o",
            "seed": repeat,
            "messages": [
                {
                    "role": "user",
                    "content": [
                        {"type": "text", "text": words},
                        {"type": "image_url", "image_url": {"url": url}},
                    ],
                }
            ],
        }

    def batches(self) -> OpenAIBatches:
        return OpenAIBatches(
            self.client,
            self.body,
            read,
            translating,
            most_bytes=self.most_bytes,
            most_requests=self.most_requests,
        )

    def close(self) -> None:
        self.client.close()


def read(document: Any) -> Reply:  # noqa: ANN401 - JSON
    usage = document["usage"]
    answer = Answer(AnswerKind.ANSWERED, document["choices"][0]["message"]["content"])
    return Reply(answer, document["model"], usage["prompt_tokens"], usage["completion_tokens"])


@contextmanager
def translating() -> Iterator[None]:
    try:
        yield
    except (openai.AuthenticationError, openai.PermissionDeniedError, openai.NotFoundError) as error:
        raise EndpointError(f"the endpoint refuses (status {error.status_code})") from error
    except (openai.APIConnectionError, openai.APIStatusError, json.JSONDecodeError) as error:
        raise AgainError(type(error).__name__) from error


def plain_openai(
    host: str, *, key: str = KEY, most_requests: int = 50_000, most_bytes: int = 200_000_000
) -> ModelSpec:
    endpoint = Endpoint(host, "PLAIN_KEY", PRICE, tokens_sent=SENT, tokens_received=RECEIVED, batches=True)

    def load(labels: tuple[str, ...]) -> RemoteRecognizer:
        client = openai.OpenAI(base_url=f"http://{host}/v1", api_key=key, max_retries=0, timeout=2.0)
        vendor = PlainOpenAI(client, labels, most_requests, most_bytes)
        return RemoteRecognizer("plain", vendor, labels, endpoint, (PLAIN,))

    # Ports change from one server to the next; the vendor is the same.
    return ModelSpec("plain", load, lambda: {"model": "gpt-4o"}, wordings=(PLAIN,), endpoint=endpoint)
