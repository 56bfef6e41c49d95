"""AffectNet as arrays: one small file for the label of a picture, and one each for valence and arousal."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.lib import format as npy

from fer_audit.datasets.annotations import read_small
from fer_audit.datasets.face_table import FaceColumns
from fer_audit.datasets.folder import FolderDataset
from fer_audit.datasets.inventory import Inventory, NoFacesError, Skipped
from fer_audit.datasets.walking import is_image
from fer_audit.datasets.wild.affectnet_tables import within_range

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from fer_audit.datasets.codes import Codes
    from fer_audit.datasets.inventory import Origin
    from fer_audit.datasets.walking import Listing

__all__ = ["is_array", "open_arrays"]

_ARRAY = re.compile(r"(.*)_(exp|val|aro|lnd)\.npy", re.IGNORECASE)
_FOLDERS = ("images", "annotations")
_SPLITS = {"train_set": "train", "val_set": "val"}
_MOST_BYTES = 4096
_PREAMBLE = 10  # magic, version and length of the header, in the first version of the format


def is_array(file: str) -> bool:
    """Whether a file is the label of a picture.

    >>> is_array("val_set/annotations/5_exp.npy"), is_array("val_set/annotations/5_lnd.npy")
    (True, False)
    """
    return file.casefold().endswith("_exp.npy")


def open_arrays(listing: Listing, origin: Origin, codes: Codes) -> FolderDataset:
    """Every picture that has a label of its own beside it, or in the folder ``annotations`` beside its own.

    Args:
        listing: the files of the copy.
        origin: whose faces these are.
        codes: what the codes of labels mean.

    Raises:
        DatasetError: no picture has a label.
    """
    files = _sorted_out(listing)
    faces = FaceColumns(("split",), ("valence", "arousal"), identified=False)
    skipped = [*listing.skipped, *files.skipped]
    reader = _Reader(listing.root, files.arrays)
    for key, picture in files.pictures.items():
        code = reader.number("exp", key)
        label = codes.labels.get(f"{code:g}")
        if label is None:
            unlabelled = "its label is not there or cannot be read"
            skipped.append(Skipped(picture, unlabelled if np.isnan(code) else codes.refusal(f"{code:g}")))
        else:
            numbers = [within_range(reader.number(kind, key)) for kind in ("val", "aro")]
            faces.add(picture, None, label, (_split(f"{listing.root.name}/{picture}"),), numbers)
    skipped += [Skipped(file, "no number that can be read") for file in sorted(reader.broken)]
    alone = [
        Skipped(file, "an array whose picture is not there")
        for key, file in files.arrays["exp"].items()
        if key not in files.pictures
    ]
    annotations = tuple(
        file for of_kind in files.arrays.values() for file in of_kind.values() if file not in reader.broken
    )
    inventory = Inventory(listing.present, len(faces), annotations, tuple(skipped), rows=tuple(alone))
    if not len(faces):
        expected = "images/5.jpg with annotations/5_exp.npy, in train_set and val_set"
        raise NoFacesError(origin.title, expected, inventory)
    table = faces.table()
    return FolderDataset(listing.root, table, table.label.levels, inventory, inventory.describe(origin))


@dataclass(frozen=True, slots=True)
class _Files:
    """The files of a copy, by what they are.

    Attributes:
        pictures: every picture, by what it has alike with its arrays.
        arrays: likewise its arrays of each kind: label, valence, arousal, landmarks.
        skipped: every other, with its reason.
    """

    pictures: Mapping[str, str]
    arrays: Mapping[str, Mapping[str, str]]
    skipped: Sequence[Skipped]


def _sorted_out(listing: Listing) -> _Files:
    arrays: dict[str, dict[str, str]] = {"exp": {}, "val": {}, "aro": {}, "lnd": {}}
    pictures: dict[str, str] = {}
    skipped: list[Skipped] = []
    for file in listing.files:
        match = _ARRAY.fullmatch(file)
        if match is not None:
            of_kind, key = arrays[match[2].casefold()], _key(match[1])
        elif is_image(file):
            of_kind, key = pictures, _key(file.rpartition(".")[0])
        else:
            skipped.append(Skipped(file, "no picture"))
            continue
        if of_kind.setdefault(key, file) is not file:
            skipped.append(Skipped(file, "a second file of one name"))
    return _Files(pictures, arrays, skipped)


class _Reader:
    """Numbers out of arrays.

    Attributes:
        broken: arrays that hold another thing.
    """

    def __init__(self, root: Path, arrays: Mapping[str, Mapping[str, str]]) -> None:
        self._root, self._arrays = str(root), arrays
        self.broken: set[str] = set()

    def number(self, kind: str, key: str) -> float:
        """The number of one picture; nan where it is not there or cannot be read."""
        file = self._arrays[kind].get(key)
        if file is None:
            return np.nan
        found = _number(read_small(f"{self._root}/{file}", _MOST_BYTES) or b"")
        if found is None:
            self.broken.add(file)
            return np.nan
        return found


def _key(stem: str) -> str:
    """What a picture and its arrays have alike: the folder above the two, and a number."""
    folder, _, number = stem.casefold().rpartition("/")
    above, _, last = folder.rpartition("/")
    return f"{above if last in _FOLDERS else folder}/{number}"


def _split(path: str) -> str | None:
    found = [_SPLITS[part] for part in path.casefold().split("/") if part in _SPLITS]
    return found[-1] if found else None


def _number(data: bytes) -> float | None:
    """The one number in an array's file, as a number or in digits; None where there is another thing."""
    end = _PREAMBLE + int.from_bytes(data[8:_PREAMBLE], "little")
    kind = _kind(data[:end])
    if kind is None or kind.itemsize != len(data) - end:
        return None
    try:
        return float(np.frombuffer(data, kind, offset=end)[0])
    except ValueError:
        return None


@lru_cache(maxsize=64)
def _kind(header: bytes) -> np.dtype[Any] | None:
    """What an array with this header holds, if it is one number; hundreds of thousands have the same."""
    stream = BytesIO(header)
    try:
        if npy.read_magic(stream) != (1, 0):
            return None
        shape, _, kind = npy.read_array_header_1_0(stream)
    except ValueError:
        return None
    return kind if shape in {(), (1,)} and kind.kind in "iufUS" else None
