"""Image files of a dataset's folder: found inside it, regular, and not too large."""

from __future__ import annotations

import os
import stat
from pathlib import PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING

from fer_audit.errors import ImageError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["MAX_BYTES", "check_bytes", "read_image_file"]

MAX_BYTES = 20 * 2**20


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
    check_bytes(len(data), name)
    return data


def check_bytes(size: int, name: str) -> None:
    """Refuse a file of a size that no picture has.

    Raises:
        ImageError: it is empty or too large.
    """
    if size == 0:
        raise ImageError(f"image {name!r} is empty (0 bytes); fetch or export it again")
    if size > MAX_BYTES:
        raise ImageError(
            f"image {name!r} has more than {MAX_BYTES // 2**20} MB ({size:,} bytes); save it smaller"
        )


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
    check_bytes(status.st_size, name)
