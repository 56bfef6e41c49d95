"""ExpW: pictures from the web with several faces each; one row of ``label.lst`` a face, with its box.

A row is the picture's name, the number of the face in it, the box (top, left, right, bottom), how sure the
detector was, and the label. What is read of a face is what lies in its box.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from fer_audit.datasets.annotations import text_lines
from fer_audit.datasets.codes import Codes
from fer_audit.datasets.face_table import FaceColumns
from fer_audit.datasets.family import Family
from fer_audit.datasets.inventory import Inventory, NoFacesError, Origin, Skipped
from fer_audit.datasets.walking import is_image, list_files
from fer_audit.datasets.wild.encoding import as_png
from fer_audit.datasets.wild.pictures import Pictures
from fer_audit.errors import DatasetError, ImageError
from fer_audit.pixels import decode, read_image_file
from fer_audit.vocabulary import Expression

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from fer_audit.datasets.face_table import FaceTable

__all__ = ["EXPW", "BoxedFaces"]

_ORIGIN = Origin(
    title="ExpW",
    citation="Zhang, Luo, Loy and Tang, From facial expression recognition to interpersonal relation "
    "prediction, International Journal of Computer Vision 126 (2018) 550-569",
    licence="for research; not to be passed on",
    request="its authors",
)
_CODES = Codes(
    {
        "0": Expression.ANGER,
        "1": Expression.DISGUST,
        "2": Expression.FEAR,
        "3": Expression.HAPPINESS,
        "4": Expression.SADNESS,
        "5": Expression.SURPRISE,
        "6": Expression.NEUTRAL,
    }
)
_LIST = "label.lst"
_CELLS = 8
_LARGEST = 2**31 - 1


@dataclass(frozen=True, slots=True)
class BoxedFaces:
    """Faces cut out of pictures that show several.

    Attributes:
        root: the folder that every picture is relative to, and must not leave.
        boxes: shape (faces, 4), int32: left, top, right and bottom of each face, in pixels.
        faces: every labelled face, sorted by its image, which is its picture's name, ``#`` and its number.
        labels: the label set, in its order.
        inventory: every entry, and what became of it.
        details: what the report says of the image set.
    """

    root: Path
    boxes: NDArray[np.int32]
    faces: FaceTable
    labels: tuple[str, ...]
    inventory: Inventory
    details: Mapping[str, str] = field(default_factory=dict)

    def read(self, image: str, /) -> bytes:
        """What lies in the box of one face, as a PNG.

        Raises:
            ImageError: there is no such face, its picture cannot be read, or its box leaves the picture.
        """
        place = bisect_left(self.faces.images, image)
        if place == len(self.faces) or self.faces.images[place] != image:
            raise ImageError(
                f"image {image!r} is no face of this set; its faces are named as {self._example}"
            )
        picture = decode(read_image_file(self.root, image.rpartition("#")[0]), name=image)
        left, top, right, bottom = self.boxes[place].tolist()
        if left < 0 or top < 0 or right > picture.width or bottom > picture.height:
            raise ImageError(
                f"image {image!r} has the box {left}, {top} to {right}, {bottom}, which leaves its picture "
                f"of {picture.width} x {picture.height} pixels; mend or remove its row"
            )
        return as_png(picture.crop((left, top, right, bottom)))

    @property
    def _example(self) -> str:
        return repr(self.faces.images[0])


@dataclass(frozen=True, slots=True)
class _Row:
    """One face as its row says it."""

    label: str
    box: tuple[int, int, int, int]
    confidence: float


class _Load:
    """Rows on their way to faces.

    Attributes:
        found: the row of each face, by its image.
        rows: rows that give no face, each with its reason.
        mentioned: pictures that some row names.
    """

    def __init__(self, pictures: Pictures, codes: Codes) -> None:
        self._pictures, self._codes = pictures, codes
        self._disputed: set[str] = set()
        self.found: dict[str, _Row] = {}
        self.rows: list[Skipped] = []
        self.mentioned: set[str] = set()

    def take(self, path: Path, file: str) -> None:
        """Read the rows of the list."""
        for number, line in enumerate(text_lines(path, file), start=1):
            reason = self._row(line.rsplit(None, _CELLS - 1)) if line.strip() else None
            if reason is not None:
                self.rows.append(Skipped(f"{file}, row {number}", reason))
        for image in self._disputed:
            del self.found[image]
            self.rows.append(Skipped(image, "two rows disagree about one face"))

    def _row(self, cells: list[str]) -> str | None:
        """Take one row, or say why not."""
        try:
            name, face, *box, confidence, code = cells
            top, left, right, bottom = (int(side) for side in box)
            sure = float(confidence)
        except ValueError:
            return "not a name, a face, a box of four numbers, a confidence and a label"
        file = self._pictures.find(name)
        if file is None:
            return "names a picture that is not there"
        self.mentioned.add(file)
        label = self._codes.labels.get(code)
        if label is None:
            return self._codes.refusal(code)
        if left >= right or top >= bottom or max(map(abs, (left, top, right, bottom))) > _LARGEST:
            return "a box without an inside"
        row = _Row(label, (left, top, right, bottom), sure)
        image = f"{file}#{face}"
        first = self.found.setdefault(image, row)
        if first is row:
            return None
        if first != row:
            self._disputed.add(image)
        return "a second row of one face"


def _open(root: Path, codes: Codes) -> BoxedFaces:
    listing = list_files(root, _ORIGIN)
    lists = [file for file in listing.files if file.rpartition("/")[2].casefold() == _LIST]
    if len(lists) > 1:
        raise DatasetError(
            f"{_ORIGIN.title}: two lists of labels, {lists[0]} and {lists[1]}; give the folder of one copy"
        )
    pictures = [file for file in listing.files if is_image(file)]
    load = _Load(Pictures(pictures), codes)
    for file in lists:
        load.take(root / file, file)
    faces = FaceColumns((), ("confidence",), identified=False)
    boxes = array("i")
    read: set[str] = set()
    for image in sorted(load.found):
        row = load.found[image]
        faces.add(image, None, row.label, (), (row.confidence,))
        boxes.extend(row.box)
        read.add(image.rpartition("#")[0])
    skipped = list(listing.skipped)
    for file in pictures:
        if file not in read:
            mentioned = file in load.mentioned
            skipped.append(
                Skipped(file, "none of its faces can be read" if mentioned else f"no row in {_LIST}")
            )
    others = set(listing.files).difference(pictures, lists)
    skipped += [Skipped(file, "no picture") for file in sorted(others)]
    inventory = Inventory(listing.present, len(read), tuple(lists), tuple(skipped), rows=tuple(load.rows))
    if not read:
        raise NoFacesError(_ORIGIN.title, f"{_LIST} and the pictures that it names", inventory)
    table = faces.table()
    corners = np.array(boxes, dtype=np.int32).reshape(-1, 4)
    return BoxedFaces(root, corners, table, table.label.levels, inventory, inventory.describe(_ORIGIN))


EXPW = Family(
    name="expw",
    origin=_ORIGIN,
    open=_open,
    codes=_CODES,
    attributes=(),
    slicings=(),
    covariates=("confidence",),
    identified=False,
)
"""The set, as ``--dataset=expw=PATH``."""
