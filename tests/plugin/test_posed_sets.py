"""Sets read by file name, audited: what a group of one person and a set of one group come to."""

from __future__ import annotations

import json
from itertools import product

import pytest
from named_copies import write_copy

PEOPLE = [*(f"{race}F{number:02}" for race, number in product("AW", range(1, 25))), "OM01"]


def test_the_one_person_of_another_group_is_named_and_neither_merged_nor_dropped(
    pytester: pytest.Pytester,
) -> None:
    names = [f"{person}_{code}.bmp" for person, code in product(PEOPLE, ("AC", "FC", "HC"))]
    write_copy(pytester.path / "copy", *names)
    pytester.makepyfile(
        """
        from fer_audit import Gap, accuracy

        def test_gap(audit):
            audit.require(Gap(accuracy, at_most=0.30))
        """
    )
    pytester.runpytest("--fer-model=oracle:error=.05", "--fer-dataset=radiate=copy")
    written = json.loads(pytester.path.joinpath("fairness-report/report.json").read_text(encoding="utf-8"))
    (cell,) = written["cells"]
    assert (cell["people"], cell["images"]) == (49, 147)
    left_out = {verdict["slicing"]: verdict["excluded"] for verdict in written["verdicts"]}
    named = [{"level": "other", "reason": "one person"}]
    assert left_out == {"race": named, "gender": [], "race*gender": named}
    by_gender = next(verdict for verdict in written["verdicts"] if verdict["slicing"] == "gender")
    # The one man among these people is that person: he is there, and too few to be judged.
    assert [(one["name"], one["people"]) for one in by_gender["not_assessable"]] == [("male", 1)]


@pytest.mark.parametrize(
    ("family", "names"),
    [("jaffe", ["KA.AN1.39.tiff"]), ("ckplus", ["S005_001_00000011.png"])],
)
def test_a_set_of_one_group_is_refused_before_anything_is_asked(
    pytester: pytest.Pytester, family: str, names: list[str]
) -> None:
    write_copy(pytester.path / "copy", *names)
    pytester.makepyfile("def test_gap(audit):\n    pass\n")
    result = pytester.runpytest("--fer-model=oracle", f"--fer-dataset=mine={family}=copy")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(
        [
            "ERROR: dataset 'mine' has no column to group its people by; join one to it, such as gender by "
            "identity: --fer-demographics=FILE"
        ]
    )


def test_another_sets_folder_is_an_error_of_the_audit_and_no_verdict(pytester: pytest.Pytester) -> None:
    write_copy(pytester.path / "copy", "AF01ANS.JPG", "BM35SUFL.JPG")
    pytester.makepyfile(
        """
        from fer_audit import Gap, accuracy

        def test_gap(audit):
            audit.require(Gap(accuracy, at_most=0.30))
        """
    )
    result = pytester.runpytest("--fer-model=oracle", "--fer-dataset=radiate=copy", "--fer-slices=race")
    assert result.ret != pytest.ExitCode.OK
    result.stdout.fnmatch_lines(["*2 of them are named as those of KDEF: try kdef=*copy*"])
    assert "Traceback" not in result.stdout.str()
    result.assert_outcomes(errors=1)
