"""Skin on the Monk scale, and how brows, lips and stubble stand out from it at every tone.

The ten tones are the published swatches of the Monk Skin Tone scale (Monk, 2019), taken as the reflectance
of the skin in linear light. Whatever lies on the skin *multiplies* its reflectance: a brow that reflects a
fifth of what the skin beside it reflects does so on every tone, so that its relative contrast is a property
of the face and no by-product of the tone.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from fer_audit.errors import UnknownNameError
from fer_audit.monk import MONK_SCALE

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "BLOOD",
    "BROW_REFLECTANCE",
    "LIP_REFLECTANCE",
    "LUMINANCE",
    "PERFUSION",
    "STUBBLE_REFLECTANCE",
    "display_to_linear",
    "linear_to_display",
    "skin_reflectance",
]

Triple = tuple[float, float, float]

DARKEST_DISPLAY = 0.04045  # below these two the sRGB curve is a straight line
DARKEST_LINEAR = 0.0031308
LUMINANCE = np.array([0.2126, 0.7152, 0.0722])  # of linear sRGB (ITU-R BT.709)

# Each of these multiplies the reflectance of the skin it lies on, in linear red, green, blue.
LIP_REFLECTANCE: Triple = (0.84, 0.53, 0.53)
STUBBLE_REFLECTANCE: Triple = (0.50, 0.53, 0.58)
PERFUSION: Triple = (1.02, 0.985, 0.95)  # blood under living skin, which a printed swatch lacks
BLOOD: Triple = (1.06, 0.86, 0.86)  # flushed cheeks, nose and lids
BROW_REFLECTANCE: Mapping[str, Triple] = MappingProxyType(
    {
        "black": (0.07, 0.07, 0.08),
        "brown": (0.15, 0.12, 0.10),
        "auburn": (0.24, 0.15, 0.12),
        "fair": (0.34, 0.29, 0.23),
    }
)


def display_to_linear(value: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Display values (0 to 1, sRGB) as linear light (IEC 61966-2-1)."""
    curve = ((np.maximum(value, 0) + 0.055) / 1.055) ** 2.4
    return np.where(value <= DARKEST_DISPLAY, value / 12.92, curve)


def linear_to_display(value: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
    """Linear light (0 to 1) as display values (IEC 61966-2-1)."""
    light = np.clip(value, 0, 1)
    curve = 1.055 * light ** (1 / 2.4) - 0.055
    return np.asarray(np.where(light <= DARKEST_LINEAR, light * 12.92, curve))


def skin_reflectance(tone: int) -> npt.NDArray[np.float64]:
    """The reflectance of a Monk tone in linear red, green and blue.

    >>> [round(float(channel), 3) for channel in skin_reflectance(8)]
    [0.117, 0.053, 0.034]

    Raises:
        UnknownNameError: a tone that the scale does not have.
    """
    if tone not in MONK_SCALE:
        raise UnknownNameError(
            f"no skin tone {tone!r}: the Monk scale runs from 1 (lightest) to 10 (darkest)"
        )
    swatch = MONK_SCALE[tone]
    return display_to_linear(np.array([int(swatch[i : i + 2], 16) / 255 for i in (0, 2, 4)]))
