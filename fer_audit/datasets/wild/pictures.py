"""The pictures of a folder by the names that rows of a label file give them, wherever they lie in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Pictures"]


class Pictures:
    """Pictures by name, whatever the case of its letters; folders tell apart those of one name.

    Args:
        files: pictures, relative to the dataset's folder.

    >>> pictures = Pictures(["set/1/a.jpg", "set/2/a.jpg", "set/b.JPG"])
    >>> pictures.find("1/a.jpg"), pictures.find("elsewhere/b.jpg"), pictures.find("a.jpg")
    ('set/1/a.jpg', 'set/b.JPG', None)
    """

    def __init__(self, files: Iterable[str]) -> None:
        self._one: dict[str, str] = {}
        self._several: dict[str, list[str]] = {}
        for file in files:
            name = file.rpartition("/")[2].casefold()
            first = self._one.setdefault(name, file)
            if first is not file:
                self._several.setdefault(name, [first]).append(file)

    def find(self, row: str) -> str | None:
        """The picture that a row means; None where there is none, or several and no folder says which.

        Args:
            row: a file name, or a path.
        """
        path = row.replace("\\", "/").casefold()
        name = path.rpartition("/")[2]
        if name not in self._several:
            return self._one.get(name)
        tail = f"/{path}"
        fitting = [file for file in self._several[name] if f"/{file.casefold()}".endswith(tail)]
        return fitting[0] if len(fitting) == 1 else None
