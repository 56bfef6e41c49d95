"""Raw answers: what a parser may make of them, and that ours keeps to it."""

from __future__ import annotations

import re

import pytest
from hypothesis import Phase, find, given, settings, strategies as st

from fer_audit.errors import ConfigurationError
from fer_audit.models.answers import read_answer
from fer_audit.models.text import read_text
from fer_audit.records import Answer
from fer_audit.strategies import RawAnswer, raw_answers
from fer_audit.strategies.designs import LABELS
from fer_audit.strategies.speech import Form
from fer_audit.vocabulary import AnswerKind

LABEL_SETS = [LABELS, ("anger", "fear"), ("yes", "no"), ("happy", "sad"), ("Anger", "contempt")]
unshrunk = settings(phases=[Phase.generate], database=None, deadline=None, max_examples=2000)
UNREADABLE = Answer(AnswerKind.UNREADABLE)
REFUSED = Answer(AnswerKind.REFUSED)
EMPTY = Answer(AnswerKind.EMPTY)
MALFORMED = Answer(AnswerKind.MALFORMED)
SEVERAL = Answer(AnswerKind.SEVERAL_LABELS)
FOREIGN = Answer(AnswerKind.OUT_OF_VOCABULARY)


def answered(label: str) -> Answer:
    return Answer(AnswerKind.ANSWERED, label)


@given(st.data())
@settings(max_examples=400, deadline=None)
def test_what_a_recognizer_says_is_read_as_it_allows(data: st.DataObject) -> None:
    labels = data.draw(st.sampled_from(LABEL_SETS[:4]))
    said = data.draw(raw_answers(labels))
    found = read_answer(said.text, labels=labels, model="m")
    assert said.allows(found), found
    assert found.raw == said.text


@given(st.data())
@settings(max_examples=1000, deadline=None)
def test_what_is_read_from_words_is_what_they_allow(data: st.DataObject) -> None:
    labels = data.draw(st.sampled_from(LABEL_SETS[:4]))
    said = data.draw(raw_answers(labels))
    found = read_text(said.text, labels)
    assert said.allows(found), found
    assert found.raw in said.text or found.raw.endswith("…") or said.form is Form.HOSTILE


@pytest.mark.parametrize("form", list(Form))
def test_every_form_is_drawn(form: Form) -> None:
    assert find(raw_answers(), lambda said: said.form is form, settings=unshrunk).form is form
    alone = find(raw_answers(forms=[form]), lambda _said: True, settings=unshrunk)
    assert alone.form is form


@pytest.mark.parametrize("labels", LABEL_SETS, ids=str)
def test_a_label_is_one_that_was_asked_for(labels: tuple[str, ...]) -> None:
    @given(raw_answers(labels))
    @settings(max_examples=100, deadline=None)
    def check(said: RawAnswer) -> None:
        assert said.label is None or said.label in labels
        if said.form in {Form.PLAIN, Form.SENTENCE, Form.MARKDOWN, Form.JSON}:
            assert said.label is not None
            assert said.label in said.text
        if said.form in {Form.REFUSAL, Form.EMPTY, Form.HOSTILE, Form.OTHER, Form.SEVERAL}:
            assert said.label is None
            assert said.text not in labels
            assert not said.certain

    check()


@pytest.mark.parametrize(
    ("said", "allowed", "refused"),
    [
        (RawAnswer("fear", Form.PLAIN, "fear", certain=True), [answered("fear")], [answered("anger"), UNREADABLE]),
        (RawAnswer("Answer: fear", Form.SENTENCE, "fear"), [answered("fear"), UNREADABLE], [answered("joy"), REFUSED]),
        (RawAnswer("I can't help.", Form.REFUSAL), [REFUSED, UNREADABLE], [answered("fear")]),
        (RawAnswer("", Form.EMPTY), [UNREADABLE, EMPTY], [answered("fear"), REFUSED, FOREIGN, Answer(AnswerKind.ERROR)]),
        (RawAnswer("fear or joy", Form.SEVERAL), [UNREADABLE, SEVERAL], [answered("fear"), answered("joy"), EMPTY, REFUSED]),
        (RawAnswer("{'a': 1}", Form.HOSTILE), [UNREADABLE, MALFORMED, FOREIGN, EMPTY], [SEVERAL, REFUSED]),
        (RawAnswer("Concentration", Form.OTHER), [UNREADABLE, FOREIGN], [SEVERAL, REFUSED, EMPTY, MALFORMED]),
        (RawAnswer('{"label": "joy"}', Form.JSON, "joy"), [answered("joy"), MALFORMED], [SEVERAL, EMPTY, answered("fear")]),
    ],
    ids=lambda value: value.form if isinstance(value, RawAnswer) else "",
)  # fmt: skip
def test_a_text_allows_its_label_and_giving_up_but_never_another_label(
    said: RawAnswer, allowed: list[Answer], refused: list[Answer]
) -> None:
    assert [said.allows(answer) for answer in allowed] == [True] * len(allowed)
    assert [said.allows(answer) for answer in refused] == [False] * len(refused)


def test_a_parser_that_takes_the_first_label_it_finds_is_caught() -> None:
    def eager(text: str) -> Answer:
        found = [label for label in LABELS if label in text.casefold()]
        return answered(found[0]) if found else UNREADABLE

    caught = find(raw_answers(), lambda said: not said.allows(eager(said.text)), settings=unshrunk)
    assert caught.form in {Form.SEVERAL, Form.SYNONYM}


def test_forms_that_cannot_be_said_are_an_error() -> None:
    message = (
        "no answer of form foreign can be given with the labels ('yes',); name more forms or more labels"
    )
    with pytest.raises(ConfigurationError, match=re.escape(message)):
        raw_answers(["yes"], forms=[Form.FOREIGN])
    with pytest.raises(ConfigurationError, match="no answer of form several"):
        raw_answers(["yes"], forms=[Form.SEVERAL])
