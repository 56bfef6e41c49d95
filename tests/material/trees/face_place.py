"""Face-Place: its participants by group, and the paper's table of 1,053 images."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import cycle, islice
from typing import TYPE_CHECKING

from trees.ground import Ground
from trees.portraits import Sitter
from trees.transcripts import rows, words

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from trees.ground import Tree

__all__ = ["face_place", "face_place_paper"]

_ORIENTATIONS = ("00F", "30L", "30R", "45L", "45R", "60L", "60R", "90L", "90R")
_ODD = Sitter(0, "male", "white")


@dataclass(frozen=True, slots=True)
class _Participant:
    stem: str
    race: str
    sitter: Sitter


def face_place(folder: Path, *, awkward: bool = True) -> Tree:
    """235 participants, each with every orientation and every expression.

    How many images a participant has is not known: 17 is a choice, and so are a second session of every
    tenth participant, neutral from the front, and TIFF for the multiracial ones (a name of theirs is given
    so).
    """
    ground = Ground(folder / "face-place")
    for place, one in enumerate(_participants()):
        suffix = "tiff" if one.race == "multiracial" else "jpg"
        for angle in _ORIENTATIONS:
            ground.picture(f"{one.stem}_1100_{angle}.{suffix}", one.sitter, "neutral")
        for code, expression in words("face_place_codes").items():
            ground.picture(f"{one.stem}_1101_{code}.{suffix}", one.sitter, expression)
        if place % 10 == 0:
            ground.picture(f"{one.stem}_2100_00F.{suffix}", one.sitter, "neutral")
    if awkward:
        _be_awkward(ground)
    return ground.tree()


def face_place_paper(folder: Path, *, awkward: bool = True) -> Tree:
    """The 1,053 images of the paper's table.

    Its cells are dealt to the participants of a race in turn, every second one first so that both genders
    have some, which is a choice: an expression once a session, neutral from the front too. The multiracial
    are not in the table.
    """
    ground = Ground(folder / "face-place")
    for line in rows("face_place_paper"):
        of_race = [one for one in _participants() if one.race == line["race"]]
        turns = [*of_race[::2], *of_race[1::2]]
        for code, expression in words("face_place_codes").items():
            if expression != "confused":
                dealt = zip(cycle(turns), _fields(code, len(turns)), strict=False)
                for one, field in islice(dealt, int(line[expression])):
                    ground.picture(f"{one.stem}_{field}.jpg", one.sitter, expression)
    if awkward:
        _be_awkward(ground)
    return ground.tree()


def _participants() -> list[_Participant]:
    return [
        _Participant(
            f"{group['folder']}/{group['letter']}{letter}{int(group['first']) + number:04}",
            group["race"],
            Sitter(number, gender, group["race"]),
        )
        for group in rows("face_place_people")
        for letter, gender in (("F", "female"), ("M", "male"))
        for number in range(int(group[gender]))
    ]


def _fields(code: str, participants: int) -> Iterator[str]:
    """The last two fields of a name: one image of each participant, then another, then those of sessions."""
    for session in range(1, 10):
        for last in (code, "00F") if code == "NE" else (code,):
            yield from [f"{session}100_{last}"] * participants


def _be_awkward(ground: Ground) -> None:
    ground.spoil_some([file for file in ground.pictures if "_CO." not in file])
    ground.litter()
    ground.odd_picture("caucasian/CM0001_1100_XX.jpg", "unknown code", _ODD)
    ground.odd_picture("caucasian/CM0001_1100_NE_cropped.jpg", "derived copy", _ODD)
    ground.odd_picture("caucasian/ZM0001_1100_NE.jpg", "race of no known letter", _ODD)
    ground.odd_picture("caucasian/CM0001_NE.jpg", "named otherwise", _ODD)
