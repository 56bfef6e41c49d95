"""Pictures from untrusted files: found inside the dataset's folder, decoded within limits, nothing else kept.

A dataset is a folder that somebody else filled. What is decoded here is what a model sees, so nothing is
guessed: a picture is whole, upright, single and 8 bits deep, or it is no picture and says why.
"""

from __future__ import annotations

import os
import re
import stat
import warnings
from contextlib import contextmanager
from io import BytesIO
from pathlib import PurePosixPath, PureWindowsPath
from threading import Lock
from typing import TYPE_CHECKING

from PIL import Image, ImageOps, UnidentifiedImageError

from fer_audit.errors import ImageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["FORMATS", "MAX_BYTES", "MAX_PIXELS", "canonical", "decode", "read_image_file"]

FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "TIFF")
"""What is recognised, by content and never by the file's name."""

MAX_BYTES = 20 * 2**20
MAX_PIXELS = 40_000_000

_EIGHT_BIT = frozenset(
    {"1", "L", "LA", "La", "P", "PA", "RGB", "RGBA", "RGBa", "RGBX", "CMYK", "YCbCr", "LAB"}
)
_WARNINGS = Lock()


def decode(data: bytes, *, name: str) -> Image.Image:
    """The picture in a file's bytes, as a viewer shows it: upright, over white where it is transparent.

    Size and number of frames are read from the header before any pixel is decoded. Metadata is dropped, a
    colour profile unapplied.

    Args:
        data: content of the file.
        name: the image's name in its dataset, for messages.

    Returns:
        An RGB picture without metadata.

    Raises:
        ImageError: no JPEG, PNG, WebP, BMP or TIFF; too large; several frames; more than 8 bits a channel;
            cut off or broken.
    """
    _check_bytes(len(data), name)
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
        image.load()
        with _quiet():
            upright = ImageOps.exif_transpose(image)
        flat = _flatten(upright)
    except Exception as error:
        # A decoder may raise anything on a hostile file; whatever it is, there is no picture.
        raise _broken(name, error) from error
    flat.info = {}
    return flat


def canonical(image: Image.Image) -> bytes:
    """The one encoding in which models on the network see a picture: JPEG, at most 512 pixels a side."""
    small = image.convert("RGB")
    small.thumbnail((512, 512))
    stream = BytesIO()
    small.save(stream, "JPEG", quality=90)
    return stream.getvalue()


def read_image_file(root: Path, name: str) -> bytes:
    """The bytes of one image of a folder, and of nothing outside the folder.

    Args:
        root: the dataset's folder.
        name: the image's path under it, with forward slashes.

    Raises:
        ImageError: the name is no relative path, leads outside, is missing, no regular file, or too large.
    """
    path = _inside(root, name)
    try:
        # Looked at before it is opened: opening a pipe waits, opening a device acts.
        _check_file(path.stat(), name)
        # A pipe put in its place since then does not block, and is seen by the second look.
        flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        with open(os.open(path, flags), "rb") as stream:  # noqa: PTH123 - a descriptor has no path
            _check_file(os.fstat(stream.fileno()), name)
            data = stream.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise ImageError(
            f"image {name!r} is not in the dataset's folder; check the folder, and the row that names it"
        ) from None
    except OSError as error:
        raise ImageError(
            f"image {name!r} cannot be read ({error.strerror}); check the file and its permissions"
        ) from error
    _check_bytes(len(data), name)
    return data


def _inside(root: Path, name: str) -> Path:
    pure = PurePosixPath(name)
    if not name or "\0" in name or pure.is_absolute() or PureWindowsPath(name).anchor or ".." in pure.parts:
        raise ImageError(
            f"image {name!r} is no path inside the dataset's folder; name it relative to that, without '..'"
        )
    folder = root.resolve()
    try:
        path = (folder / pure).resolve()
    except (OSError, RuntimeError) as error:
        raise ImageError(
            f"image {name!r} cannot be found ({error}); check for links that lead in a circle"
        ) from error
    if not path.is_relative_to(folder):
        raise ImageError(
            f"image {name!r} is a link that leads out of the dataset's folder; copy the file into the folder"
        )
    return path


def _check_file(status: os.stat_result, name: str) -> None:
    if not stat.S_ISREG(status.st_mode):
        what = "a folder" if stat.S_ISDIR(status.st_mode) else "a pipe, socket or device"
        raise ImageError(f"image {name!r} is {what}; only regular files are read")
    _check_bytes(status.st_size, name)


def _check_bytes(size: int, name: str) -> None:
    if size == 0:
        raise ImageError(f"image {name!r} is empty (0 bytes); fetch or export it again")
    if size > MAX_BYTES:
        raise ImageError(
            f"image {name!r} has more than {MAX_BYTES // 2**20} MB ({size:,} bytes); save it smaller"
        )


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


def _flatten(image: Image.Image) -> Image.Image:
    """As RGB; what is transparent is shown over white, not in whatever colour lies hidden there."""
    if not image.has_transparency_data:
        return image.convert("RGB")
    layer = image.convert("RGBA")
    white = Image.new("RGBA", layer.size, "white")
    return Image.alpha_composite(white, layer).convert("RGB")


def _too_large(name: str, what: str) -> ImageError:
    return ImageError(
        f"image {name!r} has more than {MAX_PIXELS // 10**6} megapixels ({what}); save it smaller"
    )


def _broken(name: str, error: Exception) -> ImageError:
    return ImageError(
        f"image {name!r} is cut off or broken ({type(error).__name__}: {error}); fetch or export it again"
    )
