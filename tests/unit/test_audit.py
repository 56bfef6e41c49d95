"""A judge takes two slices or more; with one there is no question, and with few people no answer."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from fer_audit.audit import Audit
from fer_audit.criteria import Criterion, Gap, NoAssociation, Ratio, Scan
from fer_audit.errors import ConfigurationError
from fer_audit.predictions import Predictions
from fer_audit.records import Slicing
from fer_audit.results import Outcome
from fer_audit.stats.measures import accuracy

CURE = (
    ". Slice by a column with two values or more (--fer-slices, or the slices marker), or complete the data"
)


def table(groups: str) -> Predictions:
    """One picture of each person; a blank in ``groups`` is a person whose group nobody knows."""
    frame = pd.DataFrame(
        {
            "identity": [str(person) for person in range(len(groups))],
            "expression": "anger",
            "predicted": "anger",
            "group": [group.strip() or None for group in groups],
            "sex": "f",
        }
    )
    return Predictions.from_pandas(frame)


def refusal(predictions: Predictions, by: str | Slicing) -> str:
    with pytest.raises(ConfigurationError) as caught:
        Audit(predictions, by)
    return str(caught.value)


def test_one_slice_is_no_question() -> None:
    assert refusal(table("a" * 20), "group") == (
        f"slicing 'group' makes one slice only, 'a', and there is nothing to compare it with{CURE}"
    )
    assert refusal(table("a" * 20), "group*sex").startswith(
        "slicing 'group*sex' makes one slice only, 'a*f',"
    )


def test_what_was_left_out_and_what_has_no_value_is_named() -> None:
    assert refusal(table("aab  "), Slicing("group", without={"b": "one person"})) == (
        "slicing 'group' makes one slice only, 'a', and there is nothing to compare it with; it leaves out "
        f"'b' (one person); 2 rows without a value{CURE}"
    )
    assert "; 1 row without a value." in refusal(table("aa "), "group")


def test_no_slice_at_all_is_no_question() -> None:
    assert refusal(table("   "), "group") == (f"slicing 'group' makes no slice; 3 rows without a value{CURE}")
    assert refusal(table("ab").take(np.zeros(2, dtype=np.bool_)), "group") == (
        f"slicing 'group' makes no slice{CURE}"
    )


@pytest.mark.parametrize(
    "criterion",
    [Gap(accuracy, 0.1), Ratio(accuracy, 1.25), NoAssociation(accuracy, margin=0.1), Scan()],
    ids=str,
)
def test_two_slices_with_too_few_people_are_undecided(criterion: Criterion) -> None:
    assert Audit(table("a" * 20 + "b"), "group").judge(criterion).outcome is Outcome.INCONCLUSIVE
    assert Audit(table("ab"), "group").judge(criterion).outcome is Outcome.INCONCLUSIVE


def test_an_audit_of_counts_has_no_rows_and_says_what_to_do() -> None:
    whole = Audit(table("ab" * 20), by="group")
    counted = Audit.from_counts(whole.counts)
    assert counted.judge(Gap(accuracy, at_most=0.5)) == whole.judge(Gap(accuracy, at_most=0.5))
    with pytest.raises(ConfigurationError) as caught:
        _ = counted.predictions
    assert str(caught.value) == (
        "only counts were kept of these answers, and this needs them picture by picture; read them with "
        "Predictions.read, and give Audit the predictions"
    )
