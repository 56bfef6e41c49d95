from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from fer_audit.errors import MissingExtraError
from fer_audit.extras import import_package

if TYPE_CHECKING:
    from pathlib import Path


def test_a_folder_of_the_name_of_a_package_is_no_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Folders called datasets lie beside many tests, and Python imports them where the library is missing."""
    (tmp_path / "no_such_library").mkdir()
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "no_such_library", raising=False)
    with pytest.raises(MissingExtraError) as caught:
        import_package("no_such_library", extra="hf-dataset", asker="dataset 'hf-dataset'")
    assert str(caught.value) == (
        "dataset 'hf-dataset' needs 'no_such_library', which is not installed: pip install 'fer-audit[hf-dataset]'"
    )


def test_a_package_inside_a_namespace_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "shared_name/real").mkdir(parents=True)
    (tmp_path / "shared_name/real/__init__.py").write_text("HERE = True\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert import_package("shared_name.real", extra="gemini", asker="model 'gemini'").HERE is True
