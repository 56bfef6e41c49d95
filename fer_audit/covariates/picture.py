"""What a picture is like, whoever is in it: how light, how sharp, how large."""

from __future__ import annotations

from math import log2, sqrt

import numpy as np
from PIL import Image, ImageOps, ImageStat

__all__ = ["BLUR_SIDE", "blur", "brightness", "contrast", "size"]

_WHITE = 255
# Faces are compared as if they were of one size; 128 pixels keep what a net of the usual 48-224 pixels sees.
BLUR_SIDE = 128
# Rounding to whole grey levels leaves an error of variance 1/12 in a pixel; the Laplacian's weights are 4 and
# four times -1, whose squares add up to 20. No picture is sharper or softer than that can tell.
_ROUNDING = 20 / 12


def brightness(image: Image.Image) -> float:
    """How light the picture is: the mean of its luma, from 0 (black) to 1 (white).

    Luma is the weighted sum of the encoded red, green and blue of ITU-R BT.601: what the model receives, and
    closer to what the eye sees than linear light.

    >>> brightness(Image.new("RGB", (2, 2), (51, 51, 51)))
    0.2
    """
    return ImageStat.Stat(image.convert("L")).mean[0] / _WHITE


def contrast(image: Image.Image) -> float:
    """How far light and dark lie apart: the standard deviation of luma, from 0 (one grey) to 0.5.

    The root-mean-square contrast of Peli, "Contrast in complex images", J. Opt. Soc. Am. A 7 (1990).

    >>> half = Image.new("RGB", (2, 1))
    >>> half.putpixel((0, 0), (255, 255, 255))
    >>> contrast(half)
    0.5
    """
    # In older releases of Pillow rounding may leave the variance of one grey a little below zero.
    return sqrt(max(ImageStat.Stat(image.convert("L")).var[0], 0.0)) / _WHITE


def blur(image: Image.Image) -> float:
    """How little detail the picture has: minus the binary logarithm of the deviation of its Laplacian.

    One more means that edges are half as strong; a larger number is a softer picture. The variance of the
    Laplacian is the focus measure of Pech-Pacheco et al., "Diatom autofocusing in brightfield microscopy",
    ICPR (2000). It spans orders of magnitude with a long tail of sharp pictures, and a few of them would
    decide a regression; its logarithm does not. The largest square in the middle of the picture is measured,
    brought to 128 x 128 pixels: the same picture in another size is as sharp, as far as it holds the detail.

    >>> flat = Image.new("RGB", (8, 8), (90, 90, 90))
    >>> board = Image.effect_noise((300, 300), 60)
    >>> blur(board) < blur(flat)
    True
    """
    middle = ImageOps.fit(image.convert("L"), (BLUR_SIDE, BLUR_SIDE), Image.Resampling.BICUBIC)
    grey = np.asarray(middle, dtype=np.float64)
    around = grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:]
    laplacian = 4 * grey[1:-1, 1:-1] - around
    return -log2(float(laplacian.var()) + _ROUNDING) / 2


def size(image: Image.Image) -> float:
    """How large the picture is: its shorter side in pixels.

    A dataset that knows where the face is says its size in a column of this name, which is then taken.

    >>> size(Image.new("RGB", (640, 480)))
    480.0
    """
    return float(min(image.size))
