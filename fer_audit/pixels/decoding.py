"""From the bytes of a file to a picture, within limits: whole, upright, single and 8 bits deep."""

from __future__ import annotations

import re
import warnings
from contextlib import contextmanager
from io import BytesIO
from threading import Lock
from typing import TYPE_CHECKING

from PIL import Image, ImageOps, UnidentifiedImageError

from fer_audit.errors import ImageError
from fer_audit.pixels.files import check_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["FORMATS", "MAX_PIXELS", "decode", "flatten"]

FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "TIFF")
"""What is recognised, by content and never by the file's name."""

MAX_PIXELS = 40_000_000

_EIGHT_BIT = frozenset(
    {"1", "L", "LA", "La", "P", "PA", "RGB", "RGBA", "RGBa", "RGBX", "CMYK", "YCbCr", "LAB"}
)
_WARNINGS = Lock()


def decode(data: bytes, *, name: str, smallest_side: int | None = None) -> Image.Image:
    """The picture in a file's bytes, as a viewer shows it: upright, over white where it is transparent.

    Size and number of frames are read from the header before any pixel is decoded. Metadata is dropped, a
    colour profile unapplied.

    A JPEG is stored as frequencies in blocks of 8 x 8 pixels, so that a half, a quarter or an eighth of its
    size can be had from the low ones alone, in less time. Brought to 224 pixels, the mean difference from the
    whole decoding is below half a level in 255 where ``smallest_side`` is twice that, and larger below it.

    Args:
        data: content of the file.
        name: the image's name in its dataset, for messages.
        smallest_side: a JPEG may come out smaller by a factor of 2, 4 or 8 as long as neither side falls
            below this; None for every pixel.

    Returns:
        An RGB picture without metadata.

    Raises:
        ImageError: no JPEG, PNG, WebP, BMP or TIFF; too large; several frames; more than 8 bits a channel;
            cut off or broken.
    """
    check_bytes(len(data), name)
    image = _open(data, name)
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise _too_large(name, f"{width} x {height} pixels")
    if getattr(image, "is_animated", False):
        raise ImageError(
            f"image {name!r} has several frames, and which one is meant is not known; save the one as a file"
        )
    if image.mode not in _EIGHT_BIT:
        raise ImageError(
            f"image {name!r} has pixels of mode {image.mode!r}, which 8 bits cannot show without a choice of "
            "scale; save it with 8 bits a channel"
        )
    try:
        if smallest_side is not None:
            # Of every other format nothing happens.
            image.draft(None, (smallest_side, smallest_side))
        image.load()
        with _quiet():
            upright = ImageOps.exif_transpose(image)
        flat = flatten(upright)
    except Exception as error:
        # A decoder may raise anything on a hostile file; whatever it is, there is no picture.
        raise _broken(name, error) from error
    flat.info = {}
    return flat


def flatten(image: Image.Image) -> Image.Image:
    """The picture as RGB; the transparent is shown over white, not in whatever colour lies hidden there."""
    if not image.has_transparency_data:
        return image.convert("RGB")
    layer = image.convert("RGBA")
    white = Image.new("RGBA", layer.size, "white")
    return Image.alpha_composite(white, layer).convert("RGB")


def _open(data: bytes, name: str) -> Image.Image:
    try:
        with _quiet():
            return Image.open(BytesIO(data), formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        size = re.search(r"\d+", str(error))
        raise _too_large(name, f"{size[0] if size else 'far more'} pixels") from error
    except UnidentifiedImageError as error:
        raise ImageError(
            f"image {name!r} is no JPEG, PNG, WebP, BMP or TIFF by its content (it begins with "
            f"{data[:8]!r}); convert it to one of these"
        ) from error
    except Exception as error:
        raise _broken(name, error) from error


@contextmanager
def _quiet() -> Iterator[None]:
    """Pillow's warnings silent, that of a decompression bomb an error.

    Python's filters belong to the whole process: two threads that change them at once would leave them
    changed. Pixels are decoded outside of it.
    """
    with _WARNINGS, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        yield


def _too_large(name: str, what: str) -> ImageError:
    return ImageError(
        f"image {name!r} has more than {MAX_PIXELS // 10**6} megapixels ({what}); save it smaller"
    )


def _broken(name: str, error: Exception) -> ImageError:
    return ImageError(
        f"image {name!r} is cut off or broken ({type(error).__name__}: {error}); fetch or export it again"
    )
