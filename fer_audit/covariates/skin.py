"""The colour of the skin in a picture, without a detector of faces.

What counts as skin: pixels in the middle of the picture that do not belong to a plain background, are
neither black nor burnt out, and have a hue that skin has. Of these the darkest third (brows, eyes, nostrils,
hair and shadows are darker than the skin beside them) and the lightest twentieth (highlights) are left out,
and what is left gives the median of L*, a* and b*.

This is the colour of a *picture* of skin: light, exposure and white balance are all in it. It ranks tones of
skin where all pictures were taken alike, and means nothing where an exposure was matched to the face.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image
from scipy.ndimage import label

from fer_audit.covariates.cielab import to_lab
from fer_audit.covariates.tones import monk_tone, typology_angle
from fer_audit.errors import ImageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["NoSkinError", "SkinColour", "ita", "monk", "skin_colour"]

# Averaged to this many pixels the grain of film and the blocks of a JPEG are gone, and a face is large enough
# to be seen.
_SIDE = 128
# Half-axes of the ellipse in the middle, as parts of width and height.
_ACROSS, _DOWN = 0.3, 0.35
_BORDER = 2  # pixels
# A background is plain where half of the upper border is alike: shoulders and hair reach the lower one.
_ALIKE, _PLAIN = 10.0, 0.5
_BLACK, _WHITE = 6.0, 98.0  # L*
# The ten Monk tones have hues of 49 to 89 degrees and a chroma of 4 to 28; blood makes living skin redder
# than a swatch. A box in Cb and Cr, such as that of Chai and Ngan (IEEE Trans. CSVT 9, 1999), loses the
# darkest tone: chroma falls with lightness, and hue does not.
_LEAST_CHROMA = 2.5
_LEAST_HUE, _MOST_HUE = 20.0, 100.0  # degrees
_DARKEST, _LIGHTEST = 33.0, 95.0  # percentiles of L* between which skin is taken
_LEAST_SIDE = 16  # pixels
_LEAST_SHARE = 0.10  # of the middle that looks like skin
_LEAST_LEFT = 0.5  # of that which is no background


class NoSkinError(ImageError):
    """Too little of a picture can be told to be skin; the message says why and is the same for all alike."""


@dataclass(frozen=True, slots=True)
class SkinColour:
    """The median colour of the skin, in CIELAB under D65.

    Attributes:
        lightness: L*, 0 black to 100 white.
        red: a*, from green (negative) to red.
        yellow: b*, from blue (negative) to yellow.
        pixels: how many of the reduced picture it is the median of.
    """

    lightness: float
    red: float
    yellow: float
    pixels: int


def ita(image: Image.Image) -> float:
    """The individual typology angle of the skin in a picture, in degrees: the larger, the lighter.

    Raises:
        NoSkinError: too little of it can be told to be skin.

    >>> ita(Image.new("L", (64, 64), 90))
    Traceback (most recent call last):
    ...
    fer_audit.covariates.skin.NoSkinError: the middle of the picture is without colour
    """
    colour = skin_colour(image)
    return typology_angle(colour.lightness, colour.yellow)


def monk(image: Image.Image) -> float:
    """The Monk tone that is nearest to the skin in a picture: 1 (lightest) to 10.

    Raises:
        NoSkinError: too little of it can be told to be skin.
    """
    colour = skin_colour(image)
    return float(monk_tone(np.array([colour.lightness, colour.red, colour.yellow])))


def skin_colour(image: Image.Image) -> SkinColour:
    """The colour of what looks like skin in the middle of a picture.

    Raises:
        NoSkinError: too little of it can be told to be skin.
    """
    reduced = image.convert("RGB")
    reduced.thumbnail((_SIDE, _SIDE), Image.Resampling.BOX)
    if min(reduced.size) < _LEAST_SIDE:
        raise NoSkinError("the picture has too few pixels")
    lab = to_lab(np.asarray(reduced))
    middle = _middle(lab.shape[0], lab.shape[1])
    skin = middle & _looks_like_skin(lab)
    seen = skin & ~_background(lab)
    if skin.sum() < _LEAST_SHARE * middle.sum():
        raise NoSkinError(_why(lab[middle]))
    if seen.sum() < _LEAST_LEFT * skin.sum():
        # What is left may be lips and shadows: a close crop, or a wall of the face's colour.
        raise NoSkinError("what looks like skin reaches the border as a plain background does")
    lightness = lab[seen][:, 0]
    low, high = np.percentile(lightness, [_DARKEST, _LIGHTEST])
    kept = lab[seen][(lightness >= low) & (lightness <= high)]
    typical = np.median(kept, axis=0)
    return SkinColour(float(typical[0]), float(typical[1]), float(typical[2]), len(kept))


def _middle(height: int, width: int) -> NDArray[np.bool_]:
    """The ellipse in the middle, where a portrait has its face."""
    down = ((np.arange(height) + 0.5) / height - 0.5) / _DOWN
    across = ((np.arange(width) + 0.5) / width - 0.5) / _ACROSS
    return np.asarray(down[:, None] ** 2 + across**2 <= 1)


def _looks_like_skin(lab: NDArray[np.float64]) -> NDArray[np.bool_]:
    lightness, red, yellow = np.moveaxis(lab, -1, 0)
    hue = np.degrees(np.arctan2(yellow, red))
    seen = (lightness >= _BLACK) & (lightness <= _WHITE) & (np.hypot(red, yellow) >= _LEAST_CHROMA)
    return np.asarray(seen & (hue >= _LEAST_HUE) & (hue <= _MOST_HUE))


def _background(lab: NDArray[np.float64]) -> NDArray[np.bool_]:
    """What joins the border and has its colour; nothing where the border has many colours."""
    border = np.ones(lab.shape[:2], dtype=np.bool_)
    border[_BORDER:-_BORDER, _BORDER:-_BORDER] = False
    upper = border.copy()
    upper[len(upper) // 2 :] = False
    alike = np.linalg.norm(lab - np.median(lab[upper], axis=0), axis=-1) <= _ALIKE
    if alike[upper].mean() < _PLAIN:
        return np.zeros_like(border)
    regions, _ = label(alike)
    reaching = np.unique(regions[border])
    return np.isin(regions, reaching[reaching > 0])


def _why(middle: NDArray[np.float64]) -> str:
    """Why so little in the middle of a picture looks like skin."""
    lightness, red, yellow = middle.T
    reasons = ("too dark", "burnt out", "without colour", "of no colour that skin has")
    kinds = np.select(
        [lightness < _BLACK, lightness > _WHITE, np.hypot(red, yellow) < _LEAST_CHROMA], [0, 1, 2], 3
    )
    return f"the middle of the picture is {reasons[int(np.bincount(kinds).argmax())]}"
