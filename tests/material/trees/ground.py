"""A folder that a tree is written into: every file is counted as it is written, and odd ones say why."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from trees.portraits import Sitter, portrait

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["GARBLED", "Ground", "Tree"]

GARBLED = b"this is no picture, whatever its name says "
DEEP = "neu sortiert/Größe 2 – été/顔 写真"


@dataclass(frozen=True, slots=True)
class Tree:
    """A generated copy of a set.

    Attributes:
        root: what follows ``--dataset NAME=``.
        present: everything written below it: files, or rows where the set is a table.
        pictures: pictures of the set by the published count, in their usual and their odd places.
        awkward: the odd ones, relative to the root, each with what is odd about it.
    """

    root: Path
    present: int
    pictures: int
    awkward: Mapping[str, str]


class Ground:
    """What is written below one root.

    Args:
        root: the folder; it is made and must be new.

    Attributes:
        pictures: the pictures of the set so far, where they lie now.
    """

    def __init__(self, root: Path) -> None:
        root.mkdir(parents=True)
        self._root = str(root)
        self._folders = {""}
        self.pictures: list[str] = []
        self._awkward: dict[str, str] = {}
        self._present = 0

    def picture(self, file: str, sitter: Sitter, expression: str) -> None:
        """A picture of the set."""
        self._write(file, portrait(file, sitter, expression))
        self.pictures.append(file)

    def annotation(self, file: str, content: str | bytes) -> None:
        """A file that says something about pictures."""
        self._write(file, content if isinstance(content, bytes) else content.encode())

    def odd_picture(self, file: str, oddity: str, sitter: Sitter, expression: str = "neutral") -> None:
        """A picture that the published count does not have."""
        self._write(file, portrait(file, sitter, expression))
        self._awkward[file] = oddity

    def odd_file(self, file: str, oddity: str, content: bytes = b"") -> None:
        """A file that is no picture."""
        self._write(file, content)
        self._awkward[file] = oddity

    def odd(self, entry: str, oddity: str) -> None:
        """Something odd that is already there: a file, or a row of one."""
        self._awkward[entry] = oddity

    def litter(self, folder: str = "") -> None:
        """What file managers and people leave behind."""
        self.odd_file(f"{folder}Thumbs.db", "left by a file manager", b"\xd0\xcf\x11\xe0")
        self.odd_file(f"{folder}.DS_Store", "left by a file manager", b"\0\0\0\1Bud1")
        self.odd_file(f"{folder}read me.txt", "a text", b"Ask before you pass this on.\n")

    def garble(self, file: str) -> None:
        """Make a picture of the set unreadable; its name stays right."""
        self._rewrite(file, GARBLED + file.encode())
        self._awkward[file] = "no picture by its content"

    def empty(self, file: str) -> None:
        """Make a picture of the set empty; its name stays right."""
        self._rewrite(file, b"")
        self._awkward[file] = "empty"

    def shout(self, file: str) -> None:
        """Give a picture of the set a suffix of the other case."""
        suffix = PurePosixPath(file).suffix
        self._move(file, f"{file.removesuffix(suffix)}{suffix.swapcase()}", "suffix in the other case")

    def bury(self, file: str) -> None:
        """Move a picture of the set into deeper folders with spaces and letters of other scripts."""
        there = f"{DEEP}/{PurePosixPath(file).name}"
        self._folder(DEEP)
        self._move(file, there, "in a deeper folder with spaces and other scripts")

    def spoil_some(self, among: Sequence[str] = ()) -> None:
        """One each of what can befall a picture of the set, far apart; the published count stays.

        Args:
            among: pictures that it may befall; any without it.
        """
        files = among or self.pictures
        quarter = len(files) // 4
        chosen = [files[place * quarter] for place in range(4)]
        for spoil, file in zip((self.shout, self.bury, self.garble, self.empty), chosen, strict=True):
            spoil(file)

    def tree(self) -> Tree:
        """What was written."""
        return Tree(Path(self._root), self._present, len(self.pictures), dict(self._awkward))

    def _write(self, file: str, content: bytes) -> None:
        self._folder(file.rpartition("/")[0])
        # The mode refuses a name that was written before: no file is counted twice. Tens of thousands are
        # written, so that this is the system's call and no object of Python's.
        descriptor = os.open(f"{self._root}/{file}", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        try:
            os.write(descriptor, content)
        finally:
            os.close(descriptor)
        self._present += 1

    def _rewrite(self, file: str, content: bytes) -> None:
        Path(self._root, file).write_bytes(content)

    def _move(self, file: str, there: str, oddity: str) -> None:
        Path(self._root, file).rename(Path(self._root, there))
        self.pictures[self.pictures.index(file)] = there
        self._awkward[there] = oddity

    def _folder(self, folder: str) -> None:
        if folder not in self._folders:
            Path(self._root, folder).mkdir(parents=True, exist_ok=True)
            self._folders.add(folder)
