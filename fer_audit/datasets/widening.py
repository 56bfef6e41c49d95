"""A dataset of which more is known than it says itself: the same pictures and labels, further columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from fer_audit.datasets.face_table import FaceTable, face_table
from fer_audit.datasets.inventory import Inventoried, Inventory

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fer_audit.datasets.specification import Dataset

__all__ = ["WidenedDataset"]


@dataclass(frozen=True, slots=True)
class WidenedDataset:
    """An opened dataset with further columns.

    Attributes:
        dataset: the dataset as it opens by itself.
        faces: its faces in its order, with all that is known of them.
        inventory: its entries; where it keeps no account of them, its faces.
        details: what the report says of the image set and of the columns.
    """

    dataset: Dataset
    faces: FaceTable
    inventory: Inventory
    details: Mapping[str, str]

    @classmethod
    def of(cls, dataset: Dataset, *, identified: bool) -> Self:
        """A dataset with no further column yet.

        Args:
            dataset: an opened dataset.
            identified: whether it is known who is in which picture.
        """
        faces = face_table(dataset.faces, identified=identified)
        inventory = (
            dataset.inventory
            if isinstance(dataset, Inventoried)
            else Inventory(len(faces), len(faces), entry="face")
        )
        return cls(dataset, faces, inventory, dataset.details)

    @property
    def labels(self) -> tuple[str, ...]:
        """The label set, in its order."""
        return self.dataset.labels

    def read(self, image: str, /) -> bytes:
        """The encoded bytes of one picture.

        Raises:
            ImageError: it is missing, no regular file, too large or outside the dataset.
        """
        return self.dataset.read(image)
