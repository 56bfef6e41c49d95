"""A server in a process of its own, and a vendor's model that the environment leads to it."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from loopback import serving
from loopback_plan import LABELS
from vendors import KEY, PATIENCE, VENDORS, Vendor

from fer_audit.catalog import Catalog
from fer_audit.models import choose_model
from fer_audit.models.gemini import model as gemini
from fer_audit.models.remote import RemoteRecognizer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from loopback import Server
    from loopback_plan import Plan


@pytest.fixture(params=VENDORS)
def vendor(request: pytest.FixtureRequest) -> Vendor:
    """Each vendor in turn; a file about one of them has a fixture of this name."""
    return VENDORS[str(request.param)]


@pytest.fixture
def serve(
    vendor: Vendor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[Plan], Server]]:
    """Start the server of a test; the environment leads to it."""
    if not vendor.is_installed:
        pytest.skip(f"no SDK for {vendor.model} is installed")
    with ExitStack() as stack:

        def start(plan: Plan) -> Server:
            server = stack.enter_context(serving(plan, tmp_path))
            monkeypatch.setenv(vendor.url, f"{server.url}{vendor.path}")
            return server

        monkeypatch.delenv("GOOGLE_API_KEY", raising=False)
        monkeypatch.setenv(vendor.key, KEY)
        monkeypatch.setattr(gemini, "SECONDS", PATIENCE)
        yield start


@pytest.fixture
def load() -> Iterator[Callable[[str], RemoteRecognizer]]:
    """Load a model that waits for a request no longer than a test should; what it holds is let go at the end."""
    with ExitStack() as stack:

        def loaded(text: str) -> RemoteRecognizer:
            found = choose_model(text, Catalog("model"), root=Path.cwd()).load(LABELS)
            assert isinstance(found, RemoteRecognizer)
            # Otherwise its sockets are collected in another test.
            stack.callback(found.close)
            asks: Any = found.vendor
            if hasattr(asks, "client"):
                asks.client, asks.seconds = asks.client.with_options(timeout=PATIENCE), PATIENCE
            return found

        yield loaded
