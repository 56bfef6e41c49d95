"""RADIATE, whole (1,721 images) and as the paper's table has it (1,488)."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from trees.ground import Ground
from trees.portraits import Sitter
from trees.transcripts import rows, words

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from trees.ground import Tree

__all__ = ["radiate", "radiate_paper"]

_ROOT = "RADIATE_450_COLOR_BMP"
_PARTS = 10
# 109 people times 16 expressions, less the published 1,721 images.
_MISSING = 109 * 16 - 1_721
_ODD = Sitter(0, "female", "black")


@dataclass(frozen=True, slots=True)
class _Picture:
    person: str
    code: str
    sitter: Sitter
    race: str
    expression: str


def radiate(folder: Path, *, awkward: bool = True) -> Tree:
    """109 people in ten folders, 1,721 images.

    Which 23 of the 1,744 possible images are missing is not known. Chosen: the first 23 of the 24 that the
    paper's table lacks, so that its totals are reached but for one image.
    """
    missing = set(islice(_missing_in_the_paper(), _MISSING))
    return _grown(folder, [one for one in _pictures() if one not in missing], awkward=awkward)


def radiate_paper(folder: Path, *, awkward: bool = True) -> Tree:
    """The 1,488 images of the paper's table: no calm, nobody of the group Other."""
    missing = set(_missing_in_the_paper())
    kept = [
        one for one in _pictures() if one not in missing and one.expression != "calm" and one.race != "other"
    ]
    return _grown(folder, kept, awkward=awkward)


def _pictures() -> list[_Picture]:
    """Every person with every expression."""
    people = [
        (f"{group['group']}{number + 1:02}", Sitter(number, group["gender"], group["race"]), group["race"])
        for group in rows("radiate_people")
        for number in range(int(group["people"]))
    ]
    return [
        _Picture(person, code, sitter, race, expression)
        for person, sitter, race in people
        for code, expression in words("radiate_codes").items()
    ]


def _missing_in_the_paper() -> Iterator[_Picture]:
    """What a race and label of the table lack, of the 1,512 that its people would have.

    Chosen: the last code of the label, of the race's first people, women first. So the one image of anger
    that White people lack is a woman's, as the table's denominators by race and gender want it.
    """
    every = _pictures()
    for line in rows("radiate_paper"):
        for expression in ("anger", "disgust", "fear", "happiness", "neutral", "sadness", "surprise"):
            there = [one for one in every if (one.race, one.expression) == (line["race"], expression)]
            last = there[-1].code
            of_last = (one for one in there if one.code == last)
            yield from islice(of_last, len(there) - int(line[expression]))


def _grown(folder: Path, pictures: list[_Picture], *, awkward: bool) -> Tree:
    ground = Ground(folder / _ROOT)
    people = list(dict.fromkeys(one.person for one in pictures))
    # Which person lies in which of the ten folders is not known: eleven in each.
    part = {person: place // (len(people) // _PARTS + 1) + 1 for place, person in enumerate(people)}
    for one in pictures:
        ground.picture(_file(part[one.person], one.person, one.code), one.sitter, one.expression)
    if awkward:
        calm = ("_CC.bmp", "_CO.bmp")
        ground.spoil_some([file for file in ground.pictures if not file.endswith(calm)])
        ground.litter()
        ground.odd_picture(_file(3, "BF01", "XQ"), "unknown code", _ODD)
        ground.odd_picture(_file(3, "BF01", "AC_cropped"), "derived copy", _ODD)
        ground.odd_picture(_file(3, "BF01", "AC").replace("BF01_", "BF01-"), "named otherwise", _ODD)
        ground.odd_picture(f"{_ROOT}-jpg/QF01_AC.jpg", "race of no known letter", _ODD)
    return ground.tree()


def _file(part: int, person: str, code: str) -> str:
    return f"RADIATE_COLOR_{part}/{person}/{person}_{code}.bmp"
