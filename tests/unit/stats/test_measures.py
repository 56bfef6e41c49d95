from __future__ import annotations

import re

import numpy as np
import pytest
from prediction_tables import Row, predictions_of

from fer_audit.errors import ConfigurationError, UnknownNameError
from fer_audit.records import Slicing
from fer_audit.stats.counts import count
from fer_audit.stats.measures import Measure, accuracy, misclassification, recall, refusals
from fer_audit.vocabulary import AnswerKind, Expression

KINDS = [AnswerKind.REFUSED, AnswerKind.BLOCKED_OUTPUT, AnswerKind.UNREADABLE]
# One person: anger read right twice, as disgust once, and three times not at all; fear wrong once.
ROWS = [
    *(Row("p", "anger", word, f"a{i}", {"g": "x"}) for i, word in enumerate(["anger", "anger", "disgust"])),
    *(Row("p", "anger", None, f"n{i}", {"g": "x"}, kind) for i, kind in enumerate(KINDS)),
    Row("p", "fear", "concentration", "f", {"g": "x"}),
]
COUNTS = count(predictions_of(ROWS), Slicing(("g",)))


@pytest.mark.parametrize(
    ("measure", "hits", "images"),
    [
        (accuracy, [2, 0], [6, 1]),
        (accuracy.answered, [2, 0], [3, 1]),
        (recall("anger"), [2], [6]),
        (recall("anger").answered, [2], [3]),
        (misclassification("anger", "disgust"), [1], [6]),
        (misclassification("fear", "concentration"), [1], [1]),
        (misclassification("fear", "happiness"), [0], [1]),
        (refusals, [3, 0], [6, 1]),
    ],
    ids=repr,
)
def test_what_a_measure_counts(measure: Measure, hits: list[float], images: list[float]) -> None:
    tally = measure.tally(COUNTS)
    np.testing.assert_array_equal(tally.hits, [hits])
    np.testing.assert_array_equal(tally.images, [images])
    assert len(tally.labels) == len(hits)


def test_an_image_that_was_refused_twice_and_answered_once_is_one_answered_image() -> None:
    """A right once and refused twice, B wrong, C never answered: half of two answered images are right."""
    refused = [Row("p", "anger", None, image, {"g": "x"}, AnswerKind.REFUSED) for image in "AACC"]
    rows = [Row("p", "anger", "anger", "A", {"g": "x"}), Row("p", "anger", "fear", "B", {"g": "x"}), *refused]
    counts = count(predictions_of(rows), Slicing(("g",)))
    tally = accuracy.answered.tally(counts)
    assert (tally.hits.tolist(), tally.images.tolist()) == ([[1.0]], [[2.0]])
    tally = recall("anger").answered.tally(counts)
    assert (tally.hits.tolist(), tally.images.tolist()) == ([[1.0]], [[2.0]])
    tally = accuracy.tally(counts)
    assert tally.hits[0, 0] == pytest.approx(1 / 3)
    assert tally.images.tolist() == [[3.0]]
    assert recall("contempt").answered.tally(counts).images.sum() == 0


def test_thirds_and_tenths_of_an_image_add_up_to_whole_images() -> None:
    rows = [Row("p", "anger", "anger", f"{image}", {"g": "x"}) for image in range(7) for _ in range(10)]
    tally = accuracy.tally(count(predictions_of(rows), Slicing(("g",))))
    assert (tally.hits.tolist(), tally.images.tolist()) == ([[7.0]], [[7.0]])


@pytest.mark.parametrize(
    ("measure", "conditional"),
    [
        (accuracy, False),
        (accuracy.answered, False),
        (refusals, False),
        (recall("anger"), True),
        (misclassification("anger", "disgust"), True),
    ],
    ids=repr,
)
def test_a_measure_of_one_true_label_says_so(measure: Measure, *, conditional: bool) -> None:
    one = count(predictions_of(ROWS[:6]), Slicing(("g",)))
    assert len(one.labels) == 1
    assert measure.tally(one).conditional is measure.tally(COUNTS).conditional is conditional


def test_measures_are_printed_as_they_are_written() -> None:
    assert repr(accuracy) == "accuracy"
    assert repr(accuracy.answered) == "accuracy.answered"
    assert repr(recall(Expression.ANGER)) == "recall(anger)"
    assert repr(recall("anger").answered) == "recall(anger).answered"
    assert repr(misclassification(Expression.ANGER, "disgust")) == "misclassification(anger->disgust)"
    assert repr(refusals) == "refusals"


def test_equal_measures_are_one_value() -> None:
    assert len({recall("fear"), recall(Expression.FEAR), recall("anger"), accuracy, accuracy.answered}) == 4


def test_an_expression_that_the_dataset_lacks_has_no_images() -> None:
    tally = recall("contempt").tally(COUNTS)
    assert tally.labels == ("contempt",)
    assert tally.images.tolist() == [[0.0]]
    assert misclassification("contempt", "anger").tally(COUNTS).images.sum() == 0


def test_a_word_that_is_no_label_suggests_the_nearest() -> None:
    with pytest.raises(
        UnknownNameError, match=re.escape("unknown label 'angre' in recall(angre); did you mean")
    ):
        recall("angre").tally(COUNTS)
    with pytest.raises(UnknownNameError, match="unknown label 'digust'"):
        misclassification("anger", "digust").tally(COUNTS)


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=re.escape("refusals has no .answered")):
        _ = refusals.answered
    with pytest.raises(ConfigurationError, match=re.escape("use recall(anger)")):
        misclassification("anger", "anger")
