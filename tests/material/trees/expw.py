"""ExpW: a list of boxes and labels, and the pictures that they are in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trees.ground import Ground
from trees.portraits import Sitter
from trees.transcripts import words

if TYPE_CHECKING:
    from pathlib import Path

    from trees.ground import Tree

__all__ = ["expw"]

# The set has some ninety thousand.
_PICTURES = 420
_ODD = Sitter(2, "male", "white")


def expw(folder: Path, *, awkward: bool = True) -> Tree:
    """420 pictures with a face in each; where they lie beside the list is a choice."""
    ground = Ground(folder / "ExpW")
    lines = []
    labels = list(words("expw_codes").items())
    for number in range(_PICTURES):
        code, expression = labels[number % 7]
        name = f"{expression}_actor_{number}.jpg"
        sitter = Sitter(
            number // 7, ("female", "male")[number // 7 % 2], ("white", "black")[number // 14 % 2]
        )
        ground.picture(f"origin/{name}", sitter, expression)
        # Boxes differ, so that no two faces are the same once they are cut out.
        lines.append(_line(name, 0, f"{number % 6} {number // 6 % 6} 58 60", code))
    if awkward:
        for place, spoil in enumerate((ground.garble, ground.empty, ground.shout)):
            spoil(ground.pictures[place])
        ground.litter("origin/")
        ground.odd(f"{ground.pictures[8]}", "two faces in one picture")
        lines.append(_line(ground.pictures[8].rpartition("/")[2], 1, "0 0 20 20", "6"))
        ground.odd_picture("origin/odd_1.jpg", "unknown code", _ODD)
        lines.append(_line("odd_1.jpg", 0, "4 6 58 60", "8"))
        ground.odd_picture("origin/odd_2.jpg", "a picture without a row", _ODD)
        ground.odd_picture("origin/odd_3_cropped.jpg", "derived copy", _ODD)
        ground.odd_picture("noch mehr – 顔/odd 4.jpg", "a picture without a row", _ODD)
        ground.odd("nowhere.jpg", "a row without its picture")
        lines.append(_line("nowhere.jpg", 0, "4 6 58 60", "3"))
    ground.annotation("label.lst", "\n".join(lines) + "\n")
    return ground.tree()


def _line(name: str, face: int, box: str, code: str) -> str:
    """One row; the box is top, left, right, bottom."""
    return f"{name} {face} {box} 61.5 {code}"
