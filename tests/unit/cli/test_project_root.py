"""The folder that pytest itself takes for its root, in every kind of project: both must find the same store."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fer_audit.cli.project import default_store, project_root

if TYPE_CHECKING:
    from pathlib import Path

PYPROJECT = "[tool.pytest.ini_options]\nminversion = '6'\n"

PROJECTS = {
    "nothing at all": {},
    "an empty pytest.ini above": {"a/pytest.ini": ""},
    "a pyproject for pytest two above": {"pyproject.toml": PYPROJECT},
    "a pyproject for something else, and one for pytest above": {
        "a/pyproject.toml": "[tool.black]\n",
        "pyproject.toml": PYPROJECT,
    },
    "a pyproject for something else only": {"a/pyproject.toml": "[tool.black]\n"},
    "a tox.ini with a section for pytest": {"a/tox.ini": "[pytest]\n"},
    "a tox.ini without one, and a setup.cfg with one": {
        "a/tox.ini": "[tox]\n",
        "setup.cfg": "[tool:pytest]\n",
    },
    "a setup.py": {"a/setup.py": ""},
    "a setup.py here and a pyproject for something else above": {
        "a/b/setup.py": "",
        "pyproject.toml": "[project]\n",
    },
}


@pytest.mark.parametrize("files", PROJECTS.values(), ids=list(PROJECTS))
def test_the_root_is_the_one_that_pytest_finds(
    pytester: pytest.Pytester, files: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = pytester.path / "a" / "b"
    folder.mkdir(parents=True)
    for name, text in files.items():
        (pytester.path / name).write_text(text)
    monkeypatch.chdir(folder)
    theirs = pytester.parseconfig().rootpath
    assert project_root(folder) == theirs
    assert default_store(folder) == theirs / ".fer_audit" / "store"


def test_files_that_cannot_be_read_configure_nothing(tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text("")
    folder = tmp_path / "a"
    folder.mkdir()
    (folder / "pyproject.toml").write_bytes(b"\xff\xfe[tool")
    (folder / "tox.ini").write_text("no section\n")
    (folder / "setup.cfg").write_text("[tool:pytest\n")
    assert project_root(folder) == tmp_path
    (folder / "pyproject.toml").write_text("[tool.pytest")
    assert project_root(folder) == tmp_path
