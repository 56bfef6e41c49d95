"""Where the project begins whose tests will read the store: the folder that pytest takes for its root."""

from __future__ import annotations

import tomllib
from configparser import ConfigParser, Error as IniError
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["default_store", "project_root"]


def default_store(folder: Path) -> Path:
    """The store that a pytest run started in this folder reads where no option names one."""
    return project_root(folder) / ".fer_audit" / "store"


def project_root(folder: Path) -> Path:
    """The nearest folder, from here upwards, that configures pytest; else has a project file; else this one.

    https://docs.pytest.org/en/stable/reference/customize.html says how pytest finds it.
    """
    upwards = (folder, *folder.parents)
    found = [candidate for candidate in upwards if _configures_pytest(candidate)]
    found += [one for name in ("pyproject.toml", "setup.py") for one in upwards if (one / name).is_file()]
    return found[0] if found else folder


def _configures_pytest(folder: Path) -> bool:
    # A pytest.ini counts even where it is empty; the others, where they have a section for pytest.
    whole = ("pytest.toml", ".pytest.toml", "pytest.ini", ".pytest.ini")
    if any((folder / name).is_file() for name in whole):
        return True
    parts: tuple[tuple[str, Callable[[str], bool]], ...] = (
        ("pyproject.toml", _has_table),
        ("tox.ini", lambda text: _has_section(text, "pytest")),
        ("setup.cfg", lambda text: _has_section(text, "tool:pytest")),
    )
    for name, says_so in parts:
        try:
            text = (folder / name).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            continue
        if says_so(text):
            return True
    return False


def _has_table(text: str) -> bool:
    try:
        tool = tomllib.loads(text).get("tool", {})
    except tomllib.TOMLDecodeError:
        return False
    return isinstance(tool, dict) and "pytest" in tool


def _has_section(text: str, name: str) -> bool:
    parser = ConfigParser(interpolation=None)
    try:
        parser.read_string(text)
    except IniError:
        return False
    return parser.has_section(name)
