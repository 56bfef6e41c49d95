"""A chat completion, read as a reply."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from fer_audit.models.answers import OTHERS
from fer_audit.models.remote.documents import count_in, mapping_in, text_in
from fer_audit.models.remote.exchange import AgainError, Reply
from fer_audit.models.text import KEYS, flagged, read_text
from fer_audit.records import Answer
from fer_audit.vocabulary import AnswerKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["read_completion"]

_DATED = re.compile(r"-\d{4}-\d{2}-\d{2}$")
_VALUE = re.compile(rb'"(?:' + "|".join(KEYS[:2]).encode() + rb')"\s*:\s*"((?:[^"\\]|\\.)*)"')
_SHOWN = 200


def read_completion(document: object, *, labels: Sequence[str], model: str) -> Reply:
    """What a completion says.

    Where the endpoint itself says that the answer was refused, blocked or cut, its word stands, and so the
    answer is flagged. A snapshot that was not asked for answers nothing: it is another model.

    Args:
        document: what came back, as JSON; hostile.
        labels: what may be answered.
        model: the name that was asked for.

    Raises:
        AgainError: it is no completion.
    """
    completion = mapping_in(document)
    choices = completion.get("choices")
    if not isinstance(choices, list) or not choices:
        told = text_in(mapping_in(completion.get("error")).get("message"))
        raise AgainError(
            f"no completion in what came back ({told[:_SHOWN] or 'no choices in it'})", charged=not told
        )
    served = text_in(completion.get("model"))
    usage = mapping_in(completion.get("usage"))
    answer = _only([_choice(mapping_in(choice), labels) for choice in choices])
    if _DATED.search(model) and served not in {"", model}:
        said = f"{served[:_SHOWN]!r} was served where {model!r} was asked for; its answer is not taken"
        answer = Answer(AnswerKind.ERROR, raw=said, flagged=True)
    sent, received = usage.get("prompt_tokens"), usage.get("completion_tokens")
    return Reply(answer, served, count_in(sent), count_in(received))


def _only(answers: Sequence[Answer]) -> Answer:
    """One answer was asked for: several that differ name several labels."""
    first, *others = answers
    if all(other.label == first.label for other in others):
        return first
    words = "\n".join(answer.raw for answer in answers)
    return Answer(AnswerKind.SEVERAL_LABELS, raw=words, flagged=True)


def _choice(choice: Mapping[str, Any], labels: Sequence[str]) -> Answer:
    message = mapping_in(choice.get("message"))
    words, refusal = _words(message.get("content")), text_in(message.get("refusal"))
    if refusal:
        return flagged(AnswerKind.REFUSED, refusal)
    match choice.get("finish_reason"):
        case "content_filter":
            return flagged(AnswerKind.BLOCKED_OUTPUT, words)
        case "length":
            return flagged(AnswerKind.TRUNCATED, words)
    answer = read_text(words, labels)
    return replace(answer, scores=_scores(answer, choice.get("logprobs")))


@dataclass(frozen=True, slots=True)
class _Token:
    text: bytes
    logprob: float


def _scores(answer: Answer, logprobs: object) -> Mapping[str, float]:
    """The probability of the tokens that spell the answered label; empty where they do not tell it."""
    listed = mapping_in(logprobs).get("content")
    if answer.label is None or not isinstance(listed, list):
        return {}
    tokens = [_token(mapping_in(each)) for each in listed]
    said = b"".join(token.text for token in tokens)
    value = _VALUE.search(said)
    if value is None or any(math.isnan(token.logprob) for token in tokens):
        return {}
    begins, ends = value.span(1)
    at, total = 0, 0.0
    for token in tokens:
        if at < ends and at + len(token.text) > begins:
            total += token.logprob
        at += len(token.text)
    probability = math.exp(min(total, 0.0))
    return {answer.label: probability, OTHERS: 1.0 - probability}


def _token(token: Mapping[str, Any]) -> _Token:
    """A token may end within a character, so that its text alone does not tell its bytes."""
    logprob = token.get("logprob")
    try:
        text = bytes(token["bytes"])
    except (KeyError, TypeError, ValueError):
        text = text_in(token.get("token")).encode(errors="replace")
    return _Token(text, float(logprob) if isinstance(logprob, int | float) else math.nan)


def _words(content: object) -> str:
    """Some servers give the words in parts."""
    if isinstance(content, list):
        return "".join(text_in(mapping_in(part).get("text")) for part in content)
    return text_in(content)
