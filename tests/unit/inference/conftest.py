from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from small_faces import LABELS, PEOPLE, write_faces

from fer_audit.datasets import DatasetSpec, manifest_dataset
from fer_audit.store import PredictionStore

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_faces(tmp_path, people=PEOPLE, labels=LABELS, listing="m.csv")
    return tmp_path


@pytest.fixture
def dataset(folder: Path) -> DatasetSpec:
    return manifest_dataset(folder / "m.csv")


@pytest.fixture
def store(tmp_path: Path) -> PredictionStore:
    return PredictionStore(tmp_path / "store")
