"""Where Gemini is asked and with which key, as the environment says."""

from __future__ import annotations

import os
from dataclasses import dataclass
from importlib.util import find_spec
from ipaddress import ip_address
from urllib.parse import urlsplit

from fer_audit.errors import ConfigurationError, EndpointError

__all__ = ["KEYS", "URL", "Target", "has_genai", "has_generativeai", "key_for", "key_name", "target"]

KEYS = ("GEMINI_API_KEY", "GOOGLE_API_KEY")
"""Names of the environment variables that may hold the key; the first that does is taken."""

URL = "GOOGLE_GEMINI_BASE_URL"
"""Name of the environment variable that holds the address, where it is not the vendor's."""

_VENDOR = "https://generativelanguage.googleapis.com"
_USUAL = {"http": 80, "https": 443}


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
    url = os.environ.get(URL, "").strip().rstrip("/") or _VENDOR
    try:
        parts = urlsplit(url)
        name, port = parts.hostname or "", parts.port
    except ValueError:
        name, port, parts = "", None, urlsplit("")
    # An address with a password in it is not repeated.
    shown = "" if "@" in url else f" ({url!r:.80})"
    if parts.scheme not in _USUAL or not name or parts.username is not None or parts.path:
        raise ConfigurationError(
            f"model {model!r}: {URL} is no address that can be asked{shown}; write it as "
            "https://gateway.example.org, with no path, no user and no password in it, or unset it"
        )
    if parts.scheme == "http" and not _is_private(name):
        raise ConfigurationError(
            f"model {model!r}: {URL} would send the key and the faces unencrypted{shown}; write https://"
        )
    shown_port = "" if port in (None, _USUAL[parts.scheme]) else f":{port}"
    return Target(url, f"[{name}]{shown_port}" if ":" in name else f"{name}{shown_port}")


def key_name() -> str:
    """The environment variable that the key is taken from, or would be."""
    return next((name for name in KEYS if os.environ.get(name, "").strip()), KEYS[0])


def key_for(model: str, found: Target) -> str:
    """The key from the environment.

    Raises:
        EndpointError: there is none, or it cannot be one.
    """
    name = key_name()
    key = os.environ.get(name, "").strip()
    if not key:
        raise EndpointError(
            f"model {model!r}: neither {KEYS[0]} nor {KEYS[1]} is set, and {found.host} wants a key; make "
            f"one at https://aistudio.google.com/apikey and export it as {KEYS[0]}"
        )
    if any(not "!" <= character <= "~" for character in key):
        raise EndpointError(
            f"model {model!r}: {name} holds a space or another character that no key has; copy it again"
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


def _is_private(name: str) -> bool:
    try:
        address = ip_address(name)
    except ValueError:
        return "." not in name or name.endswith((".localhost", ".local", ".internal", ".lan"))
    return address.is_private or address.is_loopback or address.is_link_local
