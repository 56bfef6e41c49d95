"""AffectNet in both of its layouts: tables of labels, and a small array beside each picture."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np

from trees.ground import Ground
from trees.portraits import Sitter
from trees.transcripts import words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from trees.ground import Tree

__all__ = ["affectnet", "affectnet_folders"]

# The set has hundreds of thousands; a tenth of a thousand a label shows every case.
_TRAINING, _VALIDATION = 800, 160
_LABELS = 8
_HEADER = (
    "subDirectory_filePath,face_x,face_y,face_width,face_height,facial_landmarks,expression,valence,arousal"
)
_ODD = Sitter(1, "female", "white")


def affectnet(folder: Path, *, awkward: bool = True) -> Tree:
    """``training.csv`` and ``validation.csv`` with pictures of eight labels; 960 in all.

    That the pictures' folders lie beside the tables is a choice.
    """
    ground = Ground(folder / "AffectNet")
    for table, first, images in (("training", 1, _TRAINING), ("validation", 301, _VALIDATION)):
        header = [_HEADER]
        lines = []
        for number in range(images):
            code, expression = _label(number)
            file = f"{first + number // 100}/{first:03}{number:013x}.jpg"
            ground.picture(file, _sitter(number), expression)
            lines.append(_row(file, code))
        if awkward and table == "validation":
            header = []
            ground.odd(f"{table}.csv", "no header")
        if awkward and table == "training":
            lines += _awkward_rows(ground)
        ground.annotation(f"{table}.csv", "\n".join([*header, *lines]) + "\n")
    if awkward:
        _be_awkward(ground)
    return ground.tree()


def affectnet_folders(folder: Path, *, awkward: bool = True) -> Tree:
    """``{train_set,val_set}/images/ID.jpg`` with ``annotations/ID_exp.npy``; 960 pictures in all.

    The array holds one number; that it is text in the second part is a choice, for which of the two copies
    have is not known.
    """
    ground = Ground(folder / "AffectNet")
    for part, images, dtype in (("train_set", _TRAINING, "int64"), ("val_set", _VALIDATION, "<U2")):
        for number in range(images):
            code, expression = _label(number)
            ground.picture(f"{part}/images/{number}.jpg", _sitter(number), expression)
            ground.annotation(f"{part}/annotations/{number}_exp.npy", _array(np.array(code).astype(dtype)))
    if awkward:
        _be_awkward(ground)
        for number, (code, expression) in enumerate(_no_expressions(), start=90_000):
            ground.odd_picture(f"train_set/images/{number}.jpg", f"labelled {expression}", _ODD)
            ground.annotation(f"train_set/annotations/{number}_exp.npy", _array(np.array(int(code))))
        ground.odd_picture("train_set/images/91000.jpg", "no label beside it", _ODD)
        ground.odd_picture("train_set/images/91001.jpg", "its label is no array", _ODD)
        ground.annotation("train_set/annotations/91001_exp.npy", b"3\n")
        ground.odd_picture("train_set/images/91002.jpg", "its label is pickled", _ODD)
        pickled = np.empty((), dtype=object)
        pickled[()] = "3"
        ground.annotation("train_set/annotations/91002_exp.npy", _array(pickled))
        lonely = "train_set/annotations/91003_exp.npy"
        ground.annotation(lonely, _array(np.array(3)))
        ground.odd(lonely, "a label of no picture")
    return ground.tree()


def _label(number: int) -> tuple[str, str]:
    code, expression = list(words("affectnet_codes").items())[number % _LABELS]
    return code, expression


def _no_expressions() -> Sequence[tuple[str, str]]:
    return list(words("affectnet_codes").items())[_LABELS:]


def _sitter(number: int) -> Sitter:
    return Sitter(
        number // _LABELS, ("female", "male")[number // _LABELS % 2], ("white", "black")[number % 2]
    )


def _row(file: str, code: str) -> str:
    return f"{file},4,4,56,56,10.5;20.5;30.5;40.5,{code},0.1,-0.2"


def _awkward_rows(ground: Ground) -> Iterator[str]:
    for number, (code, expression) in enumerate(_no_expressions()):
        file = f"20/odd{number}.jpg"
        ground.odd_picture(file, f"labelled {expression}", _ODD)
        yield _row(file, code)
    ground.odd_picture("20/odd5.jpg", "unknown code", _ODD)
    yield _row("20/odd5.jpg", "77")
    ground.odd("20/nowhere.jpg", "a row without its picture")
    yield _row("20/nowhere.jpg", "3")
    ground.odd_picture("20/odd6.jpg", "a picture without a row", _ODD)
    ground.odd_picture("noch mehr – 顔/odd 7.jpg", "a picture without a row", _ODD)


def _be_awkward(ground: Ground) -> None:
    """What can be done to pictures that are listed elsewhere: they cannot move."""
    for place, spoil in enumerate((ground.garble, ground.empty, ground.shout)):
        spoil(ground.pictures[place])
    ground.odd_picture(ground.pictures[9].replace(".jpg", "_cropped.jpg"), "derived copy", _ODD)
    ground.litter()


def _array(value: np.ndarray[tuple[int, ...], np.dtype[np.generic]]) -> bytes:
    stream = BytesIO()
    np.save(stream, value, allow_pickle=True)
    return stream.getvalue()
