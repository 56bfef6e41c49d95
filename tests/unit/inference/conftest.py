from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from small_faces import LABELS, PEOPLE, picture

from fer_audit.datasets import DatasetSpec, manifest_dataset
from fer_audit.store import PredictionStore

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rows = ["image,identity,expression,gender"]
    for person in range(PEOPLE):
        for code, label in enumerate(LABELS):
            name = f"p{person}/{label}.png"
            (tmp_path / f"p{person}").mkdir(exist_ok=True)
            (tmp_path / name).write_bytes(picture(person, code))
            rows.append(f"{name},p{person},{label},{'fm'[person % 2]}")
    (tmp_path / "m.csv").write_text("\n".join(rows) + "\n")
    return tmp_path


@pytest.fixture
def dataset(folder: Path) -> DatasetSpec:
    return manifest_dataset(folder / "m.csv")


@pytest.fixture
def store(tmp_path: Path) -> PredictionStore:
    return PredictionStore(tmp_path / "store")
