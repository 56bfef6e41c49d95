"""A dataset's own slicings: what they leave out, also where a copy of the set has none of it."""

from __future__ import annotations

import json
from typing import Any

import pytest

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
