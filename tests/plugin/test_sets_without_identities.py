"""A set that does not say who is in its pictures reaches no verdict until somebody declares how often one may be."""

from __future__ import annotations

import json

import pytest

PICTURES = 1200
FAIR, UNFAIR = "oracle:error=.02", "oracle:error=.02,gender.female=.4"


@pytest.fixture
def rafdb(pytester: pytest.Pytester) -> str:
    """A tree of RAF-DB; its pictures are empty, for the scripted model needs none."""
    root = pytester.path / "RAF-DB"
    manual = root / "Annotation" / "manual"
    manual.mkdir(parents=True)
    rows = []
    for number in range(1, PICTURES + 1):
        stem = f"train_{number:05}"
        (root / f"{stem}_aligned.jpg").touch()
        rows.append(f"{stem}.jpg {number % 7 + 1}\n")
        (manual / f"{stem}_manu_attri.txt").write_text(f"{'1 2 ' * 5}\n{number % 2}\n{number % 3}\n2\n")
    (root / "list_patition_label.txt").write_text("".join(rows))
    pytester.makepyfile(
        """
        from fer_audit import Gap, accuracy

        def test_gap(audit):
            audit.require(Gap(accuracy, at_most=0.10))
        """
    )
    return "RAF-DB"


def declare(pytester: pytest.Pytester, folder: str, *, most_images: int) -> None:
    pytester.makeconftest(
        f"""
        from pathlib import Path
        import pytest
        from fer_audit.datasets import dataset_from

        @pytest.hookimpl(optionalhook=True)
        def pytest_fer_datasets():
            return [dataset_from("rafdb", Path(__file__).parent / "{folder}", most_images={most_images})]
        """
    )


def verdict(pytester: pytest.Pytester, model: str, dataset: str) -> dict[str, str]:
    pytester.runpytest(
        f"--fer-model=m={model}", f"--fer-dataset={dataset}", "--fer-slices=gender", "-p", "no:randomly"
    )
    report = json.loads(pytester.path.joinpath("fairness-report/report.json").read_text())
    (found,) = report["verdicts"]
    return {key: str(found[key]) for key in ("outcome", "reason", "p")}


@pytest.mark.parametrize(("model", "would"), [(FAIR, "PASS"), (UNFAIR, "FAIL")])
def test_nothing_is_decided_where_nobody_declares_how_often_a_person_may_be_there(
    pytester: pytest.Pytester, rafdb: str, model: str, would: str
) -> None:
    found = verdict(pytester, model, f"rafdb={rafdb}")
    assert found["outcome"] == "inconclusive"
    assert f"; it would {would} if no person occurs in more than " in found["reason"]
    assert found["p"] == "None"


@pytest.mark.parametrize(("model", "outcome"), [(FAIR, "pass"), (UNFAIR, "fail")])
def test_a_declared_number_decides(pytester: pytest.Pytester, rafdb: str, model: str, outcome: str) -> None:
    declare(pytester, rafdb, most_images=2)
    assert verdict(pytester, model, "rafdb")["outcome"] == outcome


def test_a_declared_number_that_is_too_large_decides_nothing(pytester: pytest.Pytester, rafdb: str) -> None:
    declare(pytester, rafdb, most_images=1000)
    assert verdict(pytester, FAIR, "rafdb")["outcome"] == "inconclusive"


def test_pictures_whose_gender_nobody_could_tell_are_no_group(pytester: pytest.Pytester, rafdb: str) -> None:
    for file in (pytester.path / rafdb / "Annotation" / "manual").glob("*00_manu_attri.txt"):
        file.write_text(file.read_text().replace("\n0\n", "\n2\n", 1))
    found = verdict(pytester, "oracle:error=.02,gender.unsure=1", f"rafdb={rafdb}")
    assert "; it would PASS if no person occurs in more than " in found["reason"]
