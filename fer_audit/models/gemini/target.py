"""Where Gemini is asked and with which key, as the environment says."""

from __future__ import annotations

import os
from dataclasses import dataclass
from importlib.util import find_spec

from fer_audit.errors import EndpointError
from fer_audit.models.remote.address import read_address, read_key

__all__ = ["KEYS", "URL", "Target", "has_genai", "has_generativeai", "key_for", "key_name", "target"]

KEYS = ("GEMINI_API_KEY", "GOOGLE_API_KEY")
"""Names of the environment variables that may hold the key; the first that does is taken."""

URL = "GOOGLE_GEMINI_BASE_URL"
"""Name of the environment variable that holds the address, where it is not the vendor's."""

_VENDOR = "https://generativelanguage.googleapis.com"


@dataclass(frozen=True, slots=True)
class Target:
    """An address.

    Attributes:
        url: without version and path.
        host: host name, with the port where it is not the usual one.
    """

    url: str
    host: str


def target(model: str) -> Target:
    """Where the environment says that Gemini is.

    Raises:
        ConfigurationError: the address cannot be used.
    """
    found = read_address(
        model,
        URL,
        os.environ.get(URL, "").strip().rstrip("/") or _VENDOR,
        remedy="write it as https://gateway.example.org, with no path, no user and no password in it, "
        "or unset it",
        takes_path=False,
    )
    return Target(found.url, found.host)


def key_name() -> str:
    """The environment variable that the key is taken from, or would be."""
    return next((name for name in KEYS if os.environ.get(name, "").strip()), KEYS[0])


def key_for(model: str, found: Target) -> str:
    """The key from the environment.

    Raises:
        EndpointError: there is none, or it cannot be one.
    """
    key = read_key(model, key_name())
    if not key:
        raise EndpointError(
            f"model {model!r}: neither {KEYS[0]} nor {KEYS[1]} is set, and {found.host} wants a key; make "
            f"one at https://aistudio.google.com/apikey and export it as {KEYS[0]}"
        )
    return key


def has_genai() -> bool:
    """Whether google-genai is installed, which is looked up without importing it."""
    return _is_there("google.genai")


def has_generativeai() -> bool:
    """Whether google-generativeai is installed, likewise."""
    return _is_there("google.generativeai")


def _is_there(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # of the namespace that both SDKs share
        return False
