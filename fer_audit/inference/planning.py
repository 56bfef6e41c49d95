"""What gathering a cell would take, told without reading a picture or loading the model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fer_audit.inference.asking import Asking, ways_of
from fer_audit.inference.cell import digest, open_faces

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fer_audit.datasets import Dataset, DatasetSpec
    from fer_audit.inference.asking import Way
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
        ways: ways in which each question is put.
        stored: answers that an earlier run of the same cell left in the store.
        most_usd: what asking the missing ones over the network can cost at most; None for a local model, and
            where the price is not known.
    """

    people: int
    images: int
    ways: int
    stored: int
    most_usd: float | None = None

    @property
    def to_ask(self) -> int:
        """Answers that are missing."""
        return self.images * self.ways - self.stored


def plan(
    model: ModelSpec,
    dataset: DatasetSpec,
    store: PredictionStore,
    *,
    limit_people: int | None = None,
    asking: Asking = Asking(),  # noqa: B008 - a frozen value
) -> Plan:
    """What `gather` would ask.

    Raises:
        ConfigurationError: the model has not so many wordings as are asked for, or cannot do the task.
        DatasetError: the dataset cannot be opened, or is empty.
        StoreError: the store cannot be read.
    """
    opened = dataset.open()
    faces = open_faces(dataset, opened, limit_people)
    ways = ways_of(model, asking, labels=opened.labels, task=dataset.task)
    rows = _rows(faces)
    stored = 0 if model.describe is None else store.gathered(_listing(model, opened, rows, ways))
    stored = min(stored, len(faces) * len(ways))
    missing = len(faces) * len(ways) - stored
    cost = model.endpoint.most_usd(missing) if model.endpoint is not None else None
    return Plan(len({person for _, person, _ in rows}), len(faces), len(ways), stored, cost)


def note_stored(cell: Cell, store: PredictionStore, answers: int) -> None:
    """Note for later plans how many answers of a cell are stored.

    Raises:
        StoreError: the store cannot be written.
    """
    store.note_gathered(_listing(cell.model, cell.dataset, _rows(cell.faces), cell.ways), answers)


def _rows(faces: Sequence[Face]) -> list[list[str]]:
    return sorted([face.image, face.identity, face.expression] for face in faces)


def _listing(model: ModelSpec, dataset: Dataset, rows: list[list[str]], ways: Sequence[Way]) -> str:
    """A name for a cell that needs no picture: pictures go by their names, not by their content."""
    details = dict(model.describe()) if model.describe is not None else {}
    said = [dict(way.describe()) for way in ways]
    return digest([model.name, details, list(dataset.labels), rows, *([said] if any(said) else [])])
