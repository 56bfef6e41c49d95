"""This checkout as the plug-in's first customer: short option names, and what it audits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fer_audit.options import add_options

if TYPE_CHECKING:
    import pytest

pytest_plugins = ["fixtures.models", "fixtures.datasets", "fixtures.slices"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Offer ``--model`` beside ``--fer-model``, and so on: this repository owns its command line."""
    add_options(parser.getgroup("fer_audit").addoption, prefix="--")
