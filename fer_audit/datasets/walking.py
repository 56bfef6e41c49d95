"""The files of a dataset's folder: names only, whatever depth they lie at; nothing is opened."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
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
    return PurePosixPath(file).suffix.casefold() in IMAGE_SUFFIXES


def list_files(root: Path, origin: Origin | None) -> Listing:
    """Every file below a folder.

    Args:
        root: the folder.
        origin: whose faces are looked for, for the message where there is no folder; None for the user's own.

    Raises:
        DatasetError: there is no such folder, or it (or a folder in it) may not be read.
    """
    if not root.is_dir():
        what = "is a file" if root.is_file() else "is not there"
        said = f"the folder {str(root)!r} {what}; check the path"
        if origin is not None:
            said = f"{origin.title}: {said}. A copy is had from {origin.request} ({origin.licence})"
        raise DatasetError(said)
    files: list[str] = []
    skipped: list[Skipped] = []
    for entry, name in _entries(root):
        if not entry.is_symlink():
            if entry.is_file():
                files.append(name)
            else:
                skipped.append(Skipped(name, "a pipe, socket or device"))
        elif reason := _refused(entry, root):
            skipped.append(Skipped(name, reason))
        else:
            files.append(name)
    return Listing(root, tuple(sorted(files)), tuple(sorted(skipped, key=lambda one: one.entry)))


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
        except OSError as error:
            raise DatasetError(
                f"the folder {folder!r} cannot be read ({error.strerror}); give yourself permission to list "
                "it, or what it holds would be missing without a word"
            ) from error


def _refused(entry: os.DirEntry[str], root: Path) -> str:
    """Why a link is not followed; empty where it leads to a file of the folder."""
    try:
        target = Path(entry.path).resolve(strict=True)
    except (OSError, RuntimeError):
        return "a link that leads nowhere"
    if not target.is_relative_to(root.resolve()):
        return "a link that leads out of the folder"
    return "" if target.is_file() else "a link to a folder"
