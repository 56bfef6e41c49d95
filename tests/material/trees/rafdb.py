"""RAF-DB, basic: 12,271 + 3,068 aligned pictures, a list of labels and an annotation of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trees.ground import Ground
from trees.portraits import Sitter
from trees.transcripts import rows, words

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from trees.ground import Tree

__all__ = ["rafdb", "rafdb_partition", "rafdb_twice"]

_LIST = "EmoLabel/list_patition_label.txt"
_OTHER_LIST = "EmoLabel/list_partition_label.txt"
_LANDMARKS = "35.1 41.2\n64.8 41.0\n50.0 60.3\n37.4 77.9\n62.6 77.5\n"
_FEW = 280
_ODD = Sitter(0, "male", "asian")


def rafdb(folder: Path, *, awkward: bool = True) -> Tree:
    """The whole set; how often each label and group comes is not known, and all come about equally."""
    sizes = {part["part"]: int(part["images"]) for part in rows("rafdb_images")}
    return _grown(folder, sizes, (_LIST,), awkward=awkward)


def rafdb_partition(folder: Path, *, awkward: bool = True) -> Tree:
    """A few pictures of each part, their list under the name without the slip."""
    return _grown(folder, {"train": _FEW, "test": _FEW}, (_OTHER_LIST,), awkward=awkward)


def rafdb_twice(folder: Path, *, awkward: bool = True) -> Tree:
    """A few pictures of each part, their list under both names."""
    return _grown(folder, {"train": _FEW, "test": _FEW}, (_LIST, _OTHER_LIST), awkward=awkward)


def _grown(folder: Path, sizes: Mapping[str, int], lists: tuple[str, ...], *, awkward: bool) -> Tree:
    ground = Ground(folder / "basic")
    labels = list(words("rafdb_codes").items())
    lines = []
    for part, images in sizes.items():
        for number in range(images):
            name = f"{part}_{number + 1:05}"
            # Races change from run of labels to run of labels, genders from run of races to run of races.
            code, expression = labels[number % 7]
            race, age = number // 7 % 3, number // 63 % 5
            unsure = number // 21 % 20 == 19
            gender = 2 if unsure else number // 21 % 2
            sitter = Sitter(number // 21, _word("gender", gender % 2), _word("race", race))
            ground.picture(f"Image/aligned/{name}_aligned.jpg", sitter, expression)
            said = f"{_LANDMARKS}{gender}\n{race}\n{age}\n"
            ground.annotation(f"Annotation/manual/{name}_manu_attri.txt", said)
            lines.append(f"{name}.jpg {code}")
    if awkward:
        _be_awkward(ground, lines)
    for file in lists:
        ground.annotation(file, "\n".join(lines) + "\n")
    return ground.tree()


def _word(attribute: str, code: int) -> str:
    return next(
        row["meaning"]
        for row in rows("rafdb_attributes")
        if (row["attribute"], row["code"]) == (attribute, str(code))
    )


def _be_awkward(ground: Ground, lines: list[str]) -> None:
    ground.garble("Image/aligned/train_00001_aligned.jpg")
    ground.empty("Image/aligned/test_00001_aligned.jpg")
    ground.shout("Image/aligned/train_00002_aligned.jpg")
    ground.litter("Image/aligned/")
    ground.odd_picture("Image/aligned/train_00003_aligned_cropped.jpg", "derived copy", _ODD)
    ground.odd_picture("Image/aligned/train_90001_aligned.jpg", "a picture without a row", _ODD)
    ground.odd_picture("Image/aligned/train_90002_aligned.jpg", "unknown code", _ODD)
    ground.odd_picture("Image/noch mehr – 顔/train_90003_aligned.jpg", "a picture without a row", _ODD)
    lines += ["train_90002.jpg 9", "train_90004.jpg 5"]
    ground.odd("train_90004.jpg", "a row without its picture")
    ground.odd_file(
        "Annotation/manual/train_90005_manu_attri.txt", "an annotation of no picture", b"1\n0\n2\n"
    )
