"""Trees that are grown when they are first asked for, once in a process."""

from __future__ import annotations

import shutil
from functools import cache
from typing import TYPE_CHECKING

from trees.growing import grow

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from trees.ground import Tree

__all__ = ["Garden", "tended"]


class Garden:
    """Trees by name.

    Args:
        folder: where they are grown.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._grown: dict[str, Tree] = {}

    def tree(self, name: str) -> Tree:
        """One tree with its awkward files; whoever asks for it leaves it as it is."""
        if name not in self._grown:
            self._grown[name] = grow(name, self._folder / name)
        return self._grown[name]


def tended(folder: Path) -> Iterator[Garden]:
    """A garden, the same for every fixture that yields from here; cleared when the first of them ends.

    Fixtures of the whole session end together, when the last test is over.

    Args:
        folder: the session's own.
    """
    place = folder / "garden"
    yield _garden(place)
    shutil.rmtree(place, ignore_errors=True)


@cache
def _garden(folder: Path) -> Garden:
    return Garden(folder)
