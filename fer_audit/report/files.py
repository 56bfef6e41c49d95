"""Report files on disk: whole or not at all, and a folder proved writable before anything is asked."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from typing import TYPE_CHECKING

from fer_audit.errors import ReportError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["check_writable", "replace_file"]


def check_writable(directory: Path) -> None:
    """Prove that reports can be written, by making the folder and a file in it that is removed again.

    Raises:
        ReportError: the folder cannot be made or written; found out before a model is asked, not after.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=directory, prefix=".report-"):
            pass
    except OSError as error:
        raise ReportError(_cure(directory, error)) from error


def replace_file(path: Path, content: bytes) -> None:
    """Put a file in place in one step, so that nobody ever reads half of it.

    Raises:
        ReportError: the file cannot be written.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temporary.write_bytes(content)
        temporary.replace(path)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise ReportError(_cure(path, error)) from error


def _cure(path: Path, error: OSError) -> str:
    return (
        f"cannot write the report to {path} ({error.strerror or error}); "
        "choose another folder with --fer-report=DIR or mend this one"
    )
