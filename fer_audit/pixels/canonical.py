"""The one encoding in which a picture leaves the machine, the same for every model on the network."""

from __future__ import annotations

from io import BytesIO

from PIL import Image

from fer_audit.pixels.decoding import flatten

__all__ = ["CANONICAL", "LONGEST_SIDE", "canonical"]

LONGEST_SIDE = 512
"""Pixels: a face needs no more, and vendors charge by the pixel."""

_QUALITY = 90

CANONICAL = f"JPEG of quality {_QUALITY}, 4:4:4, at most {LONGEST_SIDE} pixels a side, version 1"
"""What a model on the network says of it; the version counts up whenever other bytes would be sent."""


def canonical(image: Image.Image) -> bytes:
    """The picture as every model on the network is sent it: a JPEG of pixels alone.

    The longer side has at most `LONGEST_SIDE` pixels; a smaller picture is not enlarged. Colour has as many
    samples as light has: skin is told apart by it. No metadata of the file goes along, and the same pixels
    give the same bytes with one version of Pillow.

    Args:
        image: an upright picture, as `fer_audit.pixels.decode` gives it.

    >>> canonical(Image.new("RGB", (2000, 1000)))[:4].hex()
    'ffd8ffe0'
    >>> Image.open(BytesIO(canonical(Image.new("RGB", (2000, 1000))))).size
    (512, 256)
    """
    picture = flatten(image)
    scale = LONGEST_SIDE / max(picture.size)
    if scale < 1:
        width, height = (max(1, round(side * scale)) for side in picture.size)
        picture = picture.resize((width, height), Image.Resampling.LANCZOS)
    # A comment of the file would be written along.
    picture.info = {}
    stream = BytesIO()
    picture.save(stream, "JPEG", quality=_QUALITY, subsampling="4:4:4")
    return stream.getvalue()
