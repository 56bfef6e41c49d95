"""Faces, answers, slicings, measures and criteria, drawn within what was asked for."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import pytest
from hypothesis import Phase, find, given, settings

from fer_audit.criteria import Gap, NoAssociation, Ratio
from fer_audit.errors import ConfigurationError
from fer_audit.stats.measures import Measure, accuracy
from fer_audit.strategies import answers, associations, criteria, faces, gaps, measures, ratios, slicings
from fer_audit.vocabulary import AnswerKind

if TYPE_CHECKING:
    from fer_audit.records import Answer, Face, Slicing
    from fer_audit.strategies.demands import AnyCriterion

LABELS = ("anger", "fear")
LEVELS = {"gender": ("female", "male"), "race": ("asian", "black", "white")}
unshrunk = settings(phases=[Phase.generate], database=None, deadline=None)


@given(faces(labels=LABELS, attributes=LEVELS))
def test_a_face_has_a_label_and_a_level_of_each_attribute(face: Face) -> None:
    assert face.expression in LABELS
    assert face.attributes.keys() == LEVELS.keys()
    assert all(level in LEVELS[name] for name, level in face.attributes.items())
    assert PurePosixPath(face.image).parts[0] == face.identity


@given(answers(LABELS))
def test_answers_carry_a_label_where_they_are_answered(answer: Answer) -> None:
    if answer.kind is AnswerKind.ANSWERED:
        assert answer.label in LABELS
    if answer.scores:
        assert tuple(answer.scores) == LABELS
        assert sum(answer.scores.values()) == pytest.approx(1)
        assert all(0 <= score <= 1 for score in answer.scores.values())


@pytest.mark.parametrize("kind", list(AnswerKind))
def test_every_kind_of_answer_is_drawn(kind: AnswerKind) -> None:
    assert find(answers(LABELS), lambda answer: answer.kind is kind, settings=unshrunk).kind is kind
    assert find(answers(LABELS, kinds=[kind]), lambda _answer: True, settings=unshrunk).kind is kind


def test_scores_are_given_and_left_out() -> None:
    assert find(answers(LABELS), lambda answer: bool(answer.scores), settings=unshrunk).scores
    assert not find(answers(LABELS), lambda answer: not answer.scores, settings=unshrunk).scores


def test_answers_that_cannot_be_given_are_an_error() -> None:
    message = "answers((), kinds=('answered',)) can give nothing; name a label, or a kind that needs none"
    with pytest.raises(ConfigurationError, match=re.escape(message)):
        answers([], kinds=[AnswerKind.ANSWERED])


@given(slicings(LEVELS))
def test_slicings_leave_two_slices_at_least(slicing: Slicing) -> None:
    slices = [""]
    for name in slicing.attributes:
        slices = [f"{before}*{level}" if before else level for before in slices for level in LEVELS[name]]
    assert len(set(slices) - dict(slicing.without).keys()) >= 2
    assert set(dict(slicing.without)) <= set(slices)
    assert all(reason for _level, reason in slicing.without)


@given(slicings(("a", "b", "c"), max_attributes=3))
def test_slicings_of_names_alone_leave_nothing_out(slicing: Slicing) -> None:
    assert set(slicing.attributes) <= {"a", "b", "c"}
    assert slicing.without == ()


def test_slicings_are_single_crossed_and_with_levels_left_out() -> None:
    assert (
        find(slicings(LEVELS), lambda one: len(one.attributes) == 2, settings=unshrunk).name == "gender*race"
    )
    assert find(slicings(LEVELS), lambda one: bool(one.without), settings=unshrunk).without
    with pytest.raises(
        ConfigurationError, match=re.escape("slicings((), max_attributes=2) has nothing to divide by")
    ):
        slicings(())


@given(measures(LABELS))
def test_measures_are_about_the_labels(measure: Measure) -> None:
    assert {measure.true, measure.predicted} <= {None, *LABELS}


@given(criteria(LABELS), gaps(LABELS), ratios(LABELS), associations(LABELS))
def test_criteria_are_values(one: AnyCriterion, gap: Gap, ratio: Ratio, association: NoAssociation) -> None:
    assert isinstance(one, Gap | Ratio | NoAssociation)
    assert 0 < gap.at_most < 1
    assert ratio.at_most > 1
    assert association.margin is None or 0 < association.margin < 1
    assert hash(one) == hash(one)


def test_the_simplest_demand_is_about_accuracy() -> None:
    assert find(gaps(), lambda _one: True, settings=settings(database=None)) == Gap(accuracy, at_most=0.01)
