"""The page about confounders is true: its code runs, in the order of the page."""

from __future__ import annotations

import re
from pathlib import Path

PAGE = (Path(__file__).parent.parent / "docs/confounders.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)


def test_every_block_is_of_a_kind_that_is_tested_below() -> None:
    assert [language for language, _ in BLOCKS] == ["python", "python", "python"]


def test_the_code_runs() -> None:
    names: dict[str, object] = {}
    for _, code in BLOCKS:
        exec(code, names)  # noqa: S102 - the page's own example
    assert {"same_light", "adjusted", "studio"} <= set(names)
