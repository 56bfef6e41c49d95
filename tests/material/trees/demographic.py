"""FairFace and UTKFace: no expressions, but gender, race and age of a person who is not known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trees.ground import Ground
from trees.portraits import Sitter
from trees.transcripts import rows, words

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from trees.ground import Tree

__all__ = ["fairface", "utkface"]

# Both sets have tens of thousands; these show every code several times.
_FAIRFACE = {"train": 630, "val": 126}
_UTKFACE = 600
_ODD = Sitter(3, "female", "white")


def fairface(folder: Path, *, awkward: bool = True) -> Tree:
    """756 pictures in two folders with a table each; race, age and gender come about equally often."""
    ground = Ground(folder / "FairFace")
    ages = [row["age"] for row in rows("fairface_ages")]
    for part, images in _FAIRFACE.items():
        lines = ["file,age,gender,race,service_test"]
        for number in range(images):
            name, race = list(words("fairface_races").items())[number % 7]
            gender = ("Female", "Male")[number // 7 % 2]
            file = f"{part}/{number + 1}.jpg"
            ground.picture(file, Sitter(number // 14, gender.casefold(), race), "neutral")
            lines.append(f"{file},{ages[number // 14 % 9]},{gender},{name},{number % 2 == 0}")
        if awkward and part == "val":
            ground.odd_picture("val/9001.jpg", "gender of no known code", _ODD)
            lines.append("val/9001.jpg,20-29,Unknown,White,True")
            ground.odd_picture("val/9002.jpg", "a picture without a row", _ODD)
            ground.odd("val/9003.jpg", "a row without its picture")
            lines.append("val/9003.jpg,20-29,Female,White,True")
        ground.annotation(f"fairface_label_{part}.csv", "\n".join(lines) + "\n")
    if awkward:
        for place, spoil in enumerate((ground.garble, ground.empty, ground.shout)):
            spoil(ground.pictures[place])
        ground.odd_picture("train/5_cropped.jpg", "derived copy", _ODD)
        ground.odd_picture("noch mehr – 顔/odd 4.jpg", "a picture without a row", _ODD)
        ground.litter("train/")
    return ground.tree()


def utkface(folder: Path, *, awkward: bool = True) -> Tree:
    """600 pictures, half of them named as aligned and cropped ones are."""
    ground = Ground(folder / "UTKFace")
    genders, races = _meanings("gender"), _meanings("race")
    for number in range(_UTKFACE):
        race, gender, age = number % 5, number // 5 % 2, 1 + number // 10 * 2 % 100
        suffix = ".jpg.chip.jpg" if number % 2 else ".jpg"
        file = f"{age}_{gender}_{race}_20170{109142408000 + number}{suffix}"
        ground.picture(file, Sitter(number // 10, genders[str(gender)], races[str(race)]), "neutral")
    if awkward:
        ground.spoil_some()
        ground.litter()
        ground.odd_picture("39_1_20170116174525125.jpg.chip.jpg", "a field is missing", _ODD)
        ground.odd_picture("39_1_9_20170116174525126.jpg", "race of no known code", _ODD)
        ground.odd_picture("39_5_1_20170116174525127.jpg", "gender of no known code", _ODD)
        ground.odd_picture("39_1_1_20170116174525128_cropped.jpg", "derived copy", _ODD)
    return ground.tree()


def _meanings(field: str) -> Mapping[str, str]:
    return {row["code"]: row["meaning"] for row in rows("utkface_codes") if row["field"] == field}
