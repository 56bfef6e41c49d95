"""The Monk Skin Tone scale: ten tones from the lightest to the darkest, as their published swatches."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["MONK_SCALE"]

MONK_SCALE: Mapping[int, str] = MappingProxyType(
    {
        1: "f6ede4",
        2: "f3e7db",
        3: "f7ead0",
        4: "eadaba",
        5: "d7bd96",
        6: "a07e56",
        7: "825c43",
        8: "604134",
        9: "3a312a",
        10: "292420",
    }
)
"""Encoded sRGB of each tone (Monk, 2019)."""
