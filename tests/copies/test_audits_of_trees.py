"""The whole audit of a generated copy of each set, awkward files among the others: nothing but verdicts comes out."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from trees import Garden, tended

if TYPE_CHECKING:
    from collections.abc import Iterator

NET = "mini-xception"
# Nets of expressions do not answer with gender or race; the scripted model answers with any labels.
SCRIPT = "oracle:error=.2,seed=5"
UNFAIR = {
    "radiate": "oracle:error=.02,seed=5,race.black=.6",
    "rafdb": "oracle:error=.02,seed=5,race.african-american=.6",
}


@dataclass(frozen=True, slots=True)
class Case:
    """One audit, and what its cell must come to.

    ``limit`` keeps a few of the people, drawn by hash; None takes them all. ``images`` is None where it depends
    on who is drawn.
    """

    tree: str
    family: str
    limit: int | None
    people: int
    images: int | None
    slicings: tuple[str, ...]
    unit: str = "person"
    model: str = NET
    options: tuple[str, ...] = ()


RACE_GENDER = ("race", "gender", "race*gender")
PICTURE = "picture"
CASES = (
    Case("radiate-paper", "radiate", None, 108, 1_488, RACE_GENDER),
    Case("face-place-paper", "face-place", 60, 60, None, RACE_GENDER),
    Case("chicago", "chicago", 120, 120, None, RACE_GENDER),
    Case("kdef", "kdef", 2, 2, 140, ("gender",)),
    Case("rafd", "rafd", 4, 4, 480, RACE_GENDER),
    Case("rafdb-partition", "rafdb", None, 560, 560, RACE_GENDER, PICTURE),
    Case("affectnet", "affectnet", 200, 200, 200, ("split",), PICTURE, options=("--fer-slices=split",)),
    Case(
        "affectnet-folders", "affectnet", 200, 200, 200, ("split",), PICTURE, options=("--fer-slices=split",)
    ),
    Case("ferplus", "ferplus", 200, 200, 200, ("split",), PICTURE, options=("--fer-slices=split",)),
    Case("ferplus", "fer2013", 200, 200, 200, ("split",), PICTURE, options=("--fer-slices=split",)),
    Case("fairface", "fairface", 200, 200, 200, ("race", "age_band"), PICTURE, SCRIPT),
    Case("utkface", "utkface-race", 200, 200, 200, ("gender", "age_band"), PICTURE, SCRIPT),
)


@pytest.fixture(scope="session")
def garden(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Garden]:
    yield from tended(tmp_path_factory.getbasetemp())


@pytest.fixture(autouse=True)
def suite(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        test_fairness="""
        from fer_audit import Gap, accuracy

        def test_accuracy_does_not_depend_on_the_group(audit):
            audit.require(Gap(accuracy, at_most=0.10))
        """
    )


def audited(pytester: pytest.Pytester, case: Case, garden: Garden) -> dict[str, Any]:
    """Run the audit; what its report says."""
    limit = () if case.limit is None else (f"--fer-limit-people={case.limit}",)
    dataset = f"--fer-dataset={case.family}={garden.tree(case.tree).root}"
    result = pytester.runpytest(f"--fer-model={case.model}", dataset, *limit, *case.options)
    assert "Traceback" not in result.stdout.str()
    file = pytester.path.joinpath("fairness-report", "report.json")
    report: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return report


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.tree}-as-{case.family}")
def test_a_copy_is_audited_from_its_folder_to_its_verdicts(
    case: Case, pytester: pytest.Pytester, garden: Garden
) -> None:
    report = audited(pytester, case, garden)
    assert report["errors"] == []
    (cell,) = report["cells"]
    assert (cell["people"], cell["unit"]) == (case.people, case.unit)
    assert cell["images"] == sum(cell["answers"].values())
    assert case.images is None or cell["images"] == case.images
    assert cell["partial"] == (case.limit is not None)
    assert sorted(verdict["slicing"] for verdict in report["verdicts"]) == sorted(case.slicings)
    if case.images is not None and case.limit is None:
        # Two broken pictures among hundreds are no reason to refuse an audit of the others.
        assert cell["answers"] == {"absent": 2, "answered": case.images - 2}


@pytest.mark.parametrize(
    ("tree", "family", "outcome"),
    [("radiate-paper", "radiate", "fail"), ("rafdb-partition", "rafdb", "inconclusive")],
)
def test_a_model_that_errs_on_one_group_fails_where_people_are_known(
    tree: str, family: str, outcome: str, pytester: pytest.Pytester, garden: Garden
) -> None:
    """RAF-DB does not say who is in which picture, so that nothing is decided on it."""
    case = Case(tree, family, None, 0, None, (), model=UNFAIR[family], options=("--fer-slices=race",))
    report = audited(pytester, case, garden)
    (verdict,) = report["verdicts"]
    assert verdict["outcome"] == outcome
    assert verdict["estimate"] > 0.4
    worst = {verdict["comparisons"][0][side] for side in "ab"}
    assert worst & {"black", "african-american"}


@pytest.mark.parametrize("family", ["ckplus", "expw", "jaffe"])
def test_a_set_that_says_nothing_of_groups_is_refused_with_the_way_out(
    family: str, pytester: pytest.Pytester, garden: Garden
) -> None:
    result = pytester.runpytest(f"--fer-model={NET}", f"--fer-dataset={family}={garden.tree(family).root}")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(
        [f"ERROR: dataset '{family}' has no column to group its people by; join one *"]
    )
