"""Addresses and keys of endpoints, as the environment gives them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from fer_audit.errors import ConfigurationError, EndpointError

__all__ = ["Address", "read_address", "read_key"]

_USUAL = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Address:
    """Where an endpoint is asked.

    Attributes:
        url: as it was written.
        host: host name, with the port where it is not the usual one.
        is_private: a machine or network of one's own.
    """

    url: str
    host: str
    is_private: bool


def read_address(model: str, variable: str, url: str, *, remedy: str, takes_path: bool) -> Address:
    """The address in a variable of the environment, if a key and faces may be sent there.

    Args:
        model: short name, for messages.
        variable: name of the variable, likewise.
        url: what it holds.
        remedy: how an address is written, for messages.
        takes_path: something may follow the host.

    Raises:
        ConfigurationError: it is no address, holds a password, or would send the key unencrypted.
    """
    try:
        parts = urlsplit(url)
        name, port = parts.hostname or "", parts.port
    except ValueError:
        name, port, parts = "", None, urlsplit("")
    # An address with a password in it is not repeated.
    shown = "" if "@" in url else f" ({url!r:.80})"
    superfluous = bool(parts.path) and not takes_path
    if parts.scheme not in _USUAL or not name or parts.username is not None or superfluous:
        raise ConfigurationError(
            f"model {model!r}: {variable} is no address that can be asked{shown}; {remedy}"
        )
    private = _is_private(name)
    if parts.scheme == "http" and not private:
        raise ConfigurationError(
            f"model {model!r}: {variable} would send the key and the faces unencrypted{shown}; write https://"
        )
    behind = "" if port in (None, _USUAL[parts.scheme]) else f":{port}"
    return Address(url, f"[{name}]{behind}" if ":" in name else f"{name}{behind}", private)


def read_key(model: str, variable: str) -> str:
    """The key in a variable of the environment; empty where there is none.

    Raises:
        EndpointError: it cannot be one.
    """
    key = os.environ.get(variable, "").strip()
    if any(not "!" <= character <= "~" for character in key):
        raise EndpointError(
            f"model {model!r}: {variable} holds a space or another character that no key has; copy it again"
        )
    return key


def _is_private(name: str) -> bool:
    try:
        address = ip_address(name)
    except ValueError:
        return "." not in name or name.endswith((".localhost", ".local", ".internal", ".lan"))
    return address.is_private or address.is_loopback or address.is_link_local
