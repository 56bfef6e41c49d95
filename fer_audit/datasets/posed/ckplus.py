"""CK+, the extended Cohn-Kanade set: short films from a neutral face to the peak of an expression.

Frames are read as ``S005_001_00000011.png``: person, sequence, number of the frame. What the peak shows
stands in a file of its own, ``S005_001_00000011_emotion.txt``, and for some sequences only; no other frame
has a label. Every sequence begins with a neutral face, by the set's own words, and many take its first frame
as one; the set does not label it, so that this is a choice:
``dataset_from("ckplus", path, codes={"onset": "neutral"})``.

Nothing is said of the people, so that the set by itself divides them by nothing: it takes demographics of
one's own.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fer_audit.datasets.codes import Codes
from fer_audit.datasets.face_table import FaceColumns
from fer_audit.datasets.family import Family
from fer_audit.datasets.folder import FolderDataset
from fer_audit.datasets.inventory import Inventory, NoFacesError, Origin, Skipped
from fer_audit.datasets.naming import SECOND, UNNAMED, name_pattern
from fer_audit.datasets.walking import is_image, list_files
from fer_audit.errors import DatasetError
from fer_audit.vocabulary import Expression

if TYPE_CHECKING:
    from pathlib import Path

    from fer_audit.datasets.walking import Listing

__all__ = ["CKPLUS"]

_ORIGIN = Origin(
    title="CK+",
    citation="Lucey et al., The Extended Cohn-Kanade Dataset (CK+): a complete dataset for action unit and "
    "emotion-specified expression, CVPR Workshops (2010) 94-101",
    licence="for research; not to be passed on",
    request="the Affect Analysis Group of the University of Pittsburgh",
)
_ONSET = "onset"
_CODES = Codes(
    {
        "0": Expression.NEUTRAL,
        "1": Expression.ANGER,
        "2": Expression.CONTEMPT,
        "3": Expression.DISGUST,
        "4": Expression.FEAR,
        "5": Expression.HAPPINESS,
        "6": Expression.SADNESS,
        "7": Expression.SURPRISE,
    },
    outside={_ONSET: "nothing (the first frame of a sequence, neutral by custom)"},
)
_FRAME = name_pattern(r"(?P<frame>S\d{3}_\d{3}_\d{8})")
_ANNOTATION = re.compile(
    r"S\d{3,4}_\d{3}_\d{8}_(?P<of>emotion|facs|landmarks)\.txt", re.ASCII | re.IGNORECASE
)
_LONGEST = 200  # bytes: an emotion file holds one number


@dataclass(frozen=True, slots=True)
class _Copy:
    """What a copy holds, by what the names say.

    Attributes:
        frames: the file of each frame, by the name of the frame.
        emotions: files that hold a label.
        annotations: files that say something else about frames.
        skipped: files that do neither.
    """

    frames: dict[str, str] = field(default_factory=dict)
    emotions: list[str] = field(default_factory=list)
    annotations: list[str] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)


def _open(root: Path, codes: Codes) -> FolderDataset:
    listing = list_files(root, _ORIGIN)
    copy = _sorted(listing)
    peaks = _peaks(root, copy)
    faces = FaceColumns(())
    for frame, file in copy.frames.items():
        code = peaks.get(frame, _ONSET if int(frame[-8:]) == 1 else "")
        if not code:
            copy.skipped.append(Skipped(file, "a frame without a label"))
        elif (label := codes.labels.get(code)) is None:
            copy.skipped.append(Skipped(file, codes.refusal(code)))
        else:
            faces.add(file, frame[:4], label, ())
    inventory = Inventory(listing.present, len(faces), tuple(copy.annotations), tuple(copy.skipped))
    if not len(faces):
        raise NoFacesError(
            _ORIGIN.title,
            "frames named such as S005_001_00000011.png, and labels of some of them named such as "
            "S005_001_00000011_emotion.txt",
            inventory,
        )
    table = faces.table()
    return FolderDataset(root, table, table.label.levels, inventory, inventory.describe(_ORIGIN))


def _sorted(listing: Listing) -> _Copy:
    copy = _Copy(skipped=list(listing.skipped))
    for file in listing.files:
        name = file.rpartition("/")[2]
        if found := _FRAME.fullmatch(name):
            frame = found["frame"].upper()
            if copy.frames.setdefault(frame, file) != file:
                copy.skipped.append(Skipped(file, SECOND))
        elif not (found := _ANNOTATION.fullmatch(name)):
            copy.skipped.append(Skipped(file, UNNAMED if is_image(file) else "no picture"))
        elif found["of"].casefold() == "emotion":
            copy.emotions.append(file)
        else:
            copy.annotations.append(file)
    return copy


def _peaks(root: Path, copy: _Copy) -> dict[str, str]:
    """The code of each labelled frame; files that hold one become annotations, the others are skipped."""
    peaks: dict[str, str] = {}
    for file in copy.emotions:
        frame = file.rpartition("/")[2].rpartition("_")[0].upper()
        if frame not in copy.frames:
            copy.skipped.append(Skipped(file, "the label of a frame that is not there"))
        elif not (code := _code(root, file)):
            copy.skipped.append(Skipped(file, "a label that is not one whole number"))
        elif peaks.setdefault(frame, code) != code:
            raise DatasetError(
                f"{_ORIGIN.title}: {file!r} labels frame {frame} {code}, another file of that name "
                f"{peaks[frame]}; remove the wrong one"
            )
        else:
            copy.annotations.append(file)
    return peaks


def _code(root: Path, file: str) -> str:
    """The number in a label file, which writes it as ``   3.0000000e+00``; empty where it holds none."""
    try:
        with (root / file).open("rb") as stream:
            text = stream.read(_LONGEST + 1)
    except OSError as error:
        raise DatasetError(
            f"{_ORIGIN.title}: the label file {file!r} cannot be read ({error.strerror}); give yourself "
            "permission, or its frame would be missing without a word"
        ) from error
    try:
        number = float(text.decode("ascii")) if len(text) <= _LONGEST else math.nan
    except ValueError:
        return ""
    return str(int(number)) if number.is_integer() else ""


CKPLUS = Family(
    name="ckplus",
    origin=_ORIGIN,
    open=_open,
    codes=_CODES,
    attributes=(),
    slicings=(),
    pattern=_FRAME,
)
"""The set, as ``--dataset=ckplus=PATH``."""
