from __future__ import annotations

from dataclasses import replace

from sample_runs import FAILED, PASSED, UNDECIDED, association, comparison, gap, ratio, record, run

from fer_audit.report.overview import Mark, make_grid
from fer_audit.results import Kind, Outcome

PAIR = comparison(0.2, 0.0, 0.4)


def test_a_row_is_a_demand_and_a_column_a_slicing() -> None:
    tones, people = (
        gap(outcome, PAIR, measure="recall(anger)", slicing=slicing)
        for outcome, slicing in ((Outcome.PASS, "skin_tone"), (Outcome.INCONCLUSIVE, "gender*age"))
    )
    grid = make_grid(run(FAILED, tones, people))
    assert grid.slicings == ("skin tone", "gender × age")
    (part,) = grid.parts
    assert part.where == "mini-xception on faces"
    assert [(row.demand, row.criterion) for row in part.rows] == [
        ("accuracy, at most 10 points apart", "Gap(accuracy, at_most=0.1)"),
        ("recall of anger, at most 10 points apart", "Gap(recall(anger), at_most=0.1)"),
    ]
    assert [row.marks for row in part.rows] == [
        ((Mark(Outcome.FAIL, "v1"),), ()),
        ((Mark(Outcome.PASS, "v3"),), (Mark(Outcome.INCONCLUSIVE, "v2"),)),
    ]
    assert grid.has_gaps
    assert not make_grid(run(FAILED)).has_gaps


def test_demands_are_told_in_plain_words() -> None:
    verdicts = [
        ratio(Outcome.PASS, PAIR),
        association(Outcome.PASS, PAIR, p=0.3),
        replace(association(Outcome.PASS, PAIR, p=0.3, margin=None), measure="refusals"),
        gap(Outcome.PASS, PAIR, measure="accuracy.answered"),
        replace(gap(Outcome.PASS, PAIR), criterion="Gap(accuracy, at_most=0.025)", tolerance=0.025),
        replace(gap(Outcome.PASS, PAIR), criterion="NoWorseThan(baseline)", kind=Kind.CHANGE),
    ]
    verdicts[2] = replace(verdicts[2], criterion="NoAssociation(refusals, alpha=0.05)")
    (part,) = make_grid(run(*verdicts)).parts
    assert [row.demand for row in part.rows] == [
        "anger read as disgust, at most 1.25 times or 5 points apart",
        "accuracy independent of the group, within 10 points",
        "refusals independent of the group",
        "accuracy among answered images, at most 10 points apart",
        "accuracy, at most 2.5 points apart",
        "NoWorseThan(baseline)",
    ]


def test_demands_that_differ_in_a_detail_are_told_as_written() -> None:
    strict = replace(
        association(Outcome.PASS, PAIR, p=0.3), criterion="NoAssociation(accuracy, alpha=0.01, margin=0.1)"
    )
    (part,) = make_grid(run(association(Outcome.PASS, PAIR, p=0.3), strict)).parts
    assert [row.demand for row in part.rows] == [
        "NoAssociation(accuracy, alpha=0.05, margin=0.1)",
        "NoAssociation(accuracy, alpha=0.01, margin=0.1)",
    ]


def test_two_tests_of_one_demand_share_a_place_and_the_worse_comes_first() -> None:
    (part,) = make_grid(run(PASSED, replace(FAILED, slicing="gender"))).parts
    assert [row.marks for row in part.rows] == [((Mark(Outcome.FAIL, "v1"), Mark(Outcome.PASS, "v2")),)]


def test_cells_are_parts() -> None:
    result = replace(run(), records=(record(FAILED), record(UNDECIDED, model="clip")))
    grid = make_grid(result)
    assert [part.where for part in grid.parts] == ["mini-xception on faces", "clip on faces"]
    assert [row.marks for part in grid.parts for row in part.rows] == [
        ((Mark(Outcome.FAIL, "v1"),), ()),
        ((), (Mark(Outcome.INCONCLUSIVE, "v2"),)),
    ]
