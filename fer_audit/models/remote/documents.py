"""Hostile JSON, read piece by piece: what is of another kind than was expected is nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["count_in", "mapping_in", "text_in"]


def mapping_in(value: object) -> Mapping[str, Any]:
    """An object, or an empty one.

    >>> mapping_in({"a": 1}), mapping_in([1])
    ({'a': 1}, {})
    """
    return value if isinstance(value, Mapping) else {}


def text_in(value: object) -> str:
    """A text, or an empty one.

    >>> text_in("said"), text_in(None)
    ('said', '')
    """
    return value if isinstance(value, str) else ""


def count_in(value: object) -> int | None:
    """A number of things, or None.

    >>> count_in(3), count_in(-1), count_in(True), count_in("3")
    (3, None, None, None)
    """
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
