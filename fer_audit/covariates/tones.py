"""Scales of skin tone: the individual typology angle with its six bands, and the ten tones of Monk."""

from __future__ import annotations

from math import atan2, degrees
from typing import TYPE_CHECKING

import numpy as np

from fer_audit.covariates.cielab import to_lab
from fer_audit.monk import MONK_SCALE

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["ITA_BANDS", "ita_band", "monk_tone", "typology_angle"]

ITA_BANDS = (
    ("very light", 55.0),
    ("light", 41.0),
    ("intermediate", 28.0),
    ("tan", 10.0),
    ("brown", -30.0),
)
"""Each band and the angle that it lies above, in degrees; what lies above none is dark."""

_MIDDLE = 50.0
_MONK = to_lab(
    np.array([[int(swatch[i : i + 2], 16) for i in (0, 2, 4)] for swatch in MONK_SCALE.values()], np.uint8)
)


def typology_angle(lightness: float, yellow: float) -> float:
    """The individual typology angle (ITA): arctan((L* - 50) / b*) in degrees; the larger, the lighter.

    Chardon, Cretois and Hourseau, "Skin colour typology and suntanning pathways", International Journal of
    Cosmetic Science 13 (1991) 191-208.

    Args:
        lightness: L* of the skin, 0 to 100.
        yellow: b* of the skin, above 0.

    >>> round(typology_angle(70, 20), 1), round(typology_angle(30, 20), 1)
    (45.0, -45.0)
    """
    return degrees(atan2(lightness - _MIDDLE, yellow))


def ita_band(angle: float) -> str:
    """The band of an angle, named as by Del Bino and Bernerd, British J. of Dermatology 169 (2013) 33-40.

    >>> [ita_band(angle) for angle in (56, 55, 30, 10, -30)]
    ['very light', 'light', 'intermediate', 'brown', 'dark']
    """
    return next((name for name, above in ITA_BANDS if angle > above), "dark")


def monk_tone(colour: NDArray[np.float64]) -> int:
    """The Monk tone whose swatch is nearest to a colour.

    The distance is the straight one in CIELAB (CIE 1976). CIEDE2000 was fitted to differences of about five
    units and less, and six of the nine steps between neighbouring tones are larger by either.

    Args:
        colour: L*, a* and b*.

    >>> monk_tone(to_lab(np.array([0x82, 0x5C, 0x43], dtype=np.uint8)))
    7
    """
    return list(MONK_SCALE)[int(np.linalg.norm(_MONK - colour, axis=1).argmin())]
