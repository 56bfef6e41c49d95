"""Where OpenAI's protocol is spoken: the vendor's own host, a gateway, or a server of one's own."""

from __future__ import annotations

import os
from dataclasses import dataclass
from urllib.parse import urlsplit

from fer_audit.errors import EndpointError
from fer_audit.models.remote.address import read_address, read_key

__all__ = ["KEY", "PLACEHOLDER", "URL", "Target", "key_for", "target"]

KEY = "OPENAI_API_KEY"
"""Name of the environment variable that holds the key."""

URL = "OPENAI_BASE_URL"
"""Name of the environment variable that holds the address, where it is not the vendor's."""

PLACEHOLDER = "none-needed"
"""What is sent as a key to a server of one's own, where no key is set: the SDK wants one."""

_VENDOR = "https://api.openai.com/v1"


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
    found = read_address(
        model,
        URL,
        os.environ.get(URL, "").strip() or _VENDOR,
        remedy="write it as http://localhost:11434/v1, with no user and no password in it",
        takes_path=True,
    )
    return Target(found.url, found.host, found.is_private)


def key_for(model: str, found: Target) -> str:
    """The key from the environment; a placeholder for a server of one's own where none is set.

    Raises:
        EndpointError: there is none, or it cannot be one.
    """
    key = read_key(model, KEY)
    if key or found.is_private:
        return key or PLACEHOLDER
    raise EndpointError(
        f"model {model!r}: {KEY} is not set, and {found.host} wants a key; export it, or set {URL} to a "
        "server of your own"
    )
