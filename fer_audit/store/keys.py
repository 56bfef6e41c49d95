"""Content keys: one hash over all that an answer depends on."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["key"]


def key(parts: Mapping[str, str], image_digest: str) -> str:
    """The content key of one answer: a hash of the question, in hexadecimal.

    Args:
        parts: everything besides the image that the answer depends on, by name; their order does not matter.
        image_digest: hash of the image's bytes.

    >>> key({"weights": "ab", "crop": "0.1"}, "cd") == key({"crop": "0.1", "weights": "ab"}, "cd")
    True
    >>> key({"weights": "ab"}, "cd") == key({"weights": "a"}, "bcd")
    False
    """
    question = {"image": image_digest, "parts": dict(parts)}
    return sha256(json.dumps(question, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
