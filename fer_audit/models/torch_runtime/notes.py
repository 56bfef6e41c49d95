"""Notes about this machine in the user's cache folder: what costs seconds to find out and seldom changes.

Each note is a JSON file of its own, replaced in one step: several processes may write and read at once. What
cannot be read counts as not there, and where nothing can be written every process finds out by itself.
"""

from __future__ import annotations

import json
import os
import tempfile
from contextlib import contextmanager, suppress
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["CACHE", "noting", "read_note", "write_note"]

CACHE = "FER_AUDIT_CACHE"
"""Environment variable that names another folder than the user's cache."""

_PATIENCE = 60.0  # seconds to wait for another process that finds out the same


def read_note(kind: str, about: Mapping[str, str]) -> Mapping[str, str] | None:
    """What is noted, or None where there is no note that can be read.

    Args:
        kind: the sort of note, a word.
        about: what it depends on, by name.
    """
    try:
        note = json.loads(_file(kind, about).read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    # The whole of what it depends on is in the file, so that a file of another meaning is not believed.
    if not isinstance(note, dict) or note.get("about") != dict(about):
        return None
    found = note.get("found")
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        return None
    return found


def write_note(kind: str, about: Mapping[str, str], found: Mapping[str, str]) -> None:
    """Note something; where the folder cannot be written, nothing happens."""
    path = _file(kind, about)
    text = json.dumps({"about": dict(about), "found": dict(found)}, indent=1)
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, partial = tempfile.mkstemp(prefix=f".{path.stem}-", dir=path.parent)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as stream:
                stream.write(text)
            Path(partial).replace(path)
        except OSError:
            Path(partial).unlink(missing_ok=True)
            raise


@contextmanager
def noting(kind: str, about: Mapping[str, str]) -> Iterator[None]:
    """One process at a time finds out the same; where no lock can be had, each does by itself."""
    path = _file(kind, about).with_suffix(".lock")
    lock = FileLock(path, timeout=_PATIENCE)
    with suppress(OSError, Timeout, NotImplementedError):
        path.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def _folder() -> Path:
    named = os.environ.get(CACHE)
    if named:
        return Path(named).expanduser()
    # Part of the extras with torch, and not of the core, which imports this module too.
    return Path(import_module("platformdirs").user_cache_path("fer_audit"))


def _file(kind: str, about: Mapping[str, str]) -> Path:
    hashed = sha256(json.dumps(dict(about), sort_keys=True).encode()).hexdigest()
    return _folder() / f"{kind}-{hashed[:24]}.json"
