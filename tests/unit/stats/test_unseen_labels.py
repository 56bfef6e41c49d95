from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from fer_audit import Audit, Gap, NoAssociation, Outcome, Predictions, Ratio, accuracy, recall
from fer_audit.tables import Column

if TYPE_CHECKING:
    from fer_audit.criteria import Criterion

WHOLE = {"fear": 40, "anger": 40, "neutral": 40}


def table(**groups: dict[str, int]) -> Predictions:
    """So many people of each group with one picture of each label, each read rightly."""
    rows = [
        (f"{group}{person}", label, label, group)
        for group, labels in groups.items()
        for label, count in labels.items()
        for person in range(count)
    ]
    return Predictions.from_pandas(
        pd.DataFrame(rows, columns=["identity", "expression", "predicted", "race"])
    )


def unseen(predictions: Predictions, criterion: Criterion) -> list[str]:
    verdict = Audit(predictions, "race").judge(criterion)
    return [note for note in verdict.notes if note.startswith("not assessable")]


@pytest.mark.parametrize(
    "criterion",
    [
        Gap(accuracy, at_most=0.2),
        NoAssociation(accuracy, alpha=0.05, margin=0.2),
        Ratio(accuracy, at_most=1.5),
    ],
)
def test_labels_of_a_slice_that_nobody_shows_are_named_with_the_slices_that_lack_them(
    criterion: Criterion,
) -> None:
    predictions = table(
        a=WHOLE, b=WHOLE, c={"neutral": 40}, d={"neutral": 40, "fear": 7}, e={"neutral": 40, "anger": 8}
    )
    assert unseen(predictions, criterion) == [
        "not assessable: anger, fear of c, d (fewer than 8 people with such images)",
        "not assessable: fear of e (fewer than 8 people with such images)",
    ]


@pytest.mark.parametrize(
    "criterion",
    [
        Gap(accuracy, at_most=0.2, given="light"),
        NoAssociation(accuracy, alpha=0.05, margin=0.2, given="light"),
    ],
)
def test_they_are_named_at_equal_light_too(criterion: Criterion) -> None:
    predictions = table(a=WHOLE, b=WHOLE, c={"neutral": 40})
    rows = len(predictions)
    light = Column(np.arange(rows, dtype=np.int32) % 2, ("left", "right"))
    lit = replace(predictions, attributes={**predictions.attributes, "light": light})
    assert unseen(lit, criterion) == [
        "not assessable: anger, fear of c (fewer than 8 people with such images)"
    ]


def test_they_do_not_cap_the_verdict() -> None:
    verdict = Audit(table(a=WHOLE, b=WHOLE, c={"neutral": 40}), "race").judge(Gap(accuracy, at_most=0.2))
    assert verdict.outcome is Outcome.PASS
    assert verdict.not_assessable == ()


def test_what_the_verdict_names_itself_is_not_named_twice() -> None:
    gap = Gap(accuracy, at_most=0.2)
    # A slice that too few people are in, and a label that nobody has enough people for.
    assert unseen(table(a=WHOLE, b=WHOLE, c={"neutral": 3}), gap) == []
    assert unseen(table(a={"fear": 40, "anger": 3}, b={"fear": 40, "anger": 3}), gap) == []
    # Of one label a slice without it is not assessable as a whole.
    assert unseen(table(a=WHOLE, b=WHOLE, c={"neutral": 40}), Gap(recall("anger"), at_most=0.2)) == []
    assert unseen(table(a=WHOLE, b=WHOLE), gap) == []
