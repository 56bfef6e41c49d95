from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from prediction_tables import Row, predictions_of

from fer_audit.errors import ConfigurationError, TableError
from fer_audit.records import Slicing
from fer_audit.stats.counts import NON_ANSWERS, Counts, count
from fer_audit.stats.merging import merge_counts
from fer_audit.vocabulary import AnswerKind

TONE = Slicing(("tone",))


def row(identity: str, image: str, tone: str, predicted: str | None = "anger", true: str = "anger") -> Row:
    kind = AnswerKind.ANSWERED if predicted is not None else AnswerKind.REFUSED
    return Row(identity, true, predicted, image, {"tone": tone}, kind)


def cell(counts: Counts, person: str, level: str, true: str, response: str) -> float:
    unit = [
        u
        for u in range(len(counts.person))
        if counts.people[counts.person[u]] == person and counts.levels[counts.level[u]] == level
    ]
    names = [*counts.predicted, *map(str, NON_ANSWERS)]
    return float(counts.cells[unit[0], counts.labels.index(true), names.index(response)])


def test_one_row_an_image_is_counted_as_it_is() -> None:
    rows = [
        row("p", "1", "a"),
        row("p", "2", "a", "fear"),
        row("p", "3", "a", None),
        row("q", "4", "b", "joy", true="fear"),
        row("q", "5", "b", "joy", true="fear"),
    ]
    counts = count(predictions_of(rows), TONE)
    assert counts.labels == ("anger", "fear")
    assert counts.predicted == ("anger", "fear", "joy")
    assert cell(counts, "p", "a", "anger", "anger") == 1
    assert cell(counts, "p", "a", "anger", "fear") == 1
    assert cell(counts, "p", "a", "anger", "refused") == 1
    assert cell(counts, "q", "b", "fear", "joy") == 2
    assert counts.cells.sum() == 5
    assert counts.repeats == 0


def test_an_attribute_that_varies_within_a_person_gives_a_unit_for_each_level() -> None:
    counts = count(predictions_of([row("p", "1", "a"), row("p", "2", "b"), row("q", "3", "a")]), TONE)
    assert sorted(zip(counts.person.tolist(), counts.level.tolist(), strict=True)) == [(0, 0), (0, 1), (1, 0)]


def test_rows_of_one_image_are_averaged_before_they_are_counted() -> None:
    rows = [row("p", "1", "a"), row("p", "1", "a", "fear"), row("p", "1", "a", "fear"), row("p", "2", "a")]
    counts = count(predictions_of(rows, ["anger", "fear"]), TONE)
    assert cell(counts, "p", "a", "anger", "anger") == pytest.approx(1 + 1 / 3)
    assert cell(counts, "p", "a", "anger", "fear") == pytest.approx(2 / 3)
    assert counts.repeats == 2


def test_entering_every_image_again_changes_no_count() -> None:
    rows = [row("p", "1", "a"), row("p", "2", "a", "fear"), row("q", "3", "b", None)]
    once, thrice = (count(predictions_of(rows * times), TONE) for times in (1, 3))
    np.testing.assert_allclose(once.cells, thrice.cells, rtol=1e-15)
    assert thrice.repeats == 6


def test_errors_and_absent_pictures_are_no_outcome() -> None:
    broken = [replace(row("p", str(i), "a", None), kind=kind) for i, kind in enumerate(AnswerKind)]
    rows = [row("p", "x", "a"), *(r for r in broken if r.kind is not AnswerKind.ANSWERED)]
    counts = count(predictions_of(rows), TONE)
    assert counts.cells.sum() == 1 + len(NON_ANSWERS)
    for kind in (AnswerKind.ERROR, AnswerKind.ABSENT):
        assert kind not in NON_ANSWERS
    assert cell(counts, "p", "a", "anger", "truncated") == 1


def test_a_repeat_that_broke_leaves_the_others_their_weight() -> None:
    rows = [row("p", "1", "a"), replace(row("p", "1", "a", None), kind=AnswerKind.ERROR)]
    counts = count(predictions_of(rows), TONE)
    assert cell(counts, "p", "a", "anger", "anger") == 1
    assert counts.repeats == 0


def test_an_image_answered_in_part_is_one_image_among_the_answered() -> None:
    rows = [row("p", "1", "a"), *[row("p", "1", "a", None)] * 2, row("p", "2", "a", "fear")]
    counts = count(predictions_of(rows, ["anger", "fear"]), TONE)
    assert counts.cells.sum() == pytest.approx(2)
    assert cell(counts, "p", "a", "anger", "refused") == pytest.approx(2 / 3)
    assert counts.answers[0].tolist() == [[1, 1], [0, 0]]


@pytest.mark.parametrize("times", [1, 3])
def test_where_no_image_is_answered_in_part_one_table_says_it_all(times: int) -> None:
    rows = [row("p", "1", "a"), row("p", "2", "a", "fear"), row("p", "3", "a", None)] * times
    counts = count(predictions_of(rows), TONE)
    assert counts.answered is None
    np.testing.assert_allclose(counts.answers, counts.cells[..., : len(counts.predicted)])


def test_shards_answered_in_part_add_to_shards_that_are_not() -> None:
    mixed = [row("q", "1", "a"), row("q", "1", "a", None)]
    plain = [row("p", "2", "a", "joy", true="fear"), row("q", "3", "a"), row("q", "4", "a", None)]
    whole = count(predictions_of(mixed + plain), TONE)
    merged = merge_counts([count(predictions_of(part), TONE) for part in (plain, mixed)])
    assert merged.answered is not None
    for counts in (whole, merged):
        q = counts.people.index("q")
        answers = counts.answers[counts.person == q][0]
        assert answers[counts.labels.index("anger"), counts.predicted.index("anger")] == 2
        assert counts.answers.sum() == 3
    assert (
        merge_counts([count(predictions_of(part), TONE) for part in (plain[:1], plain[1:])]).answered is None
    )


def test_no_rows_give_no_units() -> None:
    counts = count(predictions_of([replace(row("p", "1", "a", None), kind=AnswerKind.ABSENT)]), TONE)
    assert counts.cells.shape == (0, 1, 1 + len(NON_ANSWERS))
    assert counts.levels == ("a",)


def test_an_answer_without_a_label_is_refused() -> None:
    rows = [row("p", "1", "a"), Row("p", "anger", None, "2", {"tone": "a"})]
    with pytest.raises(
        TableError, match=re.escape("row 1 is answered but has no predicted label (1 such rows)")
    ):
        count(predictions_of(rows), TONE)


def test_shards_add_up_to_the_whole_however_they_are_coded() -> None:
    rows = [
        row("p", "1", "10"),
        row("q", "2", "9", "joy"),
        row("p", "3", "9", None),
        row("a", "4", "10", "fear", true="fear"),
        row("q", "5", "9", true="anger"),
        row("q", "5", "9", "joy"),
    ]
    whole = count(predictions_of(rows), TONE)
    merged = merge_counts([count(predictions_of(part), TONE) for part in (rows[4:], rows[2:4], rows[:2])])
    assert merged.levels == whole.levels == ("9", "10")
    assert merged.cells.sum() == whole.cells.sum()
    assert merged.repeats == whole.repeats == 1
    for person, level, true, response in (
        ("p", "10", "anger", "anger"),
        ("q", "9", "anger", "joy"),
        ("q", "9", "anger", "anger"),
        ("p", "9", "anger", "refused"),
        ("a", "10", "fear", "fear"),
    ):
        assert cell(merged, person, level, true, response) == cell(whole, person, level, true, response) > 0


def test_different_slicings_do_not_add() -> None:
    rows = predictions_of([replace(row("p", "1", "a"), attributes={"tone": "a", "race": "b"})])
    with pytest.raises(ConfigurationError, match="counts of different slicings cannot be added: race, tone"):
        merge_counts([count(rows, TONE), count(rows, Slicing(("race",)))])
    with pytest.raises(ConfigurationError, match="there are no counts to merge"):
        merge_counts([])
