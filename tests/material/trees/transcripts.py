"""The checked-in lists: what is published of each set, as tables with their source in a comment."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["rows", "words"]

_LISTS = Path(__file__).with_name("lists")


@cache
def rows(name: str) -> Sequence[Mapping[str, str]]:
    """The rows of one list; lines that begin with # are remarks.

    Args:
        name: of the file, without its suffix.
    """
    lines = (_LISTS / f"{name}.csv").read_text(encoding="utf-8").splitlines()
    return tuple(csv.DictReader(line for line in lines if not line.startswith("#")))


def words(name: str) -> Mapping[str, str]:
    """A list of two columns, from the first to the second."""
    table = rows(name)
    key, value = table[0]
    return {row[key]: row[value] for row in table}
