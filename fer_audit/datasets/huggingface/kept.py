"""How a folder of the library datasets is kept, and the library's own objects for it: offline and silent.

The library is given files by name and never a folder to look around in: what a folder says of itself (a
README with settings, a script) could name files elsewhere, or addresses on the network.
"""

from __future__ import annotations

import json
import os
import re
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from fer_audit.datasets.splits import SPLITS
from fer_audit.datasets.walking import Listing, is_image, list_files
from fer_audit.errors import DatasetError, one_line
from fer_audit.extras import import_package

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path
    from types import ModuleType

__all__ = ["EXTRA", "Kept", "find_kept"]

EXTRA = "hf-dataset"
"""The extra of this package that installs the library."""

_SAVED = ("dataset_dict.json", "state.json")
_METADATA = re.compile(r"metadata\.(?:csv|jsonl|parquet)")
_ONLY = "train"  # what the library calls data that is not split
_MOST_JSON = 2**20


@dataclass(frozen=True, slots=True)
class Kept:
    """A folder that has been looked at, not opened.

    Attributes:
        root: the folder.
        kind: ``saved`` as by save_to_disk, or the library's own word: parquet, arrow, imagefolder.
        files: files of each split, relative to the folder; empty for a saved one.
    """

    root: Path
    kind: str
    files: Mapping[str, tuple[str, ...]]

    @property
    def title(self) -> str:
        """What messages call it."""
        return f"hf-dataset {self.root.name}"

    def features(self) -> Mapping[str, Any]:
        """The columns and what the library takes them for; no row is read.

        Raises:
            DatasetError: the library cannot read it, or two splits have different columns.
            MissingExtraError: the library is not installed.
        """
        splits = self._splits(streaming=True)
        first, *others = (dict(split.features) for split in splits.values())
        if any(other != first for other in others):
            raise DatasetError(
                f"{self.title}: its splits {', '.join(splits)} have different columns; give the folder of one"
            )
        return first

    def load(self) -> Mapping[str, Any]:
        """The library's dataset of each split; what is no saved one is converted into the library's cache.

        Raises:
            DatasetError: the library cannot read it.
            MissingExtraError: the library is not installed.
        """
        return self._splits(streaming=False)

    def library(self) -> ModuleType:
        """The library itself, imported as one that never asks the network.

        Raises:
            MissingExtraError: it is not installed.
        """
        offline = os.environ.get("HF_HUB_OFFLINE")
        os.environ["HF_HUB_OFFLINE"] = "1"
        try:
            return import_package("datasets", extra=EXTRA, asker="dataset 'hf-dataset'")
        finally:
            if offline is None:
                del os.environ["HF_HUB_OFFLINE"]
            else:
                os.environ["HF_HUB_OFFLINE"] = offline

    def _splits(self, *, streaming: bool) -> dict[str, Any]:
        library = self.library()
        try:
            with _quietly(library):
                if self.kind == "saved":
                    # Mapped into memory, so that opening it reads next to nothing.
                    found = library.load_from_disk(str(self.root))
                else:
                    files = {
                        split: [str(self.root / name) for name in names]
                        for split, names in self.files.items()
                    }
                    found = library.load_dataset(self.kind, data_files=files, streaming=streaming)
                return dict(found) if isinstance(found, dict) else {_ONLY: found}
        except Exception as error:
            raise DatasetError(
                f"{self.title}: the library datasets {library.__version__} cannot read it as "
                f"{self.kind} ({type(error).__name__}: {one_line(error)}); save it again with save_to_disk"
            ) from error


def find_kept(root: Path) -> Kept:
    """How a folder is kept, by the names of its files.

    Args:
        root: the folder.

    Raises:
        DatasetError: there is none, it holds nothing of the kind, or it names files that are not in it.
    """
    listing = list_files(root, None)
    if any(name in listing.files for name in _SAVED):
        _check_saved(listing)
        return Kept(root, "saved", {})
    for kind in ("parquet", "arrow"):
        if files := [name for name in listing.files if _is_table(name, kind)]:
            return Kept(root, kind, _by_split(files))
    images = [name for name in listing.files if is_image(name) or _is_metadata(name)]
    if not any(map(is_image, images)):
        raise DatasetError(
            f"hf-dataset {root.name}: nothing there that the library datasets writes; give the folder of "
            "save_to_disk, or one of .parquet or .arrow files, or of pictures in folders"
        )
    return Kept(root, "imagefolder", _by_split(images))


def _is_table(name: str, kind: str) -> bool:
    return PurePosixPath(name).suffix.casefold() == f".{kind}" and not _is_metadata(name)


def _is_metadata(name: str) -> bool:
    return _METADATA.fullmatch(PurePosixPath(name).name) is not None


def _by_split(names: list[str]) -> dict[str, tuple[str, ...]]:
    """Files by the split that a folder or the beginning of a name says; all are one where none does."""
    found: dict[str, list[str]] = {}
    for name in names:
        words = (re.split(r"[^a-z]", part.casefold())[0] for part in PurePosixPath(name).parts)
        split = next((SPLITS[word] for word in words if word in SPLITS), _ONLY)
        found.setdefault(split, []).append(name)
    return {split: tuple(files) for split, files in sorted(found.items())}


def _check_saved(listing: Listing) -> None:
    """Refuse a saved dataset that names files or splits outside its folder."""
    for name in listing.files:
        folder, file = PurePosixPath(name).parent, PurePosixPath(name).name
        if file not in _SAVED:
            continue
        said = _read_json(listing.root / name, name)
        data = said.get("_data_files")
        named = (
            [entry.get("filename") for entry in data if isinstance(entry, dict)]
            if isinstance(data, list)
            else []
        )
        splits = said.get("splits")
        named += [f"{split}/state.json" for split in splits] if isinstance(splits, list) else []
        for other in named:
            if not isinstance(other, str) or str(folder / other) not in listing.files:
                raise DatasetError(
                    f"hf-dataset {listing.root.name}: {name} names {other!r:.80}, which is no file of its "
                    "folder; save it again with save_to_disk, and copy the whole folder"
                )


def _read_json(path: Path, name: str) -> Mapping[str, Any]:
    try:
        with path.open("rb") as stream:
            said: object = json.loads(stream.read(_MOST_JSON + 1))
    except (OSError, ValueError, RecursionError) as error:
        raise DatasetError(
            f"hf-dataset: {name} cannot be read ({one_line(error)}); save the dataset again with save_to_disk"
        ) from error
    return said if isinstance(said, dict) else {}


@contextmanager
def _quietly(library: ModuleType) -> Iterator[None]:
    """No progress bars, no request over the network; as it was afterwards."""
    has_bars, offline = library.utils.are_progress_bars_disabled(), library.config.HF_HUB_OFFLINE
    library.disable_progress_bars()
    library.config.HF_HUB_OFFLINE = True
    try:
        yield
    finally:
        library.config.HF_HUB_OFFLINE = offline
        if not has_bars:
            library.enable_progress_bars()
