"""A load of a hundred thousand pictures, against a bare walk of its folder and a bare read of its labels.

Run it by itself: `python benchmarks/loading.py`. It prints one line a set: name, ours, peer, ratio, target,
and what a face takes in memory and in the plan of a run. The peer walks the folder and splits every row of
the label files; it makes nothing of either. RAF-DB's attributes are a file a picture: there one peer reads
them too, and one does not. No picture has any content, and no load notices.
"""

from __future__ import annotations

import csv
import os
import tempfile
import time
import tracemalloc
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from measuring import Figure, alternate, readable

from fer_audit.datasets import dataset_from
from fer_audit.inference import plan
from fer_audit.models.oracle import oracle
from fer_audit.store import PredictionStore

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

FACES = 100_000
TARGET = ">= 0.2"
_LANDMARKS = "36.5\t41.25\n66\t40\n52\t60\n38\t78\n64\t79\n"
_HEADER = (
    "subDirectory_filePath,face_x,face_y,face_width,face_height,facial_landmarks,expression,valence,arousal"
)
_FOLDERS = 1000


@dataclass(frozen=True, slots=True)
class Tree:
    """A generated copy of a set.

    Attributes:
        name: what is read of it.
        family: the set.
        root: its folder.
        peers: bare reads of it by name, each of which counts the rows of labels.
    """

    name: str
    family: str
    root: Path
    peers: dict[str, Callable[[], int]]


def measure(faces: int, runs: int) -> list[Figure]:
    """Every set is loaded as often as its peers are; all must find as many pictures as there are."""
    figures = []
    with tempfile.TemporaryDirectory() as folder:
        for tree in _trees(Path(folder), faces):
            spec = dataset_from(tree.family, tree.root)
            for name, peer in tree.peers.items():
                pair = alternate(lambda spec=spec: len(spec.open().faces), peer, runs)  # type: ignore[misc]
                np.testing.assert_equal((pair.found, pair.expected), (faces, faces))
                figures.append(Figure(tree.name, pair.ours, name, pair.peers, TARGET))
    return figures


def costs(faces: int) -> list[str]:
    """What a face takes in memory, and in the plan that ends ``--collect-only``."""
    said = []
    with tempfile.TemporaryDirectory() as folder:
        for tree in _trees(Path(folder), faces):
            spec = dataset_from(tree.family, tree.root)
            tracemalloc.start()
            opened = spec.open()
            held, peak = tracemalloc.get_traced_memory()
            tracemalloc.stop()
            np.testing.assert_equal(len(opened.faces), faces)
            store = PredictionStore(Path(folder) / "store")
            start = time.process_time()
            planned = plan(oracle("oracle", "error=.1"), spec, store)
            taken = time.process_time() - start
            store.close()
            np.testing.assert_equal(planned.images, faces)
            said.append(
                f"{tree.name}  {held / faces:.0f} bytes a face, {peak / faces:.0f} at the peak of the load  "
                f"plan with its load {readable(taken)}"
            )
    return said


def _trees(folder: Path, faces: int) -> Sequence[Tree]:
    draw = np.random.default_rng(0)
    bare, whole, tables = folder / "rafdb", folder / "rafdb-attributes", folder / "affectnet"
    _write_rafdb(bare, draw.integers(1, 8, faces).tolist(), attributes=False)
    _write_rafdb(whole, draw.integers(1, 8, faces).tolist(), attributes=True)
    _write_affectnet(tables, faces, draw)
    return (
        Tree("rafdb", "rafdb", bare, {"walk and labels": lambda: _read_rafdb(bare)}),
        Tree(
            "rafdb with attributes",
            "rafdb",
            whole,
            {
                "walk, labels and attributes": lambda: _read_rafdb(whole, attributes=True),
                "walk and labels": lambda: _read_rafdb(whole),
            },
        ),
        Tree("affectnet", "affectnet", tables, {"walk and labels": lambda: _read_affectnet(tables)}),
    )


def _write_rafdb(root: Path, codes: Sequence[int], *, attributes: bool) -> None:
    for part in ("EmoLabel", "Image/aligned", "Annotation/manual"):
        (root / part).mkdir(parents=True)
    with (root / "EmoLabel" / "list_patition_label.txt").open("w") as labels:
        for number, code in enumerate(codes):
            stem = f"{'test' if number % 5 == 0 else 'train'}_{number:06}"
            labels.write(f"{stem}.jpg {code}\n")
            (root / "Image" / "aligned" / f"{stem}_aligned.jpg").touch()
            if attributes:
                said = f"{_LANDMARKS}{number % 2}\n{number % 3}\n{number % 5}\n"
                (root / "Annotation" / "manual" / f"{stem}_manu_attri.txt").write_text(said)


def _read_rafdb(root: Path, *, attributes: bool = False) -> int:
    for folder, _, files in os.walk(root):
        if attributes and folder.endswith("manual"):
            for file in files:
                with open(f"{folder}/{file}") as stream:  # noqa: PTH123 - as bare as it gets
                    stream.read().split()
    with (root / "EmoLabel" / "list_patition_label.txt").open() as stream:
        return sum(len(line.split()) == 2 for line in stream)


def _write_affectnet(root: Path, faces: int, draw: np.random.Generator) -> None:
    for number in range(min(faces, _FOLDERS)):
        (root / "images" / str(number)).mkdir(parents=True)
    landmarks = ";".join(f"{number:.2f}" for number in draw.uniform(0, 200, 136))
    with (root / "training.csv").open("w") as training, (root / "validation.csv").open("w") as validation:
        for table in (training, validation):
            table.write(f"{_HEADER}\n")
        for number in range(faces):
            name = f"{number % _FOLDERS}/{draw.bytes(28).hex()}.jpg"
            (root / "images" / name).touch()
            table = training if number % 100 else validation
            table.write(f"{name},10,10,200,200,{landmarks},{number % 8},0.25,-0.5\n")


def _read_affectnet(root: Path) -> int:
    rows = 0
    for _ in os.walk(root):
        pass
    for name in ("training.csv", "validation.csv"):
        with (root / name).open(newline="") as stream:
            rows += sum(len(row) == 9 for row in csv.reader(stream)) - 1
    return rows


def main() -> None:
    """Measure and print."""
    for figure in measure(FACES, 5):
        print(figure)
    for line in costs(FACES):
        print(line)


if __name__ == "__main__":
    main()
