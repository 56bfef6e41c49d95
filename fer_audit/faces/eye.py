"""Eyes: iris, pupil and white, painted on the eyeball where the neutral head looks straight ahead."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fer_audit.faces.grain import Pixels
    from fer_audit.faces.head import Head
    from fer_audit.faces.skin import Triple

__all__ = ["IRIS_REFLECTANCE", "eye_centre", "paint_eyes"]

IRIS_REFLECTANCE: Mapping[str, Triple] = MappingProxyType(
    {
        "dark": (0.035, 0.020, 0.014),
        "brown": (0.110, 0.055, 0.028),
        "hazel": (0.160, 0.110, 0.045),
        "blue": (0.120, 0.190, 0.270),
    }
)
WHITE: Triple = (0.50, 0.46, 0.44)
PUPIL = 0.006
PUPIL_RADIUS = 0.20  # of the eyeball's own radius, as the next two
IRIS_RADIUS = 0.47
SOFTNESS = 0.05


def eye_centre(head: Head, side: int) -> tuple[float, float, float]:
    """The middle of one eyeball of the neutral head and its radius: (x, y, radius) in decimetres."""
    ball = head.vertices[head.eyeball(side)]
    return float(ball[:, 0].mean()), float(ball[:, 1].mean()), float(np.ptp(ball[:, 0])) / 2


def paint_eyes(head: Head, base: Pixels, iris: str) -> Pixels:
    """The reflectance (k, 3) of points on the eyeballs, given where they lie on the neutral head.

    The upper part is darker: lid and lashes keep the lamps from it.
    """
    colour = np.array(IRIS_REFLECTANCE[iris], dtype=np.float32)
    white = np.array(WHITE, dtype=np.float32)
    painted = np.zeros_like(base)
    for side in (-1, 1):
        own = np.flatnonzero(base[:, 0] * side > 0)
        x, y, radius = eye_centre(head, side)
        right = (base[own, 0] - x) / radius
        up = (base[own, 1] - y) / radius
        distance = np.hypot(right, up)
        in_iris = np.clip((IRIS_RADIUS - distance) / SOFTNESS + 0.5, 0, 1)[:, None]
        in_pupil = np.clip((PUPIL_RADIUS - distance) / SOFTNESS + 0.5, 0, 1)[:, None]
        rim = 1 - 0.6 * np.exp(-(((distance - IRIS_RADIUS) / 0.07) ** 2))[:, None]
        rays = 1 + 0.18 * np.sin(np.arctan2(up, right) * 23)[:, None]
        vessels = np.clip(distance - 0.6, 0, 0.5)[:, None] * np.array([0.2, 0.5, 0.5], dtype=np.float32)
        reddened = white * (1 - vessels)
        tinted = reddened * (1 - in_iris) + colour * rim * rays * in_iris
        tinted = tinted * (1 - in_pupil) + PUPIL * in_pupil
        lid = 1 - 0.45 * np.clip((up - 0.05) / 0.6, 0, 1)
        painted[own] = tinted * lid[:, None]
    return painted
