"""Sets read by file name, audited: what a group of one person and a set of one group come to."""

from __future__ import annotations

import json
from itertools import product

import pytest
from named_copies import write_copy

PEOPLE = [*(f"{race}F{number:02}" for race, number in product("AW", range(1, 25))), "OM01"]


@pytest.fixture
def radiate(pytester: pytest.Pytester) -> None:
    """Two groups of two dozen women, and the one person whom RADIATE calls other."""
    write_copy(
        pytester.path / "copy", *(f"{one}_{code}.bmp" for one, code in product(PEOPLE, ("AC", "FC", "HC")))
    )
    pytester.makepyfile(
        test_fairness="""
        import pytest
        from fer_audit import Gap, Slicing, accuracy

        @pytest.mark.slices("race")
        def test_all(audit):
            audit.require(Gap(accuracy, at_most=0.30))

        @pytest.mark.slices(Slicing("race", without={"other": "one person"}))
        def test_without(audit):
            audit.require(Gap(accuracy, at_most=0.30))
        """
    )


@pytest.mark.usefixtures("radiate")
def test_the_one_person_of_another_group_is_named_and_neither_merged_nor_dropped(
    pytester: pytest.Pytester,
) -> None:
    pytester.runpytest("--fer-model=oracle:error=.05", "--fer-dataset=radiate=copy", "-k", "test_all")
    report = pytester.path.joinpath("fairness-report/report.md").read_text(encoding="utf-8")
    assert "49 people, 147 images" in report
    assert (
        "not everything demanded could be judged. Not assessable: other (1 person with images that count here; "
        "8 are needed). INCONCLUSIVE."
    ) in report


@pytest.mark.usefixtures("radiate")
def test_whoever_leaves_that_group_out_by_name_gets_a_verdict_that_says_so(pytester: pytest.Pytester) -> None:
    pytester.runpytest("--fer-model=oracle:error=.05", "--fer-dataset=radiate=copy", "-k", "test_without")
    written = pytester.path.joinpath("fairness-report/report.json").read_text(encoding="utf-8")
    assert json.loads(written)["run"] == "pass"
    assert "one person" in written


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
            "identity, or name them in a manifest"
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
