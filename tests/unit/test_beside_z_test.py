"""The z-test of published audits stands beside a verdict and never decides."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pandas as pd
import pytest

from fer_audit import (
    Audit,
    BesideZTest,
    Gap,
    NoAssociation,
    Predictions,
    Ratio,
    accuracy,
    brier,
    misclassification,
    recall,
)
from fer_audit.errors import ConfigurationError
from fer_audit.report.asides import told_asides, told_lines
from fer_audit.report.sentences import table
from fer_audit.results import Outcome, Record, decode_record, encode_record


def answers(wrong: dict[str, int], *, people: int = 20, images: int = 2) -> Predictions:
    """People of each group with images of anger; all images of so many people are read as disgust."""
    rows = [
        {
            "identity": f"{group} {n}",
            "expression": "anger",
            "predicted": "disgust" if n < wrong[group] else "anger",
            "group": group,
        }
        for group, n, _ in product(wrong, range(people), range(images))
    ]
    return Predictions.from_pandas(pd.DataFrame(rows))


READ_AS_DISGUST = misclassification("anger", "disgust")


@pytest.mark.parametrize(
    "demand",
    [
        Gap(recall("anger"), at_most=0.1),
        Ratio(READ_AS_DISGUST),
        NoAssociation(accuracy, margin=0.1),
    ],
)
def test_the_verdict_is_the_demands_own(demand: Gap | Ratio | NoAssociation) -> None:
    audit = Audit(answers({"a": 9, "b": 3}), by="group")
    alone, beside = audit.judge(demand), audit.judge(BesideZTest(demand))
    assert replace(beside, asides=alone.asides) == alone
    assert len(beside.asides) == len(alone.asides) + 1


def test_what_it_finds_significant_is_not_therefore_failed() -> None:
    """Ten images a person: to the z-test 200 observations a group, in truth 20 people."""
    found = Audit(answers({"a": 7, "b": 3}, images=10), by="group").judge(
        BesideZTest(Gap(recall("anger"), at_most=0.1))
    )
    (z_test,) = [aside for aside in found.asides if aside.told]
    assert z_test.rows == (("b", "170 of 200", "a", "130 of 200", "4.62", "3.9e-06"),)
    assert found.outcome is Outcome.INCONCLUSIVE
    assert "p is below 0.05 in 1 of 1 pair" in z_test.note


def test_the_pairs_come_in_the_order_of_their_p_values() -> None:
    wrong = {"a": 9, "b": 3, "c": 0}
    found = Audit(answers(wrong), by="group").judge(BesideZTest(Ratio(READ_AS_DISGUST)))
    rows = found.asides[-1].rows
    assert [(row[0], row[2]) for row in rows] == [("a", "c"), ("a", "b"), ("b", "c")]
    assert found.asides[-1].note.endswith("p is below 0.05 in 3 of 3 pairs.")


def test_of_many_pairs_the_first_are_shown_and_counted() -> None:
    wrong = {f"g{n}": n for n in range(10)}
    found = Audit(answers(wrong), by="group").judge(BesideZTest(Ratio(READ_AS_DISGUST)))
    assert len(found.asides[-1].rows) == 28
    assert "of 45 pairs; the 28 with the smallest p are shown." in found.asides[-1].note


def test_a_group_without_such_an_image_is_in_no_pair() -> None:
    rows = [
        {
            "identity": f"{g}{n}",
            "expression": "fear" if g == "c" else "anger",
            "predicted": "anger",
            "group": g,
        }
        for g in "abc"
        for n in range(10)
    ]
    audit = Audit(Predictions.from_pandas(pd.DataFrame(rows)), by="group")
    found = audit.judge(BesideZTest(Ratio(READ_AS_DISGUST)))
    assert found.asides[-1].rows == (("a", "0 of 10", "b", "0 of 10", "0.00", "1"),)
    assert [item.name for item in found.not_assessable] == ["c"]
    assert audit.judge(BesideZTest(Ratio(misclassification("sadness", "fear")))).asides == ()


def test_it_is_told_in_the_terminal_with_the_verdict() -> None:
    found = Audit(answers({"a": 9, "b": 3}), by="group").judge(BesideZTest(Ratio(READ_AS_DISGUST)))
    record = Record("test_x", "model", "data", found)
    told = table(record)
    assert "Two-proportion z-test, images taken as independent" in told
    assert "a       18 of 40    b      6 of 40     2.93  0.0034" in told
    assert "its share of false alarms is not controlled" in " ".join(told.split())
    assert told_lines(found) == (
        "beside it: Two-proportion z-test, images taken as independent: higher a, its images 18 of 40, "
        "lower b, its images 6 of 40, z 2.93, p 0.0034",
    )
    assert decode_record(encode_record(record)) == record


def test_of_a_long_table_five_rows_are_told() -> None:
    wrong = {f"g{n}": n for n in range(4)}
    (aside,) = told_asides(Audit(answers(wrong), by="group").judge(BesideZTest(Ratio(READ_AS_DISGUST))))
    assert len(aside.rows) == 5
    assert aside.note.endswith("1 more row is in the report.")


def test_what_is_no_criterion_or_no_share_is_refused() -> None:
    with pytest.raises(ConfigurationError) as caught:
        BesideZTest(accuracy)  # type: ignore[arg-type]
    assert str(caught.value) == (
        "BesideZTest was given accuracy, which is no criterion; write e.g. BesideZTest(Gap(accuracy, at_most=0.1))"
    )
    with pytest.raises(ConfigurationError, match=r"BesideZTest\(brier\) cannot be judged"):
        BesideZTest(Gap(brier, at_most=0.1))


def test_a_group_without_such_an_image_costs_no_warning_where_people_are_read_all_alike() -> None:
    """Images of one person that agree entirely leave an effective number of nothing by nothing."""
    sad = [
        {"identity": f"c {n}", "expression": "sadness", "predicted": "sadness", "group": "c"}
        for n in range(10)
    ]
    angry = answers({"a": 5, "b": 2})
    rows = pd.DataFrame(
        {
            "identity": [angry.identity.levels[code] for code in angry.identity.codes],
            "expression": "anger",
            "predicted": [angry.predicted.levels[code] for code in angry.predicted.codes],
            "group": [angry.attributes["group"].levels[code] for code in angry.attributes["group"].codes],
        }
    )
    table = Predictions.from_pandas(pd.concat([rows, pd.DataFrame(sad)], ignore_index=True))
    found = Audit(table, by="group").judge(Ratio(READ_AS_DISGUST))
    assert [item.name for item in found.not_assessable] == ["c"]
    assert found.comparisons[0].correlation == 1.0
