"""What language models say, and how it is read: by hand, one text a line."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given, settings, strategies as st

from fer_audit.models.text import read_text, reread
from fer_audit.records import Answer
from fer_audit.strategies import raw_answers
from fer_audit.strategies.designs import LABELS
from fer_audit.vocabulary import AnswerKind

REFUSED = AnswerKind.REFUSED
SEVERAL = AnswerKind.SEVERAL_LABELS
MALFORMED = AnswerKind.MALFORMED
FOREIGN = AnswerKind.OUT_OF_VOCABULARY
UNREAD = AnswerKind.UNREADABLE
EMPTY = AnswerKind.EMPTY

READINGS: dict[str, str | AnswerKind] = {
    # The label, and how models dress it.
    "anger": "anger",
    "Angry": "anger",
    " HAPPINESS\n": "happiness",
    "Neutral.": "neutral",
    "**Fear**": "fear",
    "`surprise`": "surprise",
    "“sadness”": "sadness",
    "Anger!": "anger",
    "happy?": "happiness",
    "- disgusted": "disgust",
    "1. sad": "sadness",
    "Expression: afraid": "fear",
    "**Emotion:** joy": "happiness",
    "The expression is **neutral**.": "neutral",
    "```\nfear\n```": "fear",
    "ｆｅａｒ": "fear",
    "\u202efear\u202c": "fear",
    "fe\x00ar": "fear",
    # JSON, read strictly.
    '{"expression": "anger"}': "anger",
    '{"Expression": "Angry", "confidence": 0.9}': "anger",
    '{"emotion": "sad"}': "sadness",
    '```json\n{"expression": "fear"}\n```': "fear",
    '{"expression": "fear", "reason": "no anger, no joy"}': "fear",
    '{"expression": "cannot_tell"}': REFUSED,
    '{"expression": "Concentration"}': FOREIGN,
    '{"expression": ""}': EMPTY,
    '{"expression": "anger or fear"}': SEVERAL,
    '{"expression": "anger", "expression": "fear"}': SEVERAL,
    '{"expression": "anger", "label": "anger"}': "anger",
    '{"expression": "anger", "answer": "perhaps"}': MALFORMED,
    '{"expression": null}': MALFORMED,
    '{"expression": ["anger"]}': MALFORMED,
    '{"mood": "anger"}': MALFORMED,
    '{"expression": "anger"': MALFORMED,
    '{"expression": "anger"} The person looks angry.': MALFORMED,
    "{anger}": MALFORMED,
    '["anger", "fe': MALFORMED,
    '["anger"]': MALFORMED,
    "[" * 1_900 + '"anger"': MALFORMED,
    '{"expression":' * 140: MALFORMED,
    # One label in a sentence.
    "The person looks angry.": "anger",
    "I'd say it's a happy face!": "happiness",
    "She looks angry, not afraid.": "anger",
    "Not angry, but sad.": "sadness",
    "Neither angry nor sad but neutral.": "neutral",
    "Sadness rather than anger.": "sadness",
    "No, sadness.": "sadness",
    "The corners of the mouth are raised. There is no anger. Happiness.": "happiness",
    "I have no doubt that she is happy.": "happiness",
    "If I had to choose I would say fear.": "fear",
    "I can't be certain, but the person appears sad.": "sadness",
    "Because he isn't smiling, I would say sadness.": "sadness",
    "Anger, because the mouth isn't smiling.": "anger",
    "I'd be happy to help! The face shows disgust.": "disgust",
    "I'm afraid it is anger.": "anger",
    "contempt": "contempt",
    # A label that is not asserted is not read.
    "not angry": UNREAD,
    "She is not angry.": UNREAD,
    "neither happy nor sad": UNREAD,
    "The face isn't happy, sad, or afraid.": UNREAD,
    "Anger is not visible here.": UNREAD,
    "Anger: no.": UNREAD,
    "The expression lacks happiness.": UNREAD,
    "non-happy": UNREAD,
    "unhappy": FOREIGN,
    "Is she angry?": UNREAD,
    "It might be anything other than a smile": UNREAD,
    # Several.
    "anger or fear": SEVERAL,
    "anger, disgust, fear, happiness": SEVERAL,
    "A mixture of sadness and surprise.": SEVERAL,
    "not only angry but also sad": SEVERAL,
    "angry/contemptuous": SEVERAL,
    "anger? No, fear? I cannot tell.": SEVERAL,
    # Refusals, known from real models.
    "I'm unable to view images.": REFUSED,
    "I'm sorry, but I can't help with identifying emotions.": REFUSED,
    "I’m sorry, I can’t assist with that request.": REFUSED,
    "I can't identify emotions such as happiness from a picture.": REFUSED,
    "I can't determine whether this person feels happiness, sadness, or anger.": REFUSED,
    "I can't tell if she is angry.": REFUSED,
    "I'm afraid I cannot determine that.": REFUSED,
    "I'd be happy to help, but I can't see the image.": REFUSED,
    "As an AI language model I do not judge faces.": REFUSED,
    "It is impossible to tell from this picture.": REFUSED,
    "No image was provided. Please upload the picture.": REFUSED,
    "This goes against our usage policies.": REFUSED,
    "cannot_tell": REFUSED,
    "Cannot tell.": REFUSED,
    # Another word, and what is none.
    "Concentration": FOREIGN,
    "Deep concentration.": FOREIGN,
    "Answer: Concentration": FOREIGN,
    "Wut": FOREIGN,
    "None": FOREIGN,
    "unknown": FOREIGN,
    "42": UNREAD,
    "N/A": UNREAD,
    "😀": UNREAD,
    "...": UNREAD,
    "The mouth is open and the brows are raised.": UNREAD,
    "<think>angry? no, sad": UNREAD,
    "<think>Brows: anger? No.</think>\n\nsadness": "sadness",
    "": EMPTY,
    " \n\t": EMPTY,
    "\ufeff\u0000": EMPTY,
}


@pytest.mark.parametrize("said", READINGS, ids=lambda said: repr(said)[:60])
def test_a_text_is_read_as_a_reader_would(said: str) -> None:
    expected = READINGS[said]
    found = read_text(said, LABELS)
    assert (found.label or found.kind) == expected


def test_the_table_is_long_enough_to_mean_something() -> None:
    assert len(READINGS) >= 100
    assert {value for value in READINGS.values() if isinstance(value, AnswerKind)} == {
        REFUSED, SEVERAL, MALFORMED, FOREIGN, UNREAD, EMPTY,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("labels", "said", "expected"),
    [
        (["Anger", "Happy"], "She looks angry.", "Anger"),
        (["very happy", "happy"], "The face is very happy.", "very happy"),
        (["very_happy", "happy"], "It is very happy or happy.", SEVERAL),
        (["怒り", "恐怖"], "怒り", "怒り"),
        # Labels that any sentence may contain are read alone, and never out of a sentence.
        (["yes", "no"], "No.", "no"),
        (["yes", "no"], "There is no way to be sure", UNREAD),
        (["yes", "no"], "yes or no", SEVERAL),
        (["1", "2"], "There is 1 person.", UNREAD),
        (["1", "2"], "Answer: 1", "1"),
        (["-1", "1"], "-1.", "-1"),
        (["a", "b"], "I see a person", UNREAD),
        (["cat", "dog"], "anger", FOREIGN),
        (["cat", "dog"], "It is a cat, not a dog.", "cat"),
    ],
)
def test_labels_of_all_sorts_are_found(labels: list[str], said: str, expected: str | AnswerKind) -> None:
    found = read_text(said, labels)
    assert (found.label or found.kind) == expected


@given(raw_answers().map(lambda said: said.text) | st.text())
@settings(max_examples=500, deadline=None)
def test_words_are_kept_without_control_characters_and_read_again_as_they_were(text: str) -> None:
    found = read_text(text, LABELS)
    assert len(found.raw) <= 2_000
    assert not {unicodedata.category(char) for char in found.raw.replace("\n", "")} & {"Cc", "Cf", "Cs"}
    assert reread(found, LABELS) == found


@given(
    st.lists(st.sampled_from([*LABELS, "not", "and", "or", ",", ".", "?", "she", "is", "but"]), max_size=12)
)
@settings(max_examples=1000, deadline=None)
def test_only_a_label_that_was_said_is_read(words: list[str]) -> None:
    found = read_text(" ".join(words), LABELS)
    assert found.label is None or found.label in words


def test_a_text_beyond_the_bound_is_kept_in_part_and_not_read() -> None:
    long = "The brows are low. " * 200
    assert read_text(long + "anger", LABELS).kind is UNREAD
    assert read_text("anger. " + long, LABELS).kind is UNREAD
    assert read_text("I'm sorry, but no. " + long, LABELS).kind is REFUSED
    kept = read_text(long, LABELS).raw
    assert (len(kept), kept[-1]) == (2_000, "…")


def test_json_holds_any_spelling_of_a_label() -> None:
    for label in LABELS:
        assert read_text(json.dumps({"expression": label.upper()}), LABELS).label == label


@pytest.mark.parametrize(
    "stored",
    [
        Answer(REFUSED, raw="anger", flagged=True),
        Answer(AnswerKind.TRUNCATED, raw="ang", flagged=True),
        Answer(AnswerKind.ANSWERED, "fear", {"fear": 0.9}),
    ],
)
def test_an_answer_that_its_endpoint_flagged_or_that_has_no_words_is_not_read_again(stored: Answer) -> None:
    assert reread(stored, LABELS) is stored


def test_a_stored_answer_is_read_by_the_parser_of_today() -> None:
    stored = Answer(UNREAD, raw="It is a happy face.")
    assert reread(stored, LABELS) == Answer(AnswerKind.ANSWERED, "happiness", raw="It is a happy face.")
