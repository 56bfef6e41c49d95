"""Copies of sets of which names are all that matters: empty files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fer_audit.datasets import dataset_from
from fer_audit.datasets.folder import FolderDataset
from fer_audit.errors import DatasetError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["loaded", "refusal", "said_of", "skips", "write_copy"]


def write_copy(root: Path, *names: str) -> Path:
    """A folder of empty files of these names, with the folders in them."""
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    return root


def loaded(family: str, root: Path, *, codes: Mapping[str, str] | None = None) -> FolderDataset:
    """A copy, opened; every entry of it is one of those that `Inventory` counts."""
    opened = dataset_from(family, root, codes=codes).open()
    assert isinstance(opened, FolderDataset)
    inventory = opened.inventory
    there = sum(1 for entry in root.rglob("*") if entry.is_symlink() or not entry.is_dir())
    assert inventory.present == there
    assert inventory.read + len(inventory.annotations) + len(inventory.skipped) == there
    return opened


def refusal(family: str, root: Path) -> str:
    """What is said of a folder that is no dataset."""
    with pytest.raises(DatasetError) as caught:
        dataset_from(family, root).open()
    return str(caught.value)


def said_of(opened: FolderDataset) -> dict[str, tuple[str, str, dict[str, str]]]:
    """Person, label and attributes of each picture."""
    return {face.image: (face.identity, face.expression, dict(face.attributes)) for face in opened.faces}


def skips(opened: FolderDataset) -> dict[str, str]:
    """The reason of each entry that is skipped."""
    return {skipped.entry: skipped.reason for skipped in opened.inventory.skipped}
