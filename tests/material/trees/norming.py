"""The norming workbook of Chicago Face, a row a person; it takes the package that writes workbooks."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from openpyxl import Workbook

from trees.chicago import Model, models

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trees.ground import Tree

__all__ = ["with_norming"]

_FILE = "CFD 3.0 Norming Data and Codebook.xlsx"
# Sheets as datasets.md names them; people of CFD-INDIA were rated twice.
_SHEETS = {
    "CFD U.S. Norming Data": "CFD",
    "CFD-MR U.S. Norming Data": "CFD-MR",
    "CFD-I U.S. Norming Data": "CFD-INDIA",
    "CFD-I INDIA Norming Data": "CFD-INDIA",
}
_HEADER = ("Model", "EthnicitySelf", "GenderSelf", "AgeSelf", "AgeRated", "LuminanceMedian")


def with_norming(tree: Tree) -> Tree:
    """The same tree with the workbook in it.

    What is known of datasets.md is that the header is no certain row and has a column ``Model``; the other
    columns, and the numbers below them, are a choice.

    Args:
        tree: a copy of Chicago Face; its folder gets one file more.
    """
    book = Workbook(write_only=True)
    book.create_sheet("Codebook").append(["Model", "of the person"])
    for above, (name, part) in enumerate(_SHEETS.items()):
        sheet = book.create_sheet(name)
        for _ in range(above):
            sheet.append(["Norming data"])
        sheet.append(_HEADER)
        for row in _rows(part):
            sheet.append(row)
    book.save(tree.root / _FILE)
    return replace(tree, present=tree.present + 1)


def _rows(part: str) -> Iterator[list[str | float]]:
    for place, one in enumerate(one for one in models() if one.part == part):
        age = 20 + place % 40
        yield [_key(one), one.group[0], one.group[1], age, age + 1.5, 100.0 + place % 50]


def _key(one: Model) -> str:
    """``BF-001``, but ``IF601-519``."""
    return f"{one.group}{one.number}-519" if one.part == "CFD-INDIA" else f"{one.group}-{one.number:03}"
