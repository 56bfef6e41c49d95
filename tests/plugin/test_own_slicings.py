"""A dataset's own slicings: what they leave out, also where a copy of the set has none of it."""

from __future__ import annotations

import json
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

TEST = """
import pytest
from fer_audit import Gap, Slicing, accuracy

def test_own(audit):
    audit.require(Gap(accuracy, at_most=0.10))

@pytest.mark.slices("race")
def test_named(audit):
    audit.require(Gap(accuracy, at_most=0.10))

@pytest.mark.slices(Slicing("race", without={"white": "asked for"}))
def test_otherwise(audit):
    audit.require(Gap(accuracy, at_most=0.10))
"""


@pytest.fixture
def judged(pytester: pytest.Pytester) -> Any:  # noqa: ANN401 - a function of what the copy holds
    """Judge a copy of RADIATE with so many people of each letter; the scripted model needs no pictures."""

    def run(**people: int) -> dict[tuple[str, str], dict[str, Any]]:
        for race, count in people.items():
            for number in range(1, count + 1):
                for code in ("AC", "HC", "SC", "NC", "FC"):
                    (pytester.path / f"{race}F{number:02}_{code}.bmp").touch()
        pytester.makepyfile(test_fairness=TEST)
        options = ("--fer-model=oracle", "--fer-dataset=radiate=.", "--fer-slices=race", "-p", "no:randomly")
        pytester.runpytest_inprocess(*options)
        report = json.loads((pytester.path / "fairness-report/report.json").read_text(encoding="utf-8"))
        return {
            (verdict["test"].rpartition("::")[2].partition("[")[0], verdict["slicing"]): verdict
            for verdict in report["verdicts"]
        }

    return run


def test_one_person_of_a_group_is_left_out_by_name_whoever_names_the_slicing(judged: Any) -> None:  # noqa: ANN401
    found = judged(A=40, W=40, O=1)
    for test in ("test_own", "test_named"):
        verdict = found[test, "race"]
        assert verdict["outcome"] == "pass"
        assert verdict["excluded"] == [{"level": "other", "reason": "one person"}]
        assert {comparison["a"] for comparison in verdict["comparisons"]} <= {"asian", "white"}


def test_a_copy_without_that_person_is_judged_as_well(judged: Any) -> None:  # noqa: ANN401
    verdict = judged(A=40, W=40)["test_own", "race"]
    assert verdict["outcome"] == "pass"
    assert verdict["excluded"] == []


def test_what_a_test_leaves_out_itself_is_left_out_instead(judged: Any) -> None:  # noqa: ANN401
    verdict = judged(A=40, W=40, B=40)["test_otherwise", "race"]
    assert verdict["excluded"] == [{"level": "white", "reason": "asked for"}]
    assert [(pair["a"], pair["b"]) for pair in verdict["comparisons"]] in (
        [("asian", "black")],
        [("black", "asian")],
    )


OPTIONAL = """
import pytest
from fer_audit import Gap, accuracy

@pytest.mark.slices("skin_tone", optional={optional})
def test_tone(audit):
    audit.require(Gap(accuracy, at_most=0.10))

@pytest.mark.slices("race")
def test_race(audit):
    audit.require(Gap(accuracy, at_most=0.10))
"""


def copy_of_radiate(folder: Path) -> None:
    for race, number, code in product("AW", range(1, 41), ("AC", "HC", "SC")):
        (folder / f"{race}F{number:02}_{code}.bmp").touch()


@pytest.mark.parametrize("workers", [(), ("-n", "1")], ids=["alone", "worker"])
def test_an_optional_slicing_does_not_apply_where_no_dataset_has_it(
    pytester: pytest.Pytester, workers: tuple[str, ...]
) -> None:
    copy_of_radiate(pytester.path)
    pytester.makepyfile(test_fairness=OPTIONAL.format(optional=True))
    done = pytester.runpytest("--fer-model=oracle", "--fer-dataset=radiate=.", "-rs", *workers)
    done.assert_outcomes(passed=1, skipped=1)
    done.stdout.fnmatch_lines(
        [
            "not applicable: skin_tone on oracle-radiate",
            "SKIPPED * none of its slicings was chosen or is known to a chosen dataset",
        ]
    )
    # What cannot apply is no part of the run that is missing: it can be a baseline.
    report = json.loads((pytester.path / "fairness-report/report.json").read_text(encoding="utf-8"))
    assert report["partial"] is False


def test_any_other_is_an_error_for_it_may_be_misspelt(pytester: pytest.Pytester) -> None:
    copy_of_radiate(pytester.path)
    pytester.makepyfile(test_fairness=OPTIONAL.format(optional=False))
    done = pytester.runpytest("--fer-model=oracle", "--fer-dataset=radiate=.")
    assert done.ret == pytest.ExitCode.INTERRUPTED
    done.stdout.fnmatch_lines(
        ["*no chosen dataset has the slicing 'skin_tone'; *Known: gender, mouth, race*"]
    )


@pytest.mark.parametrize("words", ["optional=1", "optinal=True"])
def test_the_marker_takes_no_other_words(pytester: pytest.Pytester, words: str) -> None:
    pytester.makepyfile(
        f"import pytest\n\n@pytest.mark.slices('race', {words})\ndef test_gap(audit):\n    pass\n"
    )
    done = pytester.runpytest("--fer-model=oracle", "--fer-dataset=faces")
    assert done.ret == pytest.ExitCode.INTERRUPTED
    done.stdout.fnmatch_lines(["*the slices marker takes one or more names, *and optional=True where*"])
