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


def declare(pytester: pytest.Pytester, most_images: int) -> None:
    pytester.makeconftest(
        f"""
        from pathlib import Path
        import pytest
        from fer_audit.datasets import dataset_from

        @pytest.hookimpl(optionalhook=True)
        def pytest_fer_datasets():
            return [dataset_from("rafdb", Path(__file__).parent / "RAF-DB", most_images={most_images})]
        """
    )


@pytest.mark.parametrize(("model", "would"), [(FAIR, "PASS"), (UNFAIR, "FAIL")])
def test_nothing_is_decided_where_nobody_declares_how_often_a_person_may_be_there(
    pytester: pytest.Pytester, rafdb: str, model: str, would: str
) -> None:
    result = pytester.runpytest(
        f"--fer-model=m={model}", f"--fer-dataset=rafdb={rafdb}", "--fer-slices=gender", "-p", "no:randomly"
    )
    print(result.stdout.str())
    result.stdout.re_match_lines([rf".*would be {would} if no person occurs in more than \d+ images.*"])


@pytest.mark.parametrize(("model", "verdict"), [(FAIR, "PASS"), (UNFAIR, "FAIL")])
def test_a_declared_number_decides(
    pytester: pytest.Pytester, rafdb: str, model: str, verdict: str
) -> None:
    declare(pytester, most_images=1)
    result = pytester.runpytest(
        f"--fer-model=m={model}", "--fer-dataset=rafdb", "--fer-slices=gender", "-p", "no:randomly"
    )
    print(result.stdout.str())
    assert 0
