from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

import fer_audit
from fer_audit.cli import main
from fer_audit.cli.plan import plan

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Result:
    exit_code: int
    stdout: str
    stderr: str


Run = Callable[..., Result]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """The command as a shell runs it."""

    def run_plan(*arguments: str) -> Result:
        with pytest.raises(SystemExit) as left:
            main(["plan", *arguments], prog_name="fer-audit")
        told = capsys.readouterr()
        assert isinstance(left.value.code, int)
        return Result(left.value.code, told.out, told.err)

    return run_plan


def answers(path: Path, people: int = 20) -> Path:
    rows = ["identity,expression,predicted,race"]
    rows += [f"{race}{i},anger,{'anger' if i % 4 else 'fear'},{race}" for race in "ab" for i in range(people)]
    path.write_text("\n".join(rows), encoding="utf-8")
    return path


def test_the_command_prints_the_answer_of_the_function(run: Run) -> None:
    result = run("--accuracy=0.9", "--images=8", "--paired")
    assert result.exit_code == 0
    found = fer_audit.plan(rate=0.9, images=8, paired=True)
    assert result.stdout.splitlines() == [
        found.answer,
        "",
        "This takes for granted:",
        *(f"- {line}" for line in found.assumptions),
    ]


def test_every_argument_of_the_functions_is_an_option() -> None:
    names = {parameter.name for parameter in plan.params}
    code = fer_audit.plan.__code__
    arguments = set(code.co_varnames[: code.co_argcount + code.co_kwonlyargcount])
    assert arguments - {"on_step"} <= names


def test_machines_read_json(run: Run) -> None:
    result = run("--accuracy=0.9", "--images=8", "--paired", "--json")
    read = json.loads(result.stdout)
    found = fer_audit.plan(rate=0.9, images=8, paired=True)
    assert read["needed"]["people"] == found.people
    assert read["answer"] == found.answer
    assert read["study"]["images"] == 8


@pytest.mark.parametrize("suffix", ["svg", "png"])
def test_the_power_curve_is_a_picture(run: Run, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"power.{suffix}"
    result = run("--accuracy=0.9", "--images=8", "--paired", f"--curve={path}")
    assert result.exit_code == 0
    assert f"The power curve is in {path}" in result.stdout
    begin = path.read_bytes()[:8]
    assert begin == b"\x89PNG\r\n\x1a\n" if suffix == "png" else b"<?xml" in begin


def test_the_picture_names_its_lines_and_the_number(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "power.svg"
    result = run("--accuracy=0.9", "--images=8", "--paired", f"--curve={path}")
    people = result.stdout.split(" people", 1)[0]
    drawn = path.read_text(encoding="utf-8")
    for words in (
        "PASS of a fair model",
        "FAIL of a model at twice the tolerance",
        f"{people} people",
        "80 %",
        "people in each of 2 groups",
    ):
        assert words in drawn
    again = tmp_path / "again.svg"
    run("--accuracy=0.9", "--images=8", "--paired", f"--curve={again}")
    assert again.read_bytes() == path.read_bytes()


def test_a_table_says_what_it_could_show(run: Run, tmp_path: Path) -> None:
    table, picture = answers(tmp_path / "answers.csv"), tmp_path / "table.svg"
    result = run(f"--predictions={table}", "--by=race", f"--curve={picture}")
    assert result.exit_code == 0
    assert "people: a 20, b 20" in result.stdout
    assert "would FAIL a gap of at most 0.1 in 80 % of audits" in result.stdout
    drawn = picture.read_text(encoding="utf-8")
    assert "FAIL of a model with this gap, 10 allowed" in drawn
    assert "gap between groups, in points" in drawn


def test_numbers_of_people_say_what_they_could_show(run: Run) -> None:
    result = run("--people=30,40", "--images=8", "--ratio=1.25", "--rate=0.2", "--json")
    read = json.loads(result.stdout)
    assert read["claim"] == {"at_most": 1.25, "difference": 0.05}
    assert read["found"]["people"] == [["group 1", 30], ["group 2", 40]]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--tolerance=0",), "name the difference that would still be acceptable, e.g. 0.1"),
        (("--alpha=0.7",), "alpha is 0.7; it must lie between 0 and 0.5, e.g. 0.05"),
        (("--slices=1",), "slices is 1; give a number from 2 to 100"),
        (("--people=2x",), "'2x' is no list of numbers; write them as 55,54"),
        (("--curve=power.pdf",), "power.pdf: pictures are written as .svg or .png"),
        (("--curve=nowhere/power.svg",), "nowhere/power.svg: there is no folder nowhere; make it first"),
        (("--by=race",), "--by slices a table; name it with --predictions=FILE"),
        (
            ("--people=20,20", "--predictions=x.csv"),
            "--people and --predictions are two questions; ask one at a time",
        ),
        (
            ("--people=20,20", "--assumed=0.2"),
            "the people are given, and the answer is which truth they could show",
        ),
        (("--predictions=none.csv", "--by=race"), "none.csv: no such file"),
    ],
)
def test_bad_input_is_a_usage_error_with_the_cure(run: Run, arguments: tuple[str, ...], message: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert message in " ".join(result.stderr.split())
    assert result.stdout == ""
