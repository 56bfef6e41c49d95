"""GPT-4o and servers like it through OpenAI's own SDK, against a server in a process of its own."""

from __future__ import annotations

from dataclasses import replace
from traceback import format_exception
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("openai")

from loopback_openai import sureness
from loopback_plan import LABELS, Plan, hashed
from vendors import KEY, PICTURE, VENDORS

from fer_audit.datasets import rendered_faces
from fer_audit.errors import EndpointError
from fer_audit.inference import Asking, gather
from fer_audit.models.answers import OTHERS
from fer_audit.models.openai import gpt_4o
from fer_audit.models.prompts import WORDINGS, question
from fer_audit.models.remote import AgainError
from fer_audit.records import Answer
from fer_audit.store import PredictionStore
from fer_audit.vocabulary import AnswerKind

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from loopback import Server
    from vendors import Vendor

    from fer_audit.models.remote import RemoteRecognizer, Reply

    Serve = Callable[[Plan], Server]
    Load = Callable[[str], RemoteRecognizer]
    Ask = Callable[..., Reply]

ASKED = "gpt-4o-2024-11-20"


@pytest.fixture
def vendor() -> Vendor:
    return VENDORS["openai"]


@pytest.fixture
def ask(load: Load) -> Ask:
    def asked(model: str = "gpt-4o") -> Reply:
        return load(model).vendor.ask(PICTURE, WORDINGS[0], 0)

    return asked


NO_LABEL = {
    "refusal": Answer(
        AnswerKind.REFUSED, raw="I'm sorry, I can't help with identifying people.", flagged=True
    ),
    "content filter": Answer(AnswerKind.BLOCKED_OUTPUT, raw="", flagged=True),
    "content policy": Answer(AnswerKind.BLOCKED_INPUT, raw="Your input was flagged.", flagged=True),
    "bad picture": Answer(AnswerKind.ERROR, raw="You uploaded no valid image.", flagged=True),
    "length": Answer(AnswerKind.TRUNCATED, raw='{"expression":"', flagged=True),
    "empty content": Answer(AnswerKind.EMPTY, raw="", flagged=False),
    "cannot tell": Answer(AnswerKind.REFUSED, raw='{"expression":"cannot_tell"}', flagged=False),
    "foreign word": Answer(AnswerKind.OUT_OF_VOCABULARY, raw='{"expression":"concentration"}', flagged=False),
}
"""What a special reply of the server is read as."""


class TestRequests:
    def test_one_has_all_that_the_answer_depends_on(self, serve: Serve, ask: Ask) -> None:
        server = serve(Plan())
        ask()
        (entry,) = server.ledger()
        assert entry.path == "/v1/chat/completions"
        assert entry.key == hashed(KEY)
        assert entry.asked == {
            "model": ASKED,
            "picture": hashed(PICTURE),
            "words": question(WORDINGS[0], LABELS),
            "seed": "20250",
            "detail": "low",
            "parameters": "logprobs,max_tokens,messages,model,response_format,seed,temperature",
        }

    def test_a_server_of_ones_own_gets_no_key_where_none_is_set(
        self, serve: Serve, monkeypatch: pytest.MonkeyPatch, ask: Ask
    ) -> None:
        server = serve(Plan())
        monkeypatch.delenv("OPENAI_API_KEY")
        assert ask("theirs=openai:llava:7b").answer.kind is AnswerKind.ANSWERED
        (entry,) = server.ledger()
        assert (entry.asked["model"], entry.key) == ("llava:7b", hashed("none-needed"))

    def test_a_server_that_cannot_tell_how_sure_it_is_is_asked_without(
        self, serve: Serve, load: Load
    ) -> None:
        server = serve(Plan(refuses=("logprobs",)))
        vendor = load("gpt-4o").vendor
        for _ in range(2):
            answer = vendor.ask(PICTURE, WORDINGS[0], 0).answer
            assert (answer.kind, answer.scores) == (AnswerKind.ANSWERED, {})
        # Told once, and known from then on.
        assert ["logprobs" in entry.asked["parameters"] for entry in server.ledger()] == [True, False, False]


class TestAnswers:
    def test_a_label_comes_with_its_probability(self, serve: Serve, ask: Ask) -> None:
        server = serve(Plan())
        reply = ask()
        label = server.plan.label(PICTURE)
        sure = sureness(question(WORDINGS[0], LABELS)) ** 2
        assert reply.answer.label == label
        assert reply.answer.scores == pytest.approx({label: sure, OTHERS: 1 - sure})
        assert (reply.served, reply.tokens_received) == (ASKED, 9)
        assert reply.tokens_sent is not None

    @pytest.mark.parametrize("reply", NO_LABEL)
    def test_what_is_no_label_has_its_kind_and_its_words(self, serve: Serve, ask: Ask, reply: str) -> None:
        serve(Plan(reply=reply))
        assert ask().answer == NO_LABEL[reply]

    def test_prose_is_read(self, serve: Serve, ask: Ask) -> None:
        server = serve(Plan(reply="prose"))
        label = server.plan.label(PICTURE)
        assert ask().answer == Answer(AnswerKind.ANSWERED, label, raw=f"It is {label}, I think.")

    def test_two_answers_where_one_was_asked_for_name_several_labels(self, serve: Serve, ask: Ask) -> None:
        server = serve(Plan(reply="two choices"))
        answer = ask().answer
        assert (answer.kind, answer.flagged) == (AnswerKind.SEVERAL_LABELS, True)
        assert server.plan.label(PICTURE) in answer.raw
        assert "contempt" in answer.raw

    def test_a_server_that_counts_no_tokens_is_taken_at_its_word(self, serve: Serve, ask: Ask) -> None:
        serve(Plan(reply="no usage"))
        reply = ask()
        assert reply.answer.kind is AnswerKind.ANSWERED
        assert (reply.tokens_sent, reply.tokens_received) == (None, None)

    def test_another_snapshot_than_the_one_asked_for_answers_nothing(self, serve: Serve, ask: Ask) -> None:
        serve(Plan(model="gpt-4o-2024-05-13"))
        assert ask().answer == Answer(
            AnswerKind.ERROR,
            raw=f"'gpt-4o-2024-05-13' was served where '{ASKED}' was asked for; its answer is not taken",
            flagged=True,
        )

    def test_an_undated_name_may_stand_for_any_snapshot(self, serve: Serve, ask: Ask) -> None:
        serve(Plan(model="gpt-4o-mini-2024-07-18"))
        reply = ask("theirs=openai:gpt-4o-mini")
        assert (reply.answer.kind, reply.served) == (AnswerKind.ANSWERED, "gpt-4o-mini-2024-07-18")


class TestFailures:
    @pytest.mark.parametrize(
        ("fatal", "said"),
        [
            ("401", "does not accept the key (status 401); check OPENAI_API_KEY"),
            (
                "403",
                "does not allow it (status 403: Country not supported.); check that the key's project may use "
                "the model and that the vendor serves your country",
            ),
            (
                "404",
                "has no such model or path (status 404: The model `x` does not exist.); check the model's name, "
                "that the key may use it, and OPENAI_BASE_URL, which mostly ends in /v1",
            ),
            (
                "insufficient_quota",
                "says that the account has no quota left (insufficient_quota); add credit or raise its limit, "
                "then run again: the answers so far are kept",
            ),
        ],
    )
    def test_what_never_goes_well_says_the_cure(self, serve: Serve, fatal: str, said: str, ask: Ask) -> None:
        server = serve(Plan(fatal=fatal))
        with pytest.raises(EndpointError) as caught:
            ask()
        assert str(caught.value) == f"model 'gpt-4o': {server.host} {said}"
        assert len(server.ledger()) == 1

    def test_a_parameter_on_which_answers_depend_is_not_left_out(self, serve: Serve, ask: Ask) -> None:
        server = serve(Plan(refuses=("seed",)))
        with pytest.raises(EndpointError) as caught:
            ask()
        assert str(caught.value) == (
            f"model 'gpt-4o': {server.host} refuses the parameter 'seed' (status 400: Unsupported parameter: "
            "'seed' is not supported with this model.); choose another model"
        )

    @pytest.mark.parametrize(
        ("fault", "reason"),
        [
            ("cut JSON", 'what came back is no JSON (\'{"id": "chatcmpl-1"'),
            ("cut body", "the connection broke (RemoteProtocolError)"),
            ("garbled JSON", 'what came back is no JSON (\'{"choices": [}{}}'),
            ("HTML", "what came back is no JSON ('<html><body>Please log in."),
            ("empty body", "what came back is no JSON ('')"),
        ],
    )
    def test_what_is_no_json_is_shown(self, serve: Serve, ask: Ask, fault: str, reason: str) -> None:
        serve(Plan(rate=1.0, faults=(fault,)))
        with pytest.raises(AgainError) as caught:
            ask()
        assert caught.value.reason.startswith(reason)

    @pytest.mark.parametrize(
        ("reply", "said", "charged"),
        [
            ("no choices", "no choices in it", True),
            ("strange choices", "no choices in it", True),
            ("error in 200", "upstream", False),
        ],
    )
    def test_what_is_no_completion_is_worth_another_attempt(
        self, serve: Serve, reply: str, said: str, charged: bool, ask: Ask
    ) -> None:
        serve(Plan(reply=reply))
        with pytest.raises(AgainError) as caught:
            ask()
        assert caught.value.reason == f"no completion in what came back ({said})"
        assert caught.value.charged == charged


class TestKey:
    def test_what_the_endpoint_says_of_it_is_not_repeated(self, serve: Serve, ask: Ask) -> None:
        serve(Plan(fatal="401"))
        with pytest.raises(EndpointError) as caught:
            ask()
        assert "sk-wrong" not in "".join(format_exception(caught.value))

    def test_a_model_that_repeats_it_is_not_quoted(self, serve: Serve, ask: Ask) -> None:
        server = serve(Plan(reply="key in words"))
        assert ask().answer.raw == f"{server.plan.label(PICTURE)} [key]"

    def test_a_batch_gets_the_same_answers_as_one_by_one(self, serve: Serve, tmp_path: Path) -> None:
        server = serve(Plan())
        spec, found = gpt_4o("gpt-4o"), []
        assert spec.endpoint is not None
        # Only the vendor's own host is known to have a batch mode; this server has one too.
        spec = replace(spec, endpoint=replace(spec.endpoint, batches=True))
        for number, batch in enumerate((False, True)):
            store = PredictionStore(tmp_path / f"store{number}")
            asking = Asking(live=True, batch=batch, run="run")
            found.append(gather(spec, rendered_faces(), store, limit_people=1, asking=asking))
            store.close()
        assert found[0].predicted.codes.tolist() == found[1].predicted.codes.tolist()
        assert found[0].kind.tolist() == found[1].kind.tolist() == [0] * len(found[0].kind)
        confidence = [each.confidence for each in found]
        assert confidence[0] is not None
        assert confidence[1] is not None
        assert confidence[0].tolist() == confidence[1].tolist()
        assert any("/batches" in entry.path for entry in server.ledger())
