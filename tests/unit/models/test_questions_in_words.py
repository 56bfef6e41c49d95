"""The questions that are put to language models."""

from __future__ import annotations

from fer_audit.models.prompts import WORDINGS, choices, question
from fer_audit.models.text import CANNOT_TELL
from fer_audit.wording import rotations

LABELS = ("anger", "fear", "sadness")


def test_each_is_another_text_under_another_name_and_lists_the_choices_once() -> None:
    assert len(WORDINGS) >= 6
    assert len({wording.name for wording in WORDINGS}) == len(WORDINGS)
    assert len({wording.texts for wording in WORDINGS}) == len(WORDINGS)
    for wording in WORDINGS:
        assert "".join(wording.texts).count("{labels}") == 1
        asked = question(wording, LABELS)
        assert ", ".join(choices(LABELS)) in asked
        assert "{" not in asked


def test_labels_turn_and_that_none_can_be_told_stays_last() -> None:
    turned = rotations(WORDINGS, len(WORDINGS) + 1, labels=3)[-1]
    assert f"fear, sadness, anger, {CANNOT_TELL}" in question(turned, LABELS)


def test_a_label_with_braces_is_asked_as_it_is() -> None:
    assert "{labels}, {0}, cannot_tell" in question(WORDINGS[0], ("{labels}", "{0}"))


def test_none_speaks_of_groups_of_people() -> None:
    words = " ".join(text for wording in WORDINGS for text in wording.texts).casefold()
    for word in ("race", "gender", "woman", " man ", "age", "skin", "white", "black", "asian"):
        assert word not in words.replace("image", "").replace("facial", "")
