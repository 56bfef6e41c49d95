"""Sets of posed faces that are no part of the paper: KDEF, RaFD, JAFFE and CK+."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from trees.ground import Ground
from trees.portraits import Sitter
from trees.transcripts import rows, words

if TYPE_CHECKING:
    from pathlib import Path

    from trees.ground import Tree

__all__ = ["ckplus", "jaffe", "kdef", "rafd"]

_KDEF_OF_A_GENDER = 35
_KDEF_ANGLES = ("S", "HL", "HR", "FL", "FR")
_RAFD_CAMERAS = ("000", "045", "090", "135", "180")
_RAFD_GAZES = ("frontal", "left", "right")
_JAFFE_IMAGES = 213
_CKPLUS_SUBJECTS = 123
_CKPLUS_SEQUENCES = 593
_WOMAN = Sitter(0, "female", "white")


def kdef(folder: Path, *, awkward: bool = True) -> Tree:
    """70 people in two sessions, seven expressions from five angles: 4,900 pictures.

    That half of the people are women, and that the two known bad names are not among the 4,900, is a choice.
    """
    ground = Ground(folder / "KDEF")
    people = product((("F", "female"), ("M", "male")), range(_KDEF_OF_A_GENDER))
    for (letter, gender), number in people:
        for session, (code, expression), angle in product("AB", words("kdef_codes").items(), _KDEF_ANGLES):
            person = f"{session}{letter}{number + 1:02}"
            file = f"{person}/{person}{code}{angle}.JPG"
            ground.picture(file, Sitter(number, gender, "white"), expression)
    if awkward:
        ground.spoil_some()
        ground.litter()
        ground.odd_picture("AF31/AF31V.JPG", "one of the known bad names", _WOMAN)
        ground.odd_picture("AM31/AM31H.JPG", "one of the known bad names", _WOMAN)
        ground.odd_picture("AF01/AF01XXS.JPG", "unknown code", _WOMAN)
        ground.odd_picture("AF01/AF01ANS_cropped.JPG", "derived copy", _WOMAN)
    return ground.tree()


def rafd(folder: Path, *, awkward: bool = True) -> Tree:
    """67 models with eight expressions, five cameras and three gazes: 8,040 pictures."""
    ground = Ground(folder / "RaFD")
    number = 0
    for group in rows("rafd_models"):
        for place in range(int(group["models"])):
            number += 1
            sitter = Sitter(place, group["gender"], group["race"])
            shown = product(_RAFD_CAMERAS, words("rafd_codes").items(), _RAFD_GAZES)
            for camera, (code, expression), gaze in shown:
                person = f"{number:02}_{group['group']}_{group['gender']}"
                ground.picture(f"Rafd{camera}_{person}_{code}_{gaze}.jpg", sitter, expression)
    if awkward:
        ground.spoil_some()
        ground.litter()
        person = "01_Caucasian_female"
        ground.odd_picture(f"Rafd090_{person}_bored_frontal.jpg", "unknown code", _WOMAN)
        ground.odd_picture(f"Rafd090_{person}_angry_frontal_cropped.jpg", "derived copy", _WOMAN)
        ground.odd_picture(f"Rafd091_{person}_angry_frontal.jpg", "a camera that is not there", _WOMAN)
    return ground.tree()


def jaffe(folder: Path, *, awkward: bool = True) -> Tree:
    """Ten women, 213 pictures: three of each expression, and a fourth of anger of the first three.

    Who has the fourth is a choice.
    """
    ground = Ground(folder / "jaffe")
    people = [row["person"] for row in rows("jaffe_people")]
    extra = _JAFFE_IMAGES - len(people) * len(words("jaffe_codes")) * 3
    number = 0
    for place, person in enumerate(people):
        for code, expression in words("jaffe_codes").items():
            for take in range(4 if code == "AN" and place < extra else 3):
                number += 1
                file = f"{person}.{code}{take + 1}.{number}.tiff"
                ground.picture(file, Sitter(place, "female", "asian"), expression)
    if awkward:
        ground.spoil_some()
        ground.litter()
        ground.odd_picture("KA.XX1.301.tiff", "unknown code", _WOMAN)
        ground.odd_picture("KA.AN1.1_cropped.tiff", "derived copy", _WOMAN)
        ground.odd_picture("KA.AN.302.tiff", "named otherwise", _WOMAN)
    return ground.tree()


def ckplus(folder: Path, *, awkward: bool = True) -> Tree:
    """123 subjects with 593 sequences, 327 of them labelled by a file beside the last frame.

    Three frames a sequence (neutral, half, full) instead of some tens; who has how many sequences, and which
    are labelled, is a choice.
    """
    ground = Ground(folder / "CK+")
    labels = [
        (row["code"], row["expression"])
        for row in rows("ckplus_labels")
        for _ in range(int(row["sequences"]))
    ]
    for number in range(_CKPLUS_SEQUENCES):
        subject, sequence = number % _CKPLUS_SUBJECTS, number // _CKPLUS_SUBJECTS + 1
        # The labels are dealt so that one subject does not get the same one again.
        code, expression = labels[number * 10 % len(labels)] if number < len(labels) else ("", "neutral")
        sitter = Sitter(subject, ("female", "male")[subject % 2], "white")
        folders = f"S{subject + 5:03}/{sequence:03}"
        stem = f"S{subject + 5:03}_{sequence:03}"
        for frame, shown in ((1, "neutral"), (6, "neutral"), (11, expression)):
            ground.picture(f"cohn-kanade-images/{folders}/{stem}_{frame:08}.png", sitter, shown)
        if code:
            said = f"   {float(code):.7e}\n"
            ground.annotation(f"Emotion/{folders}/{stem}_{11:08}_emotion.txt", said)
    if awkward:
        last = [file for file in ground.pictures if file.endswith("_00000011.png")]
        ground.spoil_some(last[: len(labels)])
        ground.litter("cohn-kanade-images/")
        deep = "cohn-kanade-images/S005/001"
        ground.odd_picture(f"{deep}/S005_001_00000011_cropped.png", "derived copy", _WOMAN)
        ground.odd_picture(f"{deep}/S005-001-00000012.png", "named otherwise", _WOMAN)
        ground.annotation("Emotion/S900/001/S900_001_00000011_emotion.txt", "   3.0000000e+00\n")
        ground.odd("Emotion/S900/001/S900_001_00000011_emotion.txt", "a label of no sequence")
    return ground.tree()
