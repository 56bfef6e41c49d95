"""The page about the paper is true: its code runs, and every number it shows is what comes out."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs/paper.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)
PUBLISHED = ROOT / "bias_tests/paper/published"


@dataclass(frozen=True)
class Read:
    """The page as it was run: what each of its Python blocks printed, the names it made, and its folder."""

    printed: tuple[str, ...]
    names: dict[str, object]
    folder: Path


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Read:
    folder = tmp_path_factory.mktemp("page")
    (folder / "bias_tests").symlink_to(ROOT / "bias_tests")
    names: dict[str, object] = {}
    printed = []
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for language, text in BLOCKS:
            if language == "python":
                with redirect_stdout(io.StringIO()) as out:
                    exec(text, names)  # noqa: S102 - the page's own code
                printed.append(out.getvalue())
    return Read(tuple(printed), names, folder)


def test_every_block_is_of_a_kind_that_is_tested_below() -> None:
    kinds = [language for language, _ in BLOCKS]
    assert kinds == ["bash", *["python", "text"] * 5, "python", "bash", "text", "python", "text"]


def test_the_code_prints_what_the_page_shows(page: Read) -> None:
    shown = [
        after if language == "text" else ""
        for (before, _), (language, after) in zip(BLOCKS, BLOCKS[1:], strict=False)
        if before == "python"
    ]
    assert "\n".join(page.printed) == "\n".join(shown)
