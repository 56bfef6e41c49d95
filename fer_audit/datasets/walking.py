"""The files of a dataset's folder: names only, whatever depth they lie at; nothing is opened."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fer_audit.datasets.inventory import Skipped
from fer_audit.errors import DatasetError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fer_audit.datasets.inventory import Origin

__all__ = ["IMAGE_SUFFIXES", "Listing", "is_image", "list_files"]

IMAGE_SUFFIXES = frozenset({".bmp", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"})


@dataclass(frozen=True, slots=True)
class Listing:
    """What lies in a folder.

    Attributes:
        root: the folder.
        files: every regular file, or link to one inside the folder, relative to it with forward slashes, in
            the order of their names.
        skipped: entries that are no file of the folder, such as links that lead out.
    """

    root: Path
    files: tuple[str, ...]
    skipped: tuple[Skipped, ...]

    @property
    def present(self) -> int:
        """How many entries there are."""
        return len(self.files) + len(self.skipped)


def is_image(file: str) -> bool:
    """Whether a file's suffix is that of a picture, in whatever case.

    >>> is_image("a/BF20_HE.BMP"), is_image("Thumbs.db")
    (True, False)
    """
    # Many times faster than a path object, and asked of every file of a set.
    stem, dot, suffix = file[file.rfind("/") + 1 :].rpartition(".")
    return bool(stem) and dot + suffix.casefold() in IMAGE_SUFFIXES


def list_files(root: Path, origin: Origin | None) -> Listing:
    """Every file below a folder.

    Args:
        root: the folder.
        origin: whose faces are looked for, for the message where there is no folder; None for the user's own.

    Raises:
        DatasetError: there is no such folder, or it (or a folder in it) may not be read.
    """
    _check_folder(root, origin)
    inside = root.resolve()
    files: list[str] = []
    skipped: list[Skipped] = []
    for entry, name in _entries(root):
        if name.isascii() and entry.is_file(follow_symlinks=False):
            files.append(name)
        elif not _is_unicode(name):
            shown = os.fsencode(name).decode(errors="backslashreplace")
            skipped.append(Skipped(shown, "a name that is no Unicode text"))
        elif reason := _refused(entry, inside):
            skipped.append(Skipped(name, reason))
        else:
            files.append(name)
    return Listing(root, tuple(sorted(files)), tuple(sorted(skipped, key=lambda one: one.entry)))


def _check_folder(root: Path, origin: Origin | None) -> None:
    try:
        mode = root.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        what = "is not there; check the path"
    except (OSError, ValueError) as error:
        what = f"cannot be looked at ({_told(error)}); check the path, and that you may enter what it lies in"
    else:
        if stat.S_ISDIR(mode):
            return
        what = "is no folder but a file; name the folder that holds the pictures"
    said = f"the folder {str(root)!r} {what}"
    if origin is not None:
        said = f"{origin.title}: {said}. A copy is had from {origin.request} ({origin.licence})"
    raise DatasetError(said)


def _entries(root: Path) -> Iterator[tuple[os.DirEntry[str], str]]:
    """Everything below a folder that is no folder itself, with its name relative to it."""
    waiting = [(str(root), "")]
    while waiting:
        folder, prefix = waiting.pop()
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    name = prefix + entry.name
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append((entry.path, f"{name}/"))
                    else:
                        yield entry, name
        except PermissionError as error:
            raise DatasetError(_locked(folder, "read")) from error
        except OSError as error:
            raise DatasetError(
                f"the folder {folder!r} cannot be read ({_told(error)}); mend it or move it away, or what it "
                "holds would be missing without a word"
            ) from error
        # A folder may be listed by somebody who may open nothing in it.
        if not os.access(folder, os.X_OK, effective_ids=os.access in os.supports_effective_ids):
            raise DatasetError(_locked(folder, "entered"))


def _locked(folder: str, what: str) -> str:
    return (
        f"the folder {folder!r} cannot be {what} (permission denied); give yourself permission to list and "
        "enter it, or what it holds would be missing without a word"
    )


def _refused(entry: os.DirEntry[str], inside: Path) -> str:
    """Why an entry is not taken; empty for a file, or a link to a file inside the folder."""
    try:
        if not entry.is_symlink():
            return "" if entry.is_file() else "a pipe, socket or device"
        target = Path(entry.path).resolve(strict=True)
        if not target.is_relative_to(inside):
            return "a link that leads out of the folder (put its file there instead)"
        if target.is_dir():
            return "a link to a folder"
        return "" if target.is_file() else "a pipe, socket or device"
    except PermissionError:
        return "a link that may not be followed"
    except (OSError, RuntimeError):
        return "a link that leads nowhere"


def _is_unicode(name: str) -> bool:
    """Whether a name can be written to a report or a table: some file systems hold any bytes."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _told(error: OSError | ValueError) -> str:
    """What the system says of a path it refuses, without the path: a very long one would fill the line."""
    return str(getattr(error, "strerror", None) or error).casefold()
