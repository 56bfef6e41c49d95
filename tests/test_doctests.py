"""The examples in docstrings are true: each module's run as they stand, by themselves."""

from __future__ import annotations

import doctest
from importlib import import_module
from pathlib import Path

import pytest

import fer_audit

PACKAGE = Path(fer_audit.__file__).parent
MODULES = [
    ".".join(("fer_audit", *path.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(".__init__")
    for path in sorted(PACKAGE.rglob("*.py"))
    if ">>> " in path.read_text(encoding="utf-8")
]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_are_true(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    failed, attempted = doctest.testmod(import_module(name))
    # What a failed example says of itself was printed.
    assert failed == 0, capsys.readouterr().out
    assert attempted > 0


def test_there_are_examples() -> None:
    assert len(MODULES) > 40
