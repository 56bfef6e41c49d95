"""Models on the network: what is said to them, how fast, and what is made of what they say."""

from __future__ import annotations

from fer_audit.models.remote.exchange import (
    AgainError,
    Answered,
    Limits,
    Question,
    Reply,
    Terms,
    Vendor,
)
from fer_audit.models.remote.recognizer import RemoteRecognizer

__all__ = [
    "AgainError",
    "Answered",
    "Limits",
    "Question",
    "RemoteRecognizer",
    "Reply",
    "Terms",
    "Vendor",
]
