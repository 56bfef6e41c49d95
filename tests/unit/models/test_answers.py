"""An answer is read in the dataset's spelling, whichever the model used."""

from __future__ import annotations

import pytest

from fer_audit.models.answers import label_named, read_answer
from fer_audit.records import Answer
from fer_audit.vocabulary import AnswerKind


@pytest.mark.parametrize(
    ("labels", "word", "expected"),
    [
        (["Anger", "fear"], "anger", "Anger"),
        (["Anger", "fear"], "angry", "Anger"),
        (["Anger", "Fear"], " ANGRY ", "Anger"),
        (["ANGER", "Happy"], "joy", "Happy"),
        # An expression that the dataset lacks is an answer, and a wrong one.
        (["Anger", "Fear"], "Surprised", "surprise"),
        # Where a dataset has two spellings, what was said goes first and then the vocabulary's.
        (["Happy", "happiness"], "Happy", "Happy"),
        (["Happy", "happiness"], "joy", "happiness"),
        (["Happy", "JOY"], "happiness", "Happy"),
    ],
)
def test_an_expression_is_given_the_spelling_of_the_dataset(
    labels: list[str], word: str, expected: str
) -> None:
    found = read_answer(word, labels=labels, model="m")
    assert (found.kind, found.label, found.raw) == (AnswerKind.ANSWERED, expected, word)


@pytest.mark.parametrize("labels", [["cat", "dog"], ["Anger", "Fear"]])
def test_another_word_is_out_of_vocabulary(labels: list[str]) -> None:
    found = read_answer("Concentration", labels=labels, model="m")
    assert (found.kind, found.label, found.raw) == (AnswerKind.OUT_OF_VOCABULARY, None, "Concentration")


def test_no_word_is_an_empty_answer() -> None:
    assert read_answer(" ", labels=["Anger"], model="m") == Answer(AnswerKind.EMPTY, raw=" ")


def test_an_expression_is_no_answer_where_the_labels_are_none() -> None:
    found = read_answer("anger", labels=["cat", "dog"], model="m")
    assert found.kind is AnswerKind.OUT_OF_VOCABULARY


@pytest.mark.parametrize(
    ("labels", "word", "label"),
    [
        (["cat", "dog"], "CAT", "cat"),
        (["very_happy", "sad"], "Very  happy", "very_happy"),
        (["can’t say", "sad"], "can't say", "can’t say"),
        # Two labels that differ in their case alone are told apart by nothing else.
        (["a", "A"], "A", "A"),
        (["Cat", "CAT"], "cat", None),
    ],
)
def test_case_underscores_and_spaces_make_no_other_label(
    labels: list[str], word: str, label: str | None
) -> None:
    assert label_named(word, labels) == label


def test_scores_and_words_of_an_answer_are_kept() -> None:
    given = Answer(AnswerKind.ANSWERED, "angry", {"Anger": 0.75}, raw="I would say angry.")
    found = read_answer(given, labels=["Anger"], model="m")
    assert found == Answer(AnswerKind.ANSWERED, "Anger", {"Anger": 0.75}, raw="I would say angry.")
