"""The body of a request for a chat completion, the same for live requests and for batches."""

from __future__ import annotations

import json
from base64 import b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from fer_audit.models.prompts import answer_key, choices, question

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from fer_audit.wording import Wording

__all__ = ["Request"]

_FORMAT = "1"  # of the schema; counts up when it changes
_SEED = 20_250
_DETAIL = "low"
_IMAGE = 2833  # tokens of a picture, at most, as https://platform.openai.com/docs/guides/vision has them
_IMAGES = {"gpt-4o": 85, "gpt-4.1": 85}  # of a picture in low detail
_SMALL = "-mini"  # small models count more tokens for the same picture
_FRAME = 64  # tokens around the text
_NAMES = {"expression": "facial_expression", "label": "label"}  # of the schema, by what is asked for


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of a model, for any picture.

    Attributes:
        model: the server's name for it.
        labels: what may be answered, beside that none can be told.
        most_received: tokens after which an answer is cut.
    """

    model: str
    labels: tuple[str, ...]
    most_received: ClassVar[int] = 64

    def body(self, picture: bytes, wording: Wording, repeat: int, *, logprobs: bool = True) -> dict[str, Any]:
        """The body, as JSON.

        Args:
            picture: a JPEG.
            wording: how it is asked.
            repeat: counted on the seed.
            logprobs: how sure the model was is asked too.
        """
        url = f"data:image/jpeg;base64,{b64encode(picture).decode()}"
        asked = {
            "model": self.model,
            "messages": [
                {
                    "role": "user",
                    "content": [
                        {"type": "text", "text": question(wording, self.labels)},
                        {"type": "image_url", "image_url": {"url": url, "detail": _DETAIL}},
                    ],
                }
            ],
            "response_format": self._format(wording),
            "temperature": 0,
            "seed": _SEED + repeat,
            "max_tokens": self.most_received,
        }
        return asked | ({"logprobs": True} if logprobs else {})

    def describe(self) -> Mapping[str, str]:
        """What the answers depend on, by name."""
        return {
            "model": self.model,
            "sampling": f"temperature 0, seed {_SEED} plus the repeat, at most {self.most_received} tokens",
            "image detail": _DETAIL,
            "response schema": f"label enum with cannot_tell, strict, {_FORMAT}",
        }

    def most_sent(self, wordings: Iterable[Wording]) -> int:
        """The most tokens that a request can take: a token a byte of text, and the picture."""
        text = max(
            len(question(wording, self.labels).encode()) + len(json.dumps(self._format(wording)).encode())
            for wording in wordings
        )
        return self._image() + text + _FRAME

    def _image(self) -> int:
        sizes = [size for prefix, size in _IMAGES.items() if self.model.startswith(prefix)]
        return sizes[0] if sizes and _SMALL not in self.model else _IMAGE

    def _format(self, wording: Wording) -> dict[str, Any]:
        key = answer_key(wording)
        schema = {
            "type": "object",
            "properties": {key: {"type": "string", "enum": list(choices(self.labels))}},
            "required": [key],
            "additionalProperties": False,
        }
        name = _NAMES[key]
        return {"type": "json_schema", "json_schema": {"name": name, "strict": True, "schema": schema}}
