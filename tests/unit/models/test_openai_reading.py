"""Chat completions, hostile ones included, read as replies."""

from __future__ import annotations

import math
from typing import Any

import pytest

from fer_audit.models.answers import OTHERS
from fer_audit.models.openai.reading import read_completion
from fer_audit.models.remote.exchange import AgainError, Reply
from fer_audit.vocabulary import AnswerKind

LABELS = ("anger", "fear", "traurig\N{LATIN SMALL LETTER U WITH DIAERESIS}")
HALF = math.log(0.5)


def token(text: str, logprob: object = 0.0) -> dict[str, Any]:
    return {"token": text, "logprob": logprob, "bytes": list(text.encode())}


def completion(content: object, tokens: object = None, **more: object) -> dict[str, Any]:
    choice = {"message": {"content": content}, "finish_reason": "stop", "logprobs": {"content": tokens}}
    return {"model": "m", "choices": [choice], **more}


def read(document: object, model: str = "m") -> Reply:
    return read_completion(document, labels=LABELS, model=model)


class TestScores:
    def test_all_tokens_of_the_label_and_no_others_count(self) -> None:
        tokens = [
            token('{"expression', HALF),
            token('": "', HALF),
            token("an", HALF),
            token("ger", HALF),
            token('"}', HALF),
        ]
        answer = read(completion('{"expression": "anger"}', tokens)).answer
        assert answer.scores == pytest.approx({"anger": 0.25, OTHERS: 0.75})

    def test_a_token_that_ends_within_a_character_counts(self) -> None:
        said = f'{{"expression":"{LABELS[2]}"}}'.encode()
        parts = [said[:15], said[15:-3], said[-3:]]
        tokens = [{"token": "?", "bytes": list(part), "logprob": HALF} for part in parts]
        # The label is in the second, up to the first byte of its last character, and in the third.
        answer = read(completion(said.decode(), tokens)).answer
        assert answer.label == LABELS[2]
        assert answer.scores == pytest.approx({LABELS[2]: 0.25, OTHERS: 0.75})

    def test_a_token_without_bytes_is_taken_as_it_is_written(self) -> None:
        tokens = [
            {"token": text, "logprob": HALF, "bytes": None} for text in ('{"expression":"', "fear", '"}')
        ]
        assert read(completion('{"expression":"fear"}', tokens)).answer.scores == {"fear": 0.5, OTHERS: 0.5}

    @pytest.mark.parametrize(
        "tokens",
        [
            None,
            "none",
            [],
            [None],
            [token('{"expression":"fear"}', None)],
            [token('{"expression":"fear"}', "0")],
            [token('{"expression":"fear"}', math.nan)],
            [token("fear")],
        ],
    )
    def test_where_tokens_do_not_tell_there_are_none(self, tokens: object) -> None:
        answer = read(completion('{"expression":"fear"}', tokens)).answer
        assert (answer.label, answer.scores) == ("fear", {})

    @pytest.mark.parametrize(("logprob", "probability"), [(0.5, 1.0), (-9999.0, 0.0), (-math.inf, 0.0)])
    def test_a_probability_stays_between_0_and_1(self, logprob: float, probability: float) -> None:
        answer = read(completion('{"expression":"fear"}', [token('{"expression":"fear"}', logprob)])).answer
        assert answer.scores == {"fear": probability, OTHERS: 1 - probability}

    def test_what_is_no_label_has_none(self) -> None:
        said = '{"expression":"cannot_tell"}'
        assert read(completion(said, [token(said)])).answer.scores == {}


class TestShapes:
    @pytest.mark.parametrize("document", [None, [], "x", 7, {}, {"choices": []}, {"choices": {"a": 1}}])
    def test_what_is_no_completion_is_worth_another_attempt(self, document: object) -> None:
        with pytest.raises(AgainError, match="no completion in what came back"):
            read(document)

    @pytest.mark.parametrize("choice", [None, {}, {"message": "x"}, {"message": {"content": 7}}, "anger"])
    def test_a_choice_without_words_is_empty(self, choice: object) -> None:
        assert read({"choices": [choice]}).answer.kind is AnswerKind.EMPTY

    def test_words_may_come_in_parts(self) -> None:
        parts = [{"type": "text", "text": '{"expression":'}, {"type": "text", "text": '"fear"}'}, None]
        assert read(completion(parts)).answer.label == "fear"

    @pytest.mark.parametrize("count", [None, "12", -1, True, 1.5])
    def test_what_is_no_number_of_tokens_is_none(self, count: object) -> None:
        reply = read(completion("fear", usage={"prompt_tokens": count, "completion_tokens": 3}))
        assert (reply.tokens_sent, reply.tokens_received) == (None, 3)

    def test_two_choices_that_agree_are_one(self) -> None:
        document = completion("fear")
        document["choices"] *= 2
        assert read(document).answer.label == "fear"


class TestSnapshots:
    def test_a_dated_one_is_served_or_nothing_is_taken(self) -> None:
        dated = "gpt-4o-2024-08-06"
        assert read(completion("fear", model=dated), dated).answer.label == "fear"
        other = read(completion("fear", model="gpt-4o-2024-11-20"), dated).answer
        assert other.kind is AnswerKind.ERROR
        assert other.raw == (
            "'gpt-4o-2024-11-20' was served where 'gpt-4o-2024-08-06' was asked for; its answer is not taken"
        )

    def test_a_server_that_does_not_say_is_believed(self) -> None:
        document = completion("fear", model=None)
        assert read(document, "gpt-4o-2024-08-06").answer.label == "fear"
