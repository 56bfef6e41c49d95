from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from prediction_tables import Row, predictions_of

from fer_audit.audit import Audit
from fer_audit.criteria import Gap, NoAssociation, Ratio
from fer_audit.errors import TableError
from fer_audit.predictions import Predictions
from fer_audit.records import Slicing
from fer_audit.results import Outcome, Verdict
from fer_audit.stats.counts import Counts, count
from fer_audit.stats.differences.engine import compare
from fer_audit.stats.evidence import Evidence
from fer_audit.stats.measures import accuracy, recall
from fer_audit.stats.settings import Settings


def pictures(right: tuple[int, int], of: int, *, known: int | None = None) -> Counts:
    """Pictures of two groups, one unit each, of whom nobody is known."""
    rows = [
        Row(f"{race}{image}", "anger", "anger" if image < hits else "fear", f"{race}{image}", {"race": race})
        for race, hits in zip("xy", right, strict=True)
        for image in range(of)
    ]
    counts = count(predictions_of(rows), Slicing("race"))
    return replace(counts, identified=False, most_images=known)


def judge(counts: Counts, tolerance: float) -> Verdict:
    return Gap(accuracy, at_most=tolerance).decide(Evidence(counts), Settings())


def frame(people: list[str | None], **more: object) -> pd.DataFrame:
    size = len(people)
    return pd.DataFrame(
        {
            "identity": people,
            "expression": ["anger"] * size,
            "predicted": ["anger"] * (size - 1) + ["fear"],
            "image": [f"{row}.jpg" for row in range(size)],
            "race": ["x", "y"] * (size // 2),
            **more,
        }
    )


def test_a_pass_becomes_open_and_says_how_many_images_a_person_it_would_bear() -> None:
    verdict = judge(pictures((900, 900), 1000), 0.1)
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert "it would PASS if no person occurs in more than" in verdict.reason
    most = int(verdict.reason.split("in more than ")[1].split(" ")[0])
    assert judge(pictures((900, 900), 1000, known=most), 0.1).outcome is Outcome.PASS
    assert judge(pictures((900, 900), 1000, known=most + 1), 0.1).outcome is Outcome.INCONCLUSIVE


def test_a_fail_becomes_open_too() -> None:
    verdict = judge(pictures((900, 500), 1000), 0.1)
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert "it would FAIL if no person occurs in more than" in verdict.reason
    assert judge(pictures((900, 500), 1000, known=3), 0.1).outcome is Outcome.FAIL


def test_what_is_open_anyway_says_both() -> None:
    verdict = judge(pictures((9, 8), 10), 0.1)
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert "besides, nobody knows who is in which picture" in verdict.reason
    assert verdict.people_needed == {}


@pytest.mark.parametrize("known", [2, 4, 11])
def test_a_declaration_inflates_every_variance_by_the_design_effect(known: int) -> None:
    plain, declared = (
        compare(accuracy.tally(counts), Settings())
        for counts in (pictures((800, 700), 1000, known=1), pictures((800, 700), 1000, known=known))
    )
    factor = 1 + 0.6 * (known - 1)
    assert declared.error[0] ** 2 == pytest.approx(factor * plain.error[0] ** 2)
    assert declared.lower[0] < plain.lower[0]
    # A score interval with a thousand images each is close to the one of Wald.
    widened = (declared.upper[0] - 0.1) / (plain.upper[0] - 0.1)
    assert widened == pytest.approx(factor**0.5, rel=0.03)


def test_a_ratio_and_a_test_reckon_with_it_as_well() -> None:
    for criterion in (Ratio(recall("anger")), NoAssociation(accuracy, margin=0.01)):
        few = criterion.decide(Evidence(pictures((860, 800), 1000, known=1)), Settings())
        many = criterion.decide(Evidence(pictures((860, 800), 1000, known=30)), Settings())
        assert many.lower < few.lower
        assert any("as the dataset declares at most 30 of one person" in note for note in many.notes)
    assert few.outcome is Outcome.FAIL
    assert many.outcome is Outcome.INCONCLUSIVE


def test_an_empty_column_of_people_means_that_nobody_is_known() -> None:
    table = Predictions.from_pandas(frame([None] * 40))
    assert not table.identified
    assert table.most_images is None
    assert len(table.identity.levels) == 40
    verdict = Audit(table, by="race").judge(Gap(accuracy, at_most=0.3))
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert "max_images_per_person" in verdict.reason
    declared = Predictions.from_pandas(frame([None] * 40, max_images_per_person=1))
    assert declared.most_images == 1
    assert Audit(declared, by="race").judge(Gap(accuracy, at_most=0.3)).outcome is Outcome.PASS


def test_some_people_known_and_some_not_is_an_error() -> None:
    with pytest.raises(TableError, match=r"column 'identity' is empty or NaN in 1 of 4 rows"):
        Predictions.from_pandas(frame(["a", "b", "c", None]))


@pytest.mark.parametrize("declared", [[1, 2, 1, 1], [0.5] * 4, [0] * 4])
def test_a_declaration_is_one_whole_number(declared: list[float]) -> None:
    with pytest.raises(TableError, match=r"it declares one whole number, the same in every row"):
        Predictions.from_pandas(frame([None] * 4, max_images_per_person=declared))
