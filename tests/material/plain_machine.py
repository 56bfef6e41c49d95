"""A machine on which nothing is chosen by chance."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def be_plain(monkeypatch: pytest.MonkeyPatch, cache: Path) -> None:
    """Nets compute in fp32 on the processor, and note nothing in anybody's cache."""
    monkeypatch.setenv("FER_AUDIT_CACHE", str(cache))
    monkeypatch.setenv("FER_AUDIT_PRECISION", "fp32")
    monkeypatch.setenv("FER_AUDIT_DEVICE", "cpu")
