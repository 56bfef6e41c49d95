"""Everything that can be measured on a picture, by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fer_audit.catalog import Catalog
from fer_audit.covariates.picture import BLUR_SIDE, blur, brightness, contrast, size
from fer_audit.covariates.skin import ita, monk

if TYPE_CHECKING:
    from collections.abc import Callable

    from PIL import Image

__all__ = ["COVARIATES", "MEASUREMENT", "Covariate"]

MEASUREMENT = 1
"""Version of all measurements: counts up when one of them would give another number for the same picture."""


@dataclass(frozen=True, slots=True)
class Covariate:
    """One number that a picture has.

    Attributes:
        name: how criteria, options and reports call it.
        measure: from a decoded picture to the number, which is finite; it raises ImageError for a picture
            that has none.
        meaning: what the number is, which way it points and its range, as reports print it.
    """

    name: str
    measure: Callable[[Image.Image], float]
    meaning: str


COVARIATES = Catalog(
    "covariate",
    [
        Covariate("brightness", brightness, "mean BT.601 luma of the picture, 0 black to 1 white"),
        Covariate("contrast", contrast, "standard deviation of BT.601 luma, 0 to 0.5"),
        Covariate(
            "blur",
            blur,
            f"-log2 of the standard deviation of the Laplacian of luma at {BLUR_SIDE} x {BLUR_SIDE} pixels; "
            "one more: edges half as strong",
        ),
        Covariate("size", size, "shorter side of the picture in pixels"),
        Covariate("ita", ita, "individual typology angle of what looks like skin, in degrees, 90 to -90"),
        Covariate("monk", monk, "Monk tone nearest in CIELAB to what looks like skin, 1 to 10"),
    ],
)
