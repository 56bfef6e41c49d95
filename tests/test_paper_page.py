"""The page about the paper is true: its code runs, and every number it shows is what comes out."""

from __future__ import annotations

import csv
import io
import re
import shlex
import subprocess
import sys
from collections import Counter
from contextlib import redirect_stdout
from dataclasses import dataclass
from itertools import combinations, pairwise
from pathlib import Path

import pytest

from fer_audit.catalog import Catalog
from fer_audit.datasets import choose_dataset
from fer_audit.models import choose_model

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
        for (before, _), (language, after) in pairwise(BLOCKS)
        if before == "python"
    ]
    assert list(page.printed) == shown


def test_the_suite_says_of_the_published_table_what_the_page_shows(page: Read, tmp_path: Path) -> None:
    command, shown = BLOCKS[-4][1], BLOCKS[-3][1]
    program, *arguments = shlex.split(command.replace("published.csv", str(page.folder / "published.csv")))
    assert program == "pytest"
    places = [f"--report={tmp_path / 'report'}", f"--store={tmp_path / 'store'}", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *arguments, *places, "-p", "no:randomly"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, "a run that decides nothing is no clean bill"
    assert shown in done.stdout


def test_the_first_command_names_a_folder_a_model_and_a_set_that_are_known() -> None:
    program, folder, model, dataset = shlex.split(BLOCKS[0][1])
    assert program == "pytest"
    assert (ROOT / folder).is_dir()
    assert choose_model(model.removeprefix("--model="), Catalog("model"), root=ROOT).name == "clip"
    assert choose_dataset(dataset.removeprefix("--dataset="), Catalog("dataset"), root=ROOT).name == "radiate"


def test_the_transcribed_counts_add_up_as_the_figure_does() -> None:
    rows = list(csv.DictReader((PUBLISHED / "confusions.csv").read_text().splitlines()))
    groups = list(rows[0])[2:]
    assert [sum(int(row[group]) for row in rows) for group in groups] == [46, 54, 97, 69, 30, 32, 59, 45]
    assert all(row["expression"] != row["predicted"] for row in rows)
    assert len({(row["expression"], row["predicted"]) for row in rows}) == len(rows) == 27
    # The page speaks of 28 pairs of groups.
    assert len(list(combinations(groups, 2))) == 28


def test_the_images_are_those_from_which_the_percentages_follow() -> None:
    rows = list(csv.DictReader((PUBLISHED / "images.csv").read_text().splitlines()))
    by_race: Counter[tuple[str, str]] = Counter()
    for row in rows:
        by_race[row["race"], row["expression"]] += int(row["images"])
    expected = {
        "asian": [44, 44, 44, 65, 44, 43, 22],
        "black": [76, 76, 74, 110, 76, 73, 38],
        "hispanic": [40, 38, 40, 57, 40, 39, 19],
        "white": [55, 56, 56, 81, 56, 56, 26],
    }
    labels = ("anger", "disgust", "fear", "happiness", "neutral", "sadness", "surprise")
    for race, images in expected.items():
        assert [by_race[race, label] for label in labels] == images
    most = dict.fromkeys(labels, 2) | {"happiness": 3, "surprise": 1}
    for row in rows:
        missing = most[row["expression"]] * int(row["people"]) - int(row["images"])
        assert missing >= 0
        assert (
            missing == 0 or row["basis"] == "assumed" or (row["race"], row["gender"]) == ("white", "female")
        )


@pytest.mark.parametrize("name", ["Chicago Face", "Face-Place"])
def test_the_tables_of_the_page_are_those_that_its_code_counts(name: str) -> None:
    """Neutral images and all others, by race, as the code under the tables takes them."""
    table = PAGE.split(f"| {name} |")[1].split("\n\n")[0].splitlines()
    neutral = [word.strip() for word in table[0].split("|")].index("neutral")
    rows = [[int(cell) for cell in line.split("|")[2:-1]] for line in table[2:]]
    counted = [(row[neutral], sum(row) - row[neutral]) for row in rows]
    assert str(counted) in BLOCKS[-2][1]
