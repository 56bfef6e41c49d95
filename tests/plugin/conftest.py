from __future__ import annotations

from itertools import product

import pytest

LABELS = ("anger", "fear", "happiness", "sadness")


@pytest.fixture
def people(pytester: pytest.Pytester) -> str:
    """A manifest of 96 people in two genders and two sites, four pictures each; the name of its file.

    The scripted model needs no picture, so none is there.
    """
    rows = ["image,identity,expression,gender,site"]
    for person, label in product(range(96), LABELS):
        gender, site = ("f", "m")[person % 2], ("here", "there")[person // 2 % 2]
        rows.append(f"{person}-{label}.png,p{person:02},{label},{gender},{site}")
    pytester.path.joinpath("people.csv").write_text("\n".join(rows) + "\n")
    return "people.csv"


@pytest.fixture
def gap_test(pytester: pytest.Pytester, people: str) -> tuple[str, ...]:
    """One audit test, and the options that audit a scripted model; add an error script to the first."""
    pytester.makepyfile(
        test_fairness="""
        from fer_audit import Gap, accuracy

        def test_gap(audit):
            audit.require(Gap(accuracy, at_most=0.10))
        """
    )
    return (f"--fer-dataset=manifest={people}", "-p", "no:randomly")
