"""A response of the API, read as a reply."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from fer_audit.models.remote.documents import count_in, mapping_in, text_in
from fer_audit.models.remote.exchange import AgainError, Reply
from fer_audit.models.text import flagged, read_text
from fer_audit.records import Answer
from fer_audit.vocabulary import AnswerKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["is_other_model", "read_content"]

# What a candidate ends with that was kept back: https://ai.google.dev/api/generate-content#FinishReason
_BLOCKED = frozenset(
    {
        "BLOCKLIST",
        "IMAGE_PROHIBITED_CONTENT",
        "IMAGE_RECITATION",
        "IMAGE_SAFETY",
        "MODEL_ARMOR",
        "PROHIBITED_CONTENT",
        "RECITATION",
        "SAFETY",
        "SPII",
    }
)
_WHOLE = frozenset({"", "STOP", "FINISH_REASON_UNSPECIFIED"})
_UNBLOCKED = frozenset({"", "BLOCK_REASON_UNSPECIFIED", "BLOCKED_REASON_UNSPECIFIED"})
# A number, a date or a stage of release after a name is a version of that model; a word is another model.
_VERSION = re.compile(r"(?:-(?:\d+|preview|exp))*")
_ALIAS = "-latest"
_SHOWN = 200


def read_content(document: object, *, labels: Sequence[str], model: str) -> Reply:
    """What a response says.

    A prompt that was blocked has no candidates; a candidate that was blocked or cut says so. There the
    endpoint's word stands, and so the answer is flagged. Another model than was asked for answers nothing.

    Args:
        document: what came back, as JSON; hostile.
        labels: what may be answered.
        model: the name that was asked for.

    Raises:
        AgainError: it is no response.
    """
    response = mapping_in(document)
    feedback, candidates = mapping_in(response.get("promptFeedback")), response.get("candidates") or []
    served = text_in(response.get("modelVersion"))
    usage = mapping_in(response.get("usageMetadata"))
    if not isinstance(candidates, list) or not (candidates or feedback or usage or served):
        raise AgainError("no response in what came back", charged=True)
    blocked = text_in(feedback.get("blockReason"))
    if is_other_model(model, served):
        said = f"{served[:_SHOWN]!r} was served where {model!r} was asked for; its answer is not taken"
        answer = Answer(AnswerKind.ERROR, raw=said, flagged=True)
    elif candidates:
        answer = _candidate(mapping_in(candidates[0]), labels)
    elif blocked not in _UNBLOCKED:
        answer = flagged(AnswerKind.BLOCKED_INPUT, f"prompt blocked: {blocked}")
    else:
        answer = Answer(AnswerKind.EMPTY, raw="no candidates", flagged=True)
    sent, total = count_in(usage.get("promptTokenCount")), count_in(usage.get("totalTokenCount"))
    received = count_in(usage.get("candidatesTokenCount")) or 0
    received += count_in(usage.get("thoughtsTokenCount")) or 0
    if sent is not None and total is not None:
        # Thoughts are charged, and the older SDK has no word for them but in the total.
        received = max(received, total - sent)
    return Reply(answer, served, sent, received if sent is not None else None)


def is_other_model(asked: str, served: str) -> bool:
    """Whether the endpoint says that it used another model: a name that ends in -latest can be any.

    >>> is_other_model("gemini-2.0-flash", "gemini-2.0-flash-001")
    False
    >>> is_other_model("gemini-2.5-flash", "gemini-3.5-flash-lite")
    True
    >>> is_other_model("gemini-3.5-flash", "gemini-3.5-flash-lite")
    True
    """
    name, used = asked.removeprefix("models/"), served.removeprefix("models/")
    if not used or name.endswith(_ALIAS):
        return False
    return not (used.startswith(name) and _VERSION.fullmatch(used.removeprefix(name)))


def _candidate(candidate: Mapping[str, Any], labels: Sequence[str]) -> Answer:
    parts = mapping_in(candidate.get("content")).get("parts") or []
    said = "".join(
        text_in(mapping_in(part).get("text"))
        for part in (parts if isinstance(parts, list) else [])
        if not mapping_in(part).get("thought")
    )
    finish = str(candidate.get("finishReason") or "")
    if finish in _BLOCKED:
        return flagged(AnswerKind.BLOCKED_OUTPUT, said or f"answer blocked: {finish}")
    if finish == "MAX_TOKENS":
        return flagged(AnswerKind.TRUNCATED, said)
    if finish not in _WHOLE and not said.strip():
        return flagged(AnswerKind.EMPTY, f"ended without a word: {finish}")
    return read_text(said, labels)
