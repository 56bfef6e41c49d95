"""Checksums of weights: a file of gigabytes is hashed once, not at every run."""

from __future__ import annotations

import time
from dataclasses import dataclass
from hashlib import file_digest, sha256
from typing import TYPE_CHECKING

from fer_audit.models.torch_runtime.notes import read_note, write_note

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence
    from pathlib import Path

__all__ = ["file_checksum", "files_checksum"]

_SMALL = 2**20  # bytes that are hashed in less time than a note takes
_SETTLED = 2.0  # seconds without a change, after which the next change cannot have the same time


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a file system says of a file: another content shows in one of these."""

    path: str
    size: int
    modified: int
    changed: int
    inode: int

    @classmethod
    def of(cls, path: Path, status: os.stat_result) -> _Seen:
        where = str(path.resolve())
        return cls(where, status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)

    def about(self) -> Mapping[str, str]:
        numbers = (self.size, self.modified, self.changed, self.inode)
        return {"path": self.path, "size, times and inode": " ".join(map(str, numbers))}


def file_checksum(path: Path) -> str:
    """SHA-256 of a file in hexadecimal, taken from a note while path, size, times and inode are the same.

    Raises:
        OSError: the file cannot be read.
    """
    before = _Seen.of(path, path.stat())
    if before.size >= _SMALL and (note := read_note("checksum", before.about())) and "sha256" in note:
        return note["sha256"]
    with path.open("rb") as stream:
        found = file_digest(stream, "sha256").hexdigest()
    # A file that was written a moment ago, or meanwhile, may change again within one tick of its times.
    settled = time.time_ns() - max(before.modified, before.changed) > _SETTLED * 1e9
    if before.size >= _SMALL and settled and _Seen.of(path, path.stat()) == before:
        write_note("checksum", before.about(), {"sha256": found})
    return found


def files_checksum(paths: Sequence[Path]) -> str:
    """One SHA-256 in hexadecimal over several files, their names and their order; not over their folders.

    Raises:
        OSError: a file cannot be read.
    """
    lines = (f"{path.name}\0{file_checksum(path)}\n" for path in paths)
    return sha256("".join(lines).encode()).hexdigest()
