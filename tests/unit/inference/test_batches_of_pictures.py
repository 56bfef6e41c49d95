"""Pictures are decoded ahead, and what is in memory is bounded by pixels and not by their number."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING

from PIL import Image

from fer_audit.datasets import Dataset, DatasetSpec, manifest_dataset
from fer_audit.inference.asking import Asking
from fer_audit.inference.cell import Cell, open_cell
from fer_audit.inference.pictures import BATCH, batches
from fer_audit.models import ModelSpec

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from fer_audit.records import Face


class Counting:
    """A dataset that counts what is read of it."""

    def __init__(self, opened: Dataset) -> None:
        self._opened = opened
        self.reads = 0

    @property
    def faces(self) -> tuple[Face, ...]:
        return tuple(self._opened.faces)

    @property
    def labels(self) -> tuple[str, ...]:
        return self._opened.labels

    @property
    def details(self) -> dict[str, str]:
        return dict(self._opened.details)

    def read(self, image: str) -> bytes:
        self.reads += 1
        return self._opened.read(image)


def cell_of(folder: Path, pictures: int, size: Callable[[int], tuple[int, int]]) -> tuple[Cell, Counting]:
    rows = ["image,identity,expression,gender"]
    for number in range(pictures):
        stream = BytesIO()
        Image.new("L", size(number), number % 256).save(stream, "PNG", compress_level=1)
        # A comment after the picture makes equal pixels different files.
        (folder / f"{number}.png").write_bytes(stream.getvalue() + str(number).encode())
        rows.append(f"{number}.png,p{number},anger,{'fm'[number % 2]}")
    (folder / "m.csv").write_text("\n".join(rows) + "\n")
    spec = manifest_dataset(folder / "m.csv")
    counting = Counting(spec.open())
    opened: DatasetSpec = replace(spec, open=lambda: counting)
    model = ModelSpec("nothing", lambda _labels: None)  # type: ignore[arg-type, return-value]
    cell = open_cell(model, opened, Asking(), None)
    counting.reads = 0
    return cell, counting


def test_small_pictures_come_in_full_batches_in_their_order(tmp_path: Path) -> None:
    cell, _ = cell_of(tmp_path, 150, lambda _number: (8, 8))
    wanted = list(cell.image_of)[::-1]
    found = list(batches(cell, wanted))
    assert [len(batch.inputs) for batch in found] == [BATCH, BATCH, 22]
    assert [name for batch in found for name in batch.inputs] == wanted


def test_large_pictures_come_in_small_batches_and_few_are_read_ahead(tmp_path: Path) -> None:
    cell, counting = cell_of(tmp_path, 24, lambda _number: (5000, 4000))
    used = 0
    for batch in batches(cell, list(cell.image_of)):
        used += len(batch.inputs)
        assert len(batch.inputs) <= 3
        assert counting.reads - used <= 8
    assert used == 24


def test_the_rest_is_not_decoded_when_the_consumer_stops(tmp_path: Path) -> None:
    cell, counting = cell_of(tmp_path, 300, lambda _number: (8, 8))
    for batch in batches(cell, list(cell.image_of)):
        assert batch.inputs
        break
    assert counting.reads <= 2 * BATCH + 2
