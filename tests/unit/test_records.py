from __future__ import annotations

import json
import math

import pytest

from fer_audit.errors import ConfigurationError
from fer_audit.records import Answer, Slicing
from fer_audit.results import (
    Comparison,
    Outcome,
    Record,
    Unassessable,
    Verdict,
    decode_record,
    encode_record,
)
from fer_audit.vocabulary import AnswerKind, Expression, expression_named


def test_a_slicing_is_written_with_a_star_and_in_a_shell_with_a_dot() -> None:
    assert Slicing("gender*race") == Slicing(" gender . race ") == Slicing(["gender", "race"])
    assert Slicing("gender*race").name == "gender*race"
    assert Slicing("gender*race").id == "gender_x_race"
    assert Slicing("race", without={"other": "one person"}).without == (("other", "one person"),)


@pytest.mark.parametrize("text", ["", "gender*", "*race", "gender*gender"])
def test_a_slicing_names_different_attributes(text: str) -> None:
    with pytest.raises(ConfigurationError, match="must name one or more different attributes"):
        Slicing(text)


def test_exactly_the_answered_carry_a_label() -> None:
    assert Answer(AnswerKind.ANSWERED, "anger").label == "anger"
    with pytest.raises(ConfigurationError, match="an answer of kind 'refused' with label 'anger'"):
        Answer(AnswerKind.REFUSED, "anger")
    with pytest.raises(ConfigurationError, match="an answer of kind 'answered' with label None"):
        Answer(AnswerKind.ANSWERED)


@pytest.mark.parametrize(
    ("word", "expression"),
    [
        ("Happy", Expression.HAPPINESS),
        ("ANGRY", Expression.ANGER),
        (" sad ", Expression.SADNESS),
        ("calm", None),
    ],
)
def test_synonyms_name_expressions(word: str, expression: Expression | None) -> None:
    assert expression_named(word) is expression


def test_a_record_survives_the_way_between_processes() -> None:
    pair = Comparison(
        "a", "b", math.inf, -0.1, 0.2, None, 0.5, 0.0, 9, 8, 90, 80, "apart", ("anger",), 0.1, (0.1, 0.0, 0.2)
    )
    verdict = Verdict(
        "Ratio(accuracy, at_most=1.25)",
        "accuracy",
        "ratio",
        "race",
        Outcome.INCONCLUSIVE,
        math.inf,
        0.9,
        3.0,
        1.25,
        comparisons=(pair,),
        people_needed={"a": 120},
        not_assessable=(Unassessable("c", 3, "too few"),),
        excluded=(("other", "one person"),),
        notes=("n",),
    )
    record = Record("test", "m", "d", verdict)
    text = encode_record(record)
    json.loads(text)
    assert decode_record(text) == record
