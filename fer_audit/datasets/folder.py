"""Labelled faces whose pictures are files of one folder."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fer_audit.pixels import read_image_file

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from fer_audit.datasets.face_table import FaceTable
    from fer_audit.datasets.inventory import Inventory

__all__ = ["FolderDataset"]


@dataclass(frozen=True, slots=True)
class FolderDataset:
    """Faces whose pictures lie in a folder.

    Attributes:
        root: the folder that every image name is relative to, and must not leave.
        faces: every labelled picture.
        labels: the label set, in its order.
        inventory: every entry, and what became of it.
        details: what the report says of the image set.
    """

    root: Path
    faces: FaceTable
    labels: tuple[str, ...]
    inventory: Inventory
    details: Mapping[str, str] = field(default_factory=dict)

    def read(self, image: str, /) -> bytes:
        """The encoded bytes of one picture.

        Raises:
            ImageError: it is missing, no regular file, too large or outside the folder.
        """
        return read_image_file(self.root, image)
