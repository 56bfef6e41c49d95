"""What gathering a cell would take, told without reading a picture or loading the model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fer_audit.inference.cell import digest, open_faces

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fer_audit.datasets import Dataset, DatasetSpec
    from fer_audit.inference.cell import Cell
    from fer_audit.models import ModelSpec
    from fer_audit.records import Face
    from fer_audit.store import PredictionStore

__all__ = ["Plan", "note_stored", "plan"]


@dataclass(frozen=True, slots=True)
class Plan:
    """What gathering a cell would take.

    Attributes:
        people: identities.
        images: rows of the dataset.
        stored: answers that an earlier run of the same cell left in the store.
    """

    people: int
    images: int
    stored: int


def plan(
    model: ModelSpec, dataset: DatasetSpec, store: PredictionStore, *, limit_people: int | None = None
) -> Plan:
    """What `gather` would ask.

    Raises:
        DatasetError: the dataset cannot be opened, or is empty.
        StoreError: the store cannot be read.
    """
    opened = dataset.open()
    faces = open_faces(dataset, opened, limit_people)
    stored = 0 if model.describe is None else store.gathered(_listing(model, opened, faces))
    return Plan(len({face.identity for face in faces}), len(faces), min(stored, len(faces)))


def note_stored(cell: Cell, store: PredictionStore, answers: int) -> None:
    """Note for later plans how many answers of a cell are stored.

    Raises:
        StoreError: the store cannot be written.
    """
    store.note_gathered(_listing(cell.model, cell.dataset, cell.faces), answers)


def _listing(model: ModelSpec, dataset: Dataset, faces: Sequence[Face]) -> str:
    """A name for a cell that needs no picture: pictures go by their names, not by their content."""
    details = dict(model.describe()) if model.describe is not None else {}
    rows = sorted([face.image, face.identity, face.expression] for face in faces)
    return digest([model.name, details, list(dataset.labels), rows])
