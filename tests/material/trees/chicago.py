"""Chicago Face with CFD-MR and CFD-INDIA; its main set is the paper's table of 1,207 images."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trees.ground import Ground
from trees.portraits import Sitter
from trees.transcripts import rows, words

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from trees.ground import Tree

__all__ = ["chicago", "chicago_paper"]

_ROOT = "CFD Version 3.0"
# Of the one key of CFD-INDIA that is given, IF601-519.
_IMAGE = 519
_ODD = Sitter(0, "female", "black")


@dataclass(frozen=True, slots=True)
class _Model:
    part: str
    race: str
    group: str
    number: int
    sitter: Sitter

    @property
    def stem(self) -> str:
        """Folder and beginning of the name of each image."""
        return f"Images/{self.part}/{self.group}-{self.number:03}/CFD-{self.group}-{self.number:03}"


def chicago(folder: Path, *, awkward: bool = True) -> Tree:
    """597 people with 1,207 images, and the neutral faces of CFD-MR and CFD-INDIA.

    That CFD-INDIA is neutral alone is a choice.
    """
    ground = Ground(folder / _ROOT)
    models = list(_models())
    _main_set(ground, models)
    for one in models:
        if one.part != "CFD":
            ground.picture(f"{one.stem}-{_IMAGE}-N.jpg", one.sitter, "neutral")
    if awkward:
        _be_awkward(ground)
    return ground.tree()


def chicago_paper(folder: Path, *, awkward: bool = True) -> Tree:
    """The 1,207 images of the paper's table, which are the main set."""
    ground = Ground(folder / _ROOT)
    _main_set(ground, list(_models()))
    if awkward:
        _be_awkward(ground)
    return ground.tree()


def _models() -> Iterator[_Model]:
    for group in rows("chicago_people"):
        people = int(group["people"])
        for number in range(people):
            letter, gender = ("F", "female") if number < (people + 1) // 2 else ("M", "male")
            yield _Model(
                group["part"],
                group["race"],
                f"{group['letter']}{letter}",
                int(group["first"]) + number,
                Sitter(number, gender, group["race"]),
            )


def _main_set(ground: Ground, models: list[_Model]) -> None:
    """The table's cells, dealt to the people of a race in turn, the two kinds of happiness one by one.

    Who has which expression is a choice: every second person first, so that both genders have some.
    """
    for line in rows("chicago_paper"):
        of_race = [one for one in models if (one.part, one.race) == ("CFD", line["race"])]
        turns = [*of_race[::2], *of_race[1::2]]
        for expression in ("anger", "fear", "happiness", "neutral"):
            codes = [code for code, meant in words("chicago_codes").items() if meant == expression]
            for place in range(int(line[expression])):
                one, code = turns[place // len(codes)], codes[place % len(codes)]
                image = 1 + sorted(words("chicago_codes")).index(code)
                # A name may have a third number; which ones do is a choice.
                replicate = "-001" if (place, code) == (0, "N") else ""
                ground.picture(f"{one.stem}-{image:03}{replicate}-{code}.jpg", one.sitter, expression)


def _be_awkward(ground: Ground) -> None:
    ground.spoil_some()
    ground.litter()
    folder = "Images/CFD/BF-001"
    ground.odd_picture(f"{folder}/CFD-BF-001-009-X.jpg", "unknown code", _ODD)
    ground.odd_picture(f"{folder}/CFD-BF-001-005-N_cropped.jpg", "derived copy", _ODD)
    ground.odd_picture(f"{folder}/CFD-BF-001-005-N_high.jpg", "derived copy of high resolution", _ODD)
    ground.odd_picture(f"{folder}/CFD-QF-001-009-N.jpg", "race of no known letter", _ODD)
    ground.odd_picture(f"{folder}/BF-001.jpg", "named otherwise", _ODD)
