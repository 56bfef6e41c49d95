"""Colours as the eye tells them apart: from encoded sRGB to CIELAB under daylight (D65).

Pillow's own conversion goes through colour profiles whose Lab is that of print (D50), in whole numbers: one
step of b* moves the angle of a light skin by two degrees and more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["to_lab"]

# IEC 61966-2-1: linear sRGB to CIE XYZ, and the white of its screen (D65, 2 degrees).
_TO_XYZ = np.array(
    [
        [0.4124, 0.3576, 0.1805],
        [0.2126, 0.7152, 0.0722],
        [0.0193, 0.1192, 0.9505],
    ]
)
_WHITE = _TO_XYZ.sum(axis=1)
_ENCODED_KNEE, _TOP = 0.04045, 255
# CIE 15:2004: the cube root gives way to a line below (6/29)^3.
_KNEE = (6 / 29) ** 3


def to_lab(pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    """L*, a* and b* of sRGB pixels, in the last axis, which holds red, green and blue before.

    L* runs from 0 (black) to 100 (white); a* points to red, b* to yellow; a grey has a* = b* = 0.

    Args:
        pixels: shape (..., 3).

    >>> to_lab(np.array([255, 0, 0], dtype=np.uint8)).round(2).tolist()
    [53.23, 80.11, 67.22]
    """
    value = pixels / _TOP
    linear = np.where(value <= _ENCODED_KNEE, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    share = linear @ _TO_XYZ.T / _WHITE
    curved = np.where(share > _KNEE, np.cbrt(share), share / (3 * (6 / 29) ** 2) + 4 / 29)
    x, y, z = np.moveaxis(curved, -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)
