"""The page about demographics is true: its table joins, its conftest runs, and its numbers are measured again."""

from __future__ import annotations

import re
import shlex
from itertools import product
from pathlib import Path
from statistics import median

import pytest

from fer_audit.covariates import ita, monk
from fer_audit.datasets import rendered_faces
from fer_audit.datasets.additions import DERIVED
from fer_audit.pixels import decode

PAGE = (Path(__file__).parent.parent / "docs/demographics.md").read_text(encoding="utf-8")
BLOCKS = dict(re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL))


def test_the_command_joins_the_table(pytester: pytest.Pytester) -> None:
    rows = [f"id{number:02},asian,40" for number in range(4, 49)]
    pytester.path.joinpath("who.csv").write_text(BLOCKS["csv"] + "\n".join(rows) + "\n", encoding="utf-8")
    pytester.makepyfile("def test_gap(audit):\n    pass\n")
    program, *options = shlex.split(BLOCKS["bash"].replace("\\\n", " "))
    assert program == "pytest"
    done = pytester.runpytest(*options, "--collect-only", "-p", "no:randomly")
    done.stdout.fnmatch_lines(
        ["mini-xception-faces: 48 people, *; tests by slicing: race: 1, race?age_band: 1"]
    )


def test_the_conftest_gives_the_attributes_that_it_names(pytester: pytest.Pytester) -> None:
    races = ("East Asian", "Southeast Asian", "Black")
    listed = [f"{n}-{label}.png,p{n},{label},s" for n, label in product(range(36), ("anger", "fear"))]
    known = [f"p{n},{races[n % 3]},{20 + n}" for n in range(36)]
    for name, header, rows in (
        ("people.csv", "image,identity,expression,site", listed),
        ("who.csv", "identity,race,age", known),
    ):
        pytester.path.joinpath(name).write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    pytester.makeconftest(BLOCKS["python"])
    pytester.makepyfile(
        """
        def test_groups(audit):
            assert set(audit.counts.levels) <= {"asian", "Black", "18-39", "40-64"}
            from fer_audit import Gap, accuracy
            audit.require(Gap(accuracy, at_most=0.9))
        """
    )
    done = pytester.runpytest(
        "--fer-model=oracle", "--fer-dataset=people", "--fer-slices=race_merged,age_band", "-p", "no:randomly"
    )
    done.assert_outcomes(passed=2)
    plan = pytester.runpytest(
        "--fer-model=oracle", "--fer-dataset=people", "--fer-slices=monk_measured", "--collect-only"
    )
    plan.stdout.fnmatch_lines(["oracle-people: *; tests by slicing: monk_measured: 1"])


def test_the_page_names_every_attribute_that_can_be_derived() -> None:
    assert tuple(re.findall(r"^\| `(\w+)` \|", PAGE, flags=re.MULTILINE)) == DERIVED


def test_the_numbers_of_the_embedded_faces_are_those_of_the_page() -> None:
    opened = rendered_faces().open()
    measured: dict[tuple[str, str], list[tuple[float, int]]] = {}
    for face in opened.faces:
        if face.expression == "neutral":
            picture = decode(opened.read(face.image), name=face.image)
            key = (face.attributes["skin_tone"], face.attributes["exposure"])
            measured.setdefault(key, []).append((ita(picture), round(monk(picture))))
    assert sum(map(len, measured.values())) == 192
    cells = r"\| (\d) \| (\S+) \((\S+) to (\S+)\) \| ([\d, ]+) \| (\S+) \((\S+) to (\S+)\) \| ([\d, ]+) \|"
    rows = re.findall(cells, PAGE)
    assert [row[0] for row in rows] == ["2", "4", "6", "8"]
    for row in rows:
        for exposure, said in (("fixed", row[1:5]), ("matched", row[5:9])):
            found = measured[row[0], exposure]
            angles = [angle for angle, _ in found]
            numbers = [median(angles), min(angles), max(angles)]
            assert [float(number) for number in said[:3]] == pytest.approx(numbers, abs=0.3)
            assert {int(tone) for tone in said[3].split(", ")} == {tone for _, tone in found}
