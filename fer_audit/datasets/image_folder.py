"""A dataset from a folder of pictures with a folder for each label: ``happy/x.jpg`` or ``train/happy/x.jpg``.

Folders are named by expressions, in any of the words that the vocabulary knows; numbers mean something else
in every set, and what they mean is told (`codes`). Nobody knows who is in which picture, and nothing is said
of people: to compare groups, demographics are joined, or a manifest is written.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from fer_audit.datasets.face_table import FaceColumns
from fer_audit.datasets.folder import FolderDataset
from fer_audit.datasets.inventory import Inventory, NoFacesError, Skipped
from fer_audit.datasets.manifest import check_task, short_name
from fer_audit.datasets.specification import DatasetSpec
from fer_audit.datasets.splits import SPLITS
from fer_audit.datasets.walking import is_image, list_files
from fer_audit.errors import DatasetError
from fer_audit.vocabulary import EXPRESSION, expression_named

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["image_folder"]


def image_folder(
    path: Path,
    *,
    name: str | None = None,
    task: str = EXPRESSION,
    codes: Mapping[str, str] | None = None,
    most_images: int | None = None,
) -> DatasetSpec:
    """A dataset specification from a folder; what lies in it is listed when it is opened.

    Before that only the names of what lies directly in it are read, for they tell whether it is split.

    Args:
        path: the folder.
        name: the short name; the folder's without one.
        task: what the labels are of. Of another task than expressions every folder is a label.
        codes: labels of folders whose names do not say them, e.g. ``{"0": "anger"}``.
        most_images: nobody is in more pictures than this; no verdict is reached without it.

    Raises:
        DatasetError: there is no such folder, it may not be read, or the task has no name.
    """
    try:
        children = [child.name for child in path.iterdir() if child.is_dir()]
    except NotADirectoryError:
        raise DatasetError(
            f"images={path.name} is a file; give the folder that has a folder for each label, or a table of "
            "pictures as manifest=PATH.csv"
        ) from None
    except OSError as error:
        raise DatasetError(
            f"the image folder {str(path)!r} cannot be read ({error.strerror}); check the path and its "
            "permissions"
        ) from error
    is_split = any(_is_split(child) for child in children)
    labelling = _Labelling(check_task(task, where=f"images={path.name}"), codes or {})
    return DatasetSpec(
        name=name or short_name(path.name),
        open=lambda: _open(path, labelling, is_split=is_split),
        attributes=("split",) if is_split else (),
        identified=False,
        most_images=most_images,
        task=task,
    )


@dataclass(frozen=True, slots=True)
class _Labelling:
    """Which label a folder stands for."""

    task: str
    codes: Mapping[str, str]

    def label(self, folder: str) -> str | None:
        if folder in self.codes or self.task != EXPRESSION:
            return self.codes.get(folder, folder)
        found = expression_named(folder)
        return None if found is None else str(found)


def _open(root: Path, labelling: _Labelling, *, is_split: bool) -> FolderDataset:
    listing = list_files(root, None)
    faces = FaceColumns(("split",) if is_split else (), identified=False)
    skipped = list(listing.skipped)
    for file in listing.files:
        *folders, _ = PurePosixPath(file).parts
        if not is_image(file):
            skipped.append(Skipped(file, "no picture"))
        elif not folders:
            skipped.append(Skipped(file, "in no folder that could name its label"))
        elif (label := labelling.label(folders[-1])) is None:
            skipped.append(Skipped(file, f"its folder {folders[-1]!r:.40} names no expression"))
        else:
            split = folders[0] if len(folders) > 1 and _is_split(folders[0]) else None
            faces.add(file, None, label, (split,) if is_split else ())
    inventory = Inventory(listing.present, len(faces), skipped=tuple(skipped))
    if not len(faces):
        expected = "pictures in folders named by their label (happy/1.jpg)"
        raise NoFacesError(f"image folder {root.name}", expected, inventory)
    table = faces.table()
    return FolderDataset(root, table, table.label.levels, inventory, inventory.describe(None))


def _is_split(folder: str) -> bool:
    return folder.casefold() in SPLITS
