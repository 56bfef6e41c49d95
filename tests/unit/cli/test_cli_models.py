from __future__ import annotations

import importlib.metadata
from importlib import import_module
from typing import TYPE_CHECKING, NoReturn

import pytest
from click.testing import CliRunner

from fer_audit.cli import main
from fer_audit.models import Endpoint, ModelSpec
from fer_audit.models.families import FAMILIES, Family

if TYPE_CHECKING:
    from pathlib import Path

listing = import_module("fer_audit.cli.models")

KEY = "canary-models-command"


def no_model(*_: object) -> NoReturn:
    raise AssertionError("a list loads nothing")


def listed() -> str:
    result = CliRunner().invoke(main, ["models"])
    assert result.exit_code == 0, result.output
    return result.output


def test_every_family_is_listed_as_it_is_written() -> None:
    lines = listed().splitlines()
    for family in FAMILIES:
        assert any(line.startswith(family.usage) and line.endswith(family.meaning) for line in lines)
    assert lines[-1] == "Models that a conftest.py registers are known to pytest only."


def test_a_key_is_said_to_be_there_and_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    far = Family("far", no_model, "far:NAME", "a model on the network", key="FAR_API_KEY")
    monkeypatch.setattr(listing, "FAMILIES", FAMILIES.with_items([far]))
    monkeypatch.delenv("FAR_API_KEY", raising=False)
    assert "- key: FAR_API_KEY is not set" in listed()
    monkeypatch.setenv("FAR_API_KEY", "")
    assert "- key: FAR_API_KEY is not set" in listed()
    monkeypatch.setenv("FAR_API_KEY", KEY)
    found = listed()
    assert "- key: FAR_API_KEY is set" in found
    assert KEY not in found


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """This package as pip would install it, with extras of other packages."""
    needs = {
        "whole": 'pytest>=1; extra == "whole"',
        "lacking": 'no-such-package>=2; extra == "lacking"',
        "old": 'pytest>=999; extra == "old"',
    }
    folder = tmp_path / "fer_audit-9.dist-info"
    folder.mkdir()
    lines = ["Metadata-Version: 2.1", "Name: fer-audit", "Version: 9", "Requires-Dist: click>=8.1"]
    lines += [
        line
        for extra, need in needs.items()
        for line in (f"Provides-Extra: {extra}", f"Requires-Dist: {need}")
    ]
    (folder / "METADATA").write_text("\n".join(lines))
    monkeypatch.syspath_prepend(str(tmp_path))


@pytest.mark.usefixtures("package")
@pytest.mark.parametrize(
    ("extra", "said"),
    [
        ("whole", "packages: fer-audit[whole] is installed"),
        ("lacking", "packages: pip install 'fer-audit[lacking]' (no-such-package is missing)"),
        (
            "old",
            f"packages: pip install 'fer-audit[old]' (pytest {importlib.metadata.version('pytest')} is not >=999)",
        ),
        ("unheard", "packages: pip install 'fer-audit[unheard]'"),
    ],
)
def test_an_extra_is_said_to_be_there_or_what_is_wrong(
    extra: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    far = Family("far", no_model, "far:NAME", "a large model", extra=extra)
    monkeypatch.setattr(listing, "FAMILIES", FAMILIES.with_items([far]))
    assert f"- {said}\n" in listed()


def test_models_of_installed_packages_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = ModelSpec("theirs", no_model, endpoint=Endpoint("api.example", "THEIR_KEY"))
    catalog = listing.registered_models().with_items([spec])
    monkeypatch.setattr(listing, "registered_models", lambda: catalog)
    found = listed()
    assert "theirs" in found
    assert "THEIR_KEY is not set" in found
