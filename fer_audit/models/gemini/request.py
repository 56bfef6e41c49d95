"""The body of a request for content: the wire format that both SDKs send, for live requests and batches."""

from __future__ import annotations

import json
import re
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
# A picture of up to 512 pixels a side is cut into ten tiles of 258 tokens at most, or takes 1,120 at once:
# https://ai.google.dev/gemini-api/docs/tokens
_IMAGE = 2_580
_FRAME = 64  # tokens around the text
_GENERATION = re.compile(r"gemini-(\d+)(?:\.(\d+))?(?=-|$)")
_THINKS_IN_TOKENS, _THINKS_IN_LEVELS = (2, 5), (3, 0)
_LEAST_OF_PRO = 128  # it cannot do without thinking
_CATEGORIES = (
    "HARM_CATEGORY_HARASSMENT",
    "HARM_CATEGORY_HATE_SPEECH",
    "HARM_CATEGORY_SEXUALLY_EXPLICIT",
    "HARM_CATEGORY_DANGEROUS_CONTENT",
)
_THRESHOLD = "BLOCK_NONE"


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of a model, for any picture.

    Attributes:
        model: the vendor's name for it.
        labels: what may be answered, beside that none can be told.
        most_received: tokens after which an answer is cut, those that it thinks in included.
    """

    model: str
    labels: tuple[str, ...]
    most_received: ClassVar[int] = 1_024

    def body(self, picture: bytes, wording: Wording, repeat: int) -> dict[str, Any]:
        """The body, as JSON."""
        data = {"mimeType": "image/jpeg", "data": b64encode(picture).decode()}
        parts = [{"inlineData": data}, {"text": question(wording, self.labels)}]
        return {
            "contents": [{"role": "user", "parts": parts}],
            "generationConfig": self._generation(wording, repeat),
            "safetySettings": [{"category": name, "threshold": _THRESHOLD} for name in _CATEGORIES],
        }

    def describe(self) -> Mapping[str, str]:
        """What the answers depend on, by name."""
        sampling = f"seed {_SEED} counted up by the repeat, at most {self.most_received} tokens"
        return {
            "model": self.model,
            "sampling": f"temperature 0, {sampling}" if self._is_cold else sampling,
            "thinking": json.dumps(self._thinking) if self._thinking else "as the model likes",
            "safety settings": _THRESHOLD,
            "response schema": f"label enum with cannot_tell, {_FORMAT}",
        }

    def most_sent(self, wordings: Iterable[Wording]) -> int:
        """The most tokens that a request can take: a token a byte of text, and the picture."""
        text = max(
            len(question(wording, self.labels).encode()) + len(json.dumps(self._schema(wording)).encode())
            for wording in wordings
        )
        return _IMAGE + text + _FRAME

    def _generation(self, wording: Wording, repeat: int) -> dict[str, Any]:
        found: dict[str, Any] = {
            "maxOutputTokens": self.most_received,
            "seed": _SEED + repeat,
            "responseMimeType": "application/json",
            "responseSchema": self._schema(wording),
        }
        if self._is_cold:
            found["temperature"] = 0.0
        if self._thinking:
            found["thinkingConfig"] = self._thinking
        return found

    def _schema(self, wording: Wording) -> dict[str, Any]:
        key = answer_key(wording)
        label = {"type": "STRING", "format": "enum", "enum": list(choices(self.labels))}
        return {"type": "OBJECT", "properties": {key: label}, "required": [key]}

    @property
    def _is_cold(self) -> bool:
        """Temperature 0 is sent: from the third generation on the vendor ignores or refuses it."""
        generation = _generation_of(self.model)
        return generation is not None and generation < _THINKS_IN_LEVELS

    @property
    def _thinking(self) -> dict[str, Any]:
        """As little as the model can do with: a label needs none, and thoughts are charged."""
        generation = _generation_of(self.model)
        if generation is None or generation < _THINKS_IN_TOKENS:
            return {}
        if generation >= _THINKS_IN_LEVELS:
            return {"thinkingLevel": "LOW"}
        return {"thinkingBudget": _LEAST_OF_PRO if "-pro" in self.model else 0}


def _generation_of(model: str) -> tuple[int, int] | None:
    found = _GENERATION.match(model)
    return (int(found[1]), int(found[2] or 0)) if found else None
