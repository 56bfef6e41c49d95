"""FER2013, one table of pixels, and the votes of FER+ beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trees.ground import Tree
from trees.portraits import Sitter, grey
from trees.transcripts import words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

__all__ = ["fer2013", "ferplus"]

_SIDE = 48
_VOTERS = 10
# Counted from 0.
_BRIGHT = 20
_FEW = {"Training": 490, "PublicTest": 105, "PrivateTest": 105}


def fer2013(folder: Path, *, awkward: bool = True) -> Tree:
    """All 35,887 rows; labels come equally often, which is a choice."""
    sizes = {usage: int(count) for usage, count in words("fer2013_usages").items()}
    root = folder / "fer2013"
    root.mkdir(parents=True)
    return _written(root, sizes, awkward=awkward)


def ferplus(folder: Path, *, awkward: bool = True) -> Tree:
    """700 rows with the ten votes on each, row by row; every fiftieth was removed from FER+.

    Seven voters of ten say what FER2013 says, the others neutral, which is a choice.
    """
    root = folder / "fer2013"
    root.mkdir(parents=True)
    tree = _written(root, _FEW, awkward=awkward)
    with (root / "fer2013new.csv").open("w", encoding="utf-8", newline="\n") as stream:
        stream.write(f"Usage,Image name,{','.join(words('ferplus_votes'))}\n")
        stream.writelines(_votes(_FEW, tree.present))
    return tree


def _written(root: Path, sizes: Mapping[str, int], *, awkward: bool) -> Tree:
    pictures = sum(sizes.values())
    odd = _odd_rows(pictures) if awkward else {}
    with (root / "fer2013.csv").open("w", encoding="utf-8", newline="\n") as stream:
        stream.write("emotion,pixels,Usage\n")
        stream.writelines(_rows(sizes, bright=_BRIGHT if awkward else -1))
        stream.writelines(f"{row}\n" for row in odd)
    awkward_rows = {f"row {pictures + place}": oddity for place, oddity in enumerate(odd.values(), start=1)}
    if awkward:
        awkward_rows[f"row {_BRIGHT + 1}"] = "a pixel above 255"
    return Tree(root, pictures + len(odd), pictures, awkward_rows)


def _rows(sizes: Mapping[str, int], *, bright: int) -> Iterator[str]:
    """The rows of the set, one of them with a pixel that is too bright.

    Args:
        sizes: rows of each part.
        bright: the place of that one; -1 where there is none.
    """
    labels = list(words("fer2013_codes").items())
    digits: dict[tuple[int, str], str] = {}
    number = 0
    for usage, rows in sizes.items():
        for _ in range(rows):
            code, expression = labels[number % len(labels)]
            person = number // len(labels) % 48
            rest = digits.get((person, expression))
            if rest is None:
                rest = digits[person, expression] = _digits(person, expression)
            # Two dark pixels in a corner count the rows: a table has no other place where they could differ.
            first = 999 if number == bright else number >> 8
            yield f"{code},{first} {number & 255} {rest},{usage}\n"
            number += 1


def _digits(person: int, expression: str) -> str:
    """All pixels but the first two."""
    sitter = Sitter(person, ("female", "male")[person // 24], "")
    return " ".join(str(value) for value in grey(sitter, expression, _SIDE)[2:])


def _odd_rows(seed: int) -> Mapping[str, str]:
    """Rows that give no face, each with what is odd about it."""
    whole = f"{seed >> 8} {seed & 255} {_digits(0, 'neutral')}"
    return {
        f"9,{whole},Training": "unknown code",
        "3,1 2 3,Training": "too few pixels",
        f"3,{whole.replace(' ', ' x', 1)},Training": "a pixel that is no number",
        "3,,Training": "no pixels",
    }


def _votes(sizes: Mapping[str, int], rows: int) -> Iterator[str]:
    columns = words("ferplus_votes")
    labels = list(words("fer2013_codes").values())
    usages = [usage for usage, count in sizes.items() for _ in range(count)]
    usages += ["Training"] * (rows - len(usages))
    for number, usage in enumerate(usages):
        label = labels[number % len(labels)]
        votes = dict.fromkeys(columns, 0)
        votes["neutral"] += _VOTERS - 7
        votes[next(column for column, meant in columns.items() if meant == label)] += 7
        name = "" if number % 50 == 49 else f"fer{number:07}.png"
        yield f"{usage},{name},{','.join(str(count) for count in votes.values())}\n"
