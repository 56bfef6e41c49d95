"""What Google's API says, read without its SDKs: hostile responses, and failures with their cure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from fer_audit.errors import EndpointError
from fer_audit.models.gemini.failures import failure_of
from fer_audit.models.gemini.reading import read_content
from fer_audit.models.gemini.request import Request
from fer_audit.models.gemini.target import Target
from fer_audit.models.prompts import WORDINGS
from fer_audit.models.remote import AgainError

LABELS = ("anger", "fear")
TARGET = Target("https://x", "x")
KEY = "canary"

WORDS = (
    *("candidates", "content", "parts", "text", "thought", "finishReason", "promptFeedback", "blockReason"),
    *("usageMetadata", "promptTokenCount", "totalTokenCount", "modelVersion"),
    *("anger", "SAFETY", "STOP", "gemini-x"),
)
words = st.sampled_from(WORDS)
leaves = st.none() | st.booleans() | st.integers(-3, 3) | words
documents = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=4),
    max_leaves=12,
)


@given(documents)
@settings(max_examples=500, deadline=None)
def test_whatever_comes_back_is_a_reply_or_worth_another_attempt(document: object) -> None:
    try:
        reply = read_content(document, labels=LABELS, model="gemini-x")
    except AgainError:
        return
    assert reply.answer.label in {None, "anger"}
    assert reply.tokens_received is None or reply.tokens_received >= 0


@pytest.mark.parametrize("candidates", ["anger", {"0": {}}, 3])
def test_candidates_of_another_shape_are_no_response(candidates: object) -> None:
    with pytest.raises(AgainError, match="no response in what came back"):
        read_content({"candidates": candidates, "modelVersion": "gemini-x"}, labels=LABELS, model="gemini-x")


def test_thoughts_are_charged_even_where_only_the_total_tells_of_them() -> None:
    usage = {"promptTokenCount": 100, "candidatesTokenCount": 6, "totalTokenCount": 150}
    candidate = {"content": {"parts": [{"text": "anger"}]}, "finishReason": "STOP"}
    document = {"candidates": [candidate], "usageMetadata": usage}
    reply = read_content(document, labels=LABELS, model="gemini-x")
    assert (reply.answer.label, reply.tokens_sent, reply.tokens_received) == ("anger", 100, 50)


def failed(status: int | None, document: object, retry_after: str = "") -> Exception:
    return failure_of(status, document, retry_after=retry_after, hide=KEY).error("m", TARGET)


@pytest.mark.parametrize(
    ("said", "least", "most"),
    [
        ("7", 7.0, 7.0),
        (format_datetime(datetime.now(UTC) + timedelta(seconds=3600), usegmt=True), 3000.0, 3600.0),
        (format_datetime(datetime.now(UTC) - timedelta(seconds=60), usegmt=True), 0.0, 0.0),
    ],
    ids=["seconds", "date", "past"],
)
def test_a_header_says_how_long_to_wait(said: str, least: float, most: float) -> None:
    error = failed(503, {}, said)
    assert isinstance(error, AgainError)
    assert error.after is not None
    assert least <= error.after <= most


@pytest.mark.parametrize("said", ["", "soon", "nan", "inf"])
def test_a_header_that_says_nothing_is_no_time_to_wait(said: str) -> None:
    error = failed(503, {}, said)
    assert isinstance(error, AgainError)
    assert error.after is None


def of_quota(**violation: str) -> dict[str, Any]:
    delay = {"retryDelay": "20s"}
    return {"error": {"message": "You exceeded your quota.", "details": [{"violations": [violation]}, delay]}}


def test_a_quota_of_a_day_is_spent_whatever_delay_it_names() -> None:
    assert isinstance(failed(429, of_quota(quotaId="RequestsPerDay")), EndpointError)
    assert isinstance(failed(429, of_quota(quotaId="RequestsPerMinute", quotaValue="0")), EndpointError)
    minute = failed(429, of_quota(quotaId="RequestsPerMinute", quotaValue="15"))
    assert isinstance(minute, AgainError)
    assert (minute.after, minute.overload) == (20.0, True)


@pytest.mark.parametrize(
    "document", [None, [], "x", {"error": "x"}, {"error": {"details": "x"}}, [{"error": None}]], ids=repr
)
def test_a_failure_of_another_shape_is_one_all_the_same(document: object) -> None:
    assert "refuses the request (status 418: no reason given)" in str(failed(418, document))
    assert isinstance(failed(None, document), AgainError)


def test_what_it_says_is_cut_and_cleaned_and_names_no_key() -> None:
    said = str(failed(403, {"error": {"message": f"\x1b[31m{KEY} " + "x" * 999}}))
    assert said.startswith("model 'm': x does not allow it (status 403: [31m[key] xxx")
    assert KEY not in said
    assert len(said) < 400


def test_the_most_that_a_request_can_take_grows_with_the_labels() -> None:
    few, many = (Request("gemini-x", labels).most_sent(WORDINGS) for labels in (LABELS, LABELS * 9))
    assert 2_580 < few < many


def test_what_answers_depend_on_is_described() -> None:
    assert Request("gemini-2.5-flash", LABELS).describe() == {
        "model": "gemini-2.5-flash",
        "sampling": "temperature 0, seed 20250 counted up by the repeat, at most 1024 tokens",
        "thinking": '{"thinkingBudget": 0}',
        "safety settings": "BLOCK_NONE",
        "response schema": "label enum with cannot_tell, 1",
    }
    assert Request("gemini-flash-latest", ()).describe()["thinking"] == "as the model likes"
