"""The vendors whose SDKs are tried, as a user names them, and the variables that lead to the server of the tests."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec

from fer_audit.models.gemini.target import has_genai, has_generativeai

KEY = "sk-canary-123"
PICTURE = b"a picture"
PATIENCE = 3.0  # seconds for one request: a busy machine may stand still for one


@dataclass(frozen=True, slots=True)
class Vendor:
    """One vendor.

    Attributes:
        model: what follows ``--model``.
        url: name of the variable that holds the address.
        path: of the API behind the host.
        key: name of the variable that holds the key.
        remedy: what to do where the host cannot be reached.
        is_installed: an SDK is there.
        sends_seeds: it tells repeats apart.
        bounds_time: a reply that trickles or does not end is given up.
        follows: it goes where a redirect leads, without the key.
    """

    model: str
    url: str
    path: str
    key: str
    remedy: str
    is_installed: bool
    sends_seeds: bool = True
    bounds_time: bool = True
    follows: bool = False


VENDORS = {
    "openai": Vendor(
        "gpt-4o",
        "OPENAI_BASE_URL",
        "/v1",
        "OPENAI_API_KEY",
        "check OPENAI_BASE_URL and the connection, or start the server",
        find_spec("openai") is not None,
        follows=True,
    ),
    "gemini": Vendor(
        "gemini",
        "GOOGLE_GEMINI_BASE_URL",
        "",
        "GEMINI_API_KEY",
        "check the connection, and GOOGLE_GEMINI_BASE_URL where it is set",
        has_genai() or has_generativeai(),
        has_genai(),
        has_genai(),
    ),
}
