"""The page about resampling is true: its code runs, and it names every function."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fer_audit.stats import resampling

PAGE = (Path(__file__).parent.parent / "docs/resampling.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)


def test_the_code_runs_and_says_what_it_drew(capsys: pytest.CaptureFixture[str]) -> None:
    ((language, text),) = BLOCKS
    assert language == "python"
    exec(text, {})  # noqa: S102 - the page's own example
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "(1000, 2) ('female', 'male')"
    assert float(lines[2].rpartition(" ")[2]) > 0


@pytest.mark.parametrize("name", resampling.__all__)
def test_the_page_names_every_function(name: str) -> None:
    assert f"`{name}`" in PAGE
