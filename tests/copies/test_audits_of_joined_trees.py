"""Sets that say nothing of their people, audited whole with a table of demographics joined to them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from trees import Garden, tended

from fer_audit.datasets import dataset_from

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def garden(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Garden]:
    yield from tended(tmp_path_factory.getbasetemp())


def write_table(file: Path, root: Path, family: str, key: str) -> None:
    """Half of the people, or of the pictures, in each of two groups."""
    faces = dataset_from(family, root).open().faces
    keys = dict.fromkeys(face.identity if key == "identity" else face.image for face in faces)
    rows = [f"{name},{'fm'[place % 2]}" for place, name in enumerate(keys)]
    file.write_text("\n".join([f"{key},gender", *rows]) + "\n", encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Case:
    """One audit, and what its cell must come to."""

    tree: str
    family: str
    key: str
    unit: str
    images: int
    people: int


CASES = (
    Case("ckplus", "ckplus", "identity", "person", 327, 123),
    Case("jaffe", "jaffe", "identity", "person", 213, 10),
    Case("expw", "expw", "image", "picture", 421, 421),
    Case("affectnet-folders", "affectnet", "image", "picture", 960, 960),
    Case("ferplus", "ferplus", "image", "picture", 687, 687),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.tree)
def test_a_set_without_groups_is_audited_by_those_of_a_table(
    case: Case, pytester: pytest.Pytester, garden: Garden
) -> None:
    root = garden.tree(case.tree).root
    write_table(pytester.path / "who.csv", root, case.family, case.key)
    pytester.makepyfile(
        test_fairness="""
        from fer_audit import Gap, accuracy

        def test_accuracy_does_not_depend_on_the_group(audit):
            audit.require(Gap(accuracy, at_most=0.10))
        """
    )
    result = pytester.runpytest(
        "--fer-model=mini-xception", f"--fer-dataset={case.family}={root}", "--fer-demographics=who.csv"
    )
    assert "Traceback" not in result.stdout.str()
    report = json.loads(pytester.path.joinpath("fairness-report", "report.json").read_text(encoding="utf-8"))
    assert report["errors"] == []
    (cell,) = report["cells"]
    assert (cell["unit"], cell["people"], cell["images"]) == (case.unit, case.people, case.images)
    assert {verdict["slicing"] for verdict in report["verdicts"]} == {"gender"}
    outcomes = {verdict["outcome"] for verdict in report["verdicts"]}
    assert outcomes == {"inconclusive"} or case.unit == "person"
