"""Where OpenAI's protocol is spoken: the vendor's own host, a gateway, or a server of one's own."""

from __future__ import annotations

import os
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from fer_audit.errors import ConfigurationError, EndpointError

__all__ = ["KEY", "PLACEHOLDER", "URL", "Target", "key_for", "target"]

KEY = "OPENAI_API_KEY"
"""Name of the environment variable that holds the key."""

URL = "OPENAI_BASE_URL"
"""Name of the environment variable that holds the address, where it is not the vendor's."""

PLACEHOLDER = "none-needed"
"""What is sent as a key to a server of one's own, where no key is set: the SDK wants one."""

_VENDOR = "https://api.openai.com/v1"
_USUAL = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Target:
    """An address.

    Attributes:
        url: of the API, without the path of a request.
        host: host name, with the port where it is not the usual one.
        is_private: a machine or network of one's own, which may need no key.
    """

    url: str
    host: str
    is_private: bool

    @property
    def is_vendor(self) -> bool:
        """OpenAI itself, which keeps snapshots and has a batch mode."""
        return self.host == urlsplit(_VENDOR).hostname


def target(model: str) -> Target:
    """Where the environment says that a model is.

    Raises:
        ConfigurationError: the address cannot be used.
    """
    url = os.environ.get(URL, "").strip() or _VENDOR
    try:
        parts = urlsplit(url)
        name, port = parts.hostname or "", parts.port
    except ValueError:
        name, port, parts = "", None, urlsplit("")
    # An address with a password in it is not repeated.
    shown = "" if "@" in url else f" ({url!r:.80})"
    if parts.scheme not in _USUAL or not name or parts.username is not None:
        raise ConfigurationError(
            f"model {model!r}: {URL} is no address that can be asked{shown}; write it as "
            f"http://localhost:11434/v1, with no user and no password in it"
        )
    private = _is_private(name)
    if parts.scheme == "http" and not private:
        raise ConfigurationError(
            f"model {model!r}: {URL} would send the key and the faces unencrypted{shown}; write https://"
        )
    shown_port = "" if port in (None, _USUAL[parts.scheme]) else f":{port}"
    return Target(url, f"[{name}]{shown_port}" if ":" in name else f"{name}{shown_port}", private)


def key_for(model: str, found: Target) -> str:
    """The key from the environment; a placeholder for a server of one's own where none is set.

    Raises:
        EndpointError: there is none, or it cannot be one.
    """
    if not os.environ.get(KEY, "").strip():
        if found.is_private:
            return PLACEHOLDER
        raise EndpointError(
            f"model {model!r}: {KEY} is not set, and {found.host} wants a key; export it, or set {URL} to a "
            "server of your own"
        )
    if any(not "!" <= character <= "~" for character in os.environ[KEY].strip()):
        raise EndpointError(
            f"model {model!r}: {KEY} holds a space or another character that no key has; copy it again"
        )
    return os.environ[KEY].strip()


def _is_private(name: str) -> bool:
    try:
        address = ip_address(name)
    except ValueError:
        return "." not in name or name.endswith((".localhost", ".local", ".internal", ".lan"))
    return address.is_private or address.is_loopback or address.is_link_local
