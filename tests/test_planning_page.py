"""The page about planning is true: its commands print what it shows, and its code runs."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fer_audit.cli import main

if TYPE_CHECKING:
    from collections.abc import Mapping

PAGE = (Path(__file__).parent.parent / "docs/planning.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)


def test_every_block_is_of_a_kind_that_is_tested_below() -> None:
    assert [language for language, _ in BLOCKS] == ["bash", "text", "bash", "text", "python"]


@pytest.mark.parametrize("place", [0, 2])
def test_a_command_prints_what_the_page_shows(
    place: int, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    program, *arguments = shlex.split(BLOCKS[place][1])
    assert program == "fer-audit"
    with pytest.raises(SystemExit) as left:
        main(arguments, prog_name=program)
    assert left.value.code == 0
    assert capsys.readouterr().out == BLOCKS[place + 1][1]
    assert (tmp_path / "power.svg").exists() is (place == 0)


def test_the_code_runs() -> None:
    names: Mapping[str, object] = {}
    exec(BLOCKS[4][1], dict(names))  # noqa: S102 - the page's own example
