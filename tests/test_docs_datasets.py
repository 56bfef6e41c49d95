"""The page about datasets is true: every set is in it, and its commands and code do what it says."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from click.testing import CliRunner

from fer_audit.cli import main
from fer_audit.datasets.families import FAMILIES

if TYPE_CHECKING:
    import pytest

PAGE = (Path(__file__).parent.parent / "docs/datasets.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (`[^|]+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", PAGE, flags=re.MULTILINE)
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)


def test_every_set_is_in_the_table_with_what_is_known_of_its_people() -> None:
    people = {
        name: who for cell, _, who, _ in ROWS for name in re.findall(r"`([\w-]+)(?:=PATH[^`]*)?`", cell)
    }
    assert {family.name: "known" if family.identified else "unknown" for family in FAMILIES} == {
        name: who for name, who in people.items() if name in FAMILIES
    }
    assert set(people) - {family.name for family in FAMILIES} == {"faces", "hf-dataset", "images", "manifest"}


def test_groups_of_the_table_are_attributes_of_the_set() -> None:
    for cell, _, _, groups in ROWS:
        for name in re.findall(r"`([\w-]+)=PATH`", cell):
            if name not in FAMILIES or groups.startswith("none"):
                continue
            named = {
                word
                for word in re.findall(r"\w+", groups)
                if word not in {"where", "annotated", "norming", "data"}
            }
            known = {attribute.partition("_")[0] for attribute in FAMILIES[name].attributes}
            assert named <= known | {"race", "gender", "age"}, name
            assert len(named & known) >= 2, name


def test_the_command_of_the_page_runs() -> None:
    (command,) = (text for language, text in BLOCKS if language == "bash")
    program, *arguments = shlex.split(command)
    assert program == "fer-audit"
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0
    assert "What these people and pictures could decide" in result.stdout


def test_a_set_registered_as_the_page_does_is_audited_on_eight_labels(pytester: pytest.Pytester) -> None:
    code = next(text for language, text in BLOCKS if language == "python")
    for person in ("BF01", "WM01"):
        for expression in ("AC", "CC", "XX"):
            (pytester.path / f"{person}_{expression}.bmp").touch()
    pytester.makeconftest(code.replace("/data/RADIATE", str(pytester.path)))
    pytester.makepyfile("def test_gap(audit):\n    pass\n")
    done = pytester.runpytest("--fer-model=oracle", "--fer-dataset=radiate-calm", "--collect-only")
    done.stdout.fnmatch_lines(["oracle-radiate-calm: 2 people, 4 images, *"])


def test_the_declaration_of_unknown_people_reads_as_it_is_printed() -> None:
    from fer_audit.datasets import dataset_from  # noqa: PLC0415 - the name that the page uses

    code = [text for language, text in BLOCKS if language == "python"][1]
    spec = eval(code, {"dataset_from": dataset_from, "Path": Path})  # noqa: S307 - our own page
    assert (spec.name, spec.identified, spec.most_images) == ("rafdb", False, 3)
