from __future__ import annotations

import numpy as np
import pytest
from prediction_tables import Row, predictions_of

from fer_audit.audit import Audit
from fer_audit.criteria import Criterion, Gap, NoAssociation, Ratio
from fer_audit.results import Outcome
from fer_audit.stats.evidence import Evidence
from fer_audit.stats.measures import accuracy, misclassification
from fer_audit.stats.settings import Settings
from fer_audit.stats.verdicts.gap import judge_gap

CRITERIA = (
    Gap(accuracy, at_most=0.1),
    Ratio(misclassification("anger", "fear"), at_most=1.25),
    NoAssociation(accuracy, margin=0.05),
)


def audit(people: int, *, images: int = 1) -> Audit:
    """Two groups whose people are wrong alike: one answer in five, at random."""
    wrong = np.random.default_rng(9).random((people, images)) < 0.2
    rows = [
        Row(
            f"{group}{person}",
            "anger",
            "fear" if wrong[person, image] else "anger",
            f"{group}{person}.{image}",
            {"group": group},
        )
        for group in ("a", "b")
        for person in range(people)
        for image in range(images)
    ]
    return Audit(predictions_of(rows, ["anger", "fear"]), "group")


@pytest.mark.parametrize("criterion", CRITERIA, ids=["gap", "ratio", "association"])
def test_a_verdict_says_where_the_criterion_would_not_notice_twice_its_tolerance(
    criterion: Criterion,
) -> None:
    verdict = audit(12).judge(criterion)
    assert verdict.outcome is Outcome.INCONCLUSIVE
    (note,) = (note for note in verdict.notes if note.startswith("positive control"))
    assert note.endswith("this criterion would probably not notice it in these data")


@pytest.mark.parametrize("criterion", CRITERIA, ids=["gap", "ratio", "association"])
def test_a_verdict_on_many_people_has_nothing_to_say_of_it(criterion: Criterion) -> None:
    verdict = audit(400, images=4).judge(criterion)
    assert verdict.outcome is Outcome.PASS
    assert not [note for note in verdict.notes if note.startswith("positive control")]


def test_without_planning_there_is_no_control() -> None:
    evidence = Evidence(audit(12).counts)
    verdict = judge_gap(evidence.counts, accuracy, 0.1, Settings(), criterion="Gap", plan=False)
    assert not [note for note in verdict.notes if note.startswith("positive control")]
