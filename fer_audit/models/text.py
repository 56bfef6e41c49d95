"""What a language model said, read as an answer: nothing is scored at random, nothing is dropped.

Only words are read here, and no second model judges them. Where an endpoint itself says that an answer was
refused, blocked or cut, its word stands. A reading depends on nothing but the words that are kept with it, so
that stored answers can be read again when this module has learnt something.
"""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from fer_audit.models.answers import label_named, same_word
from fer_audit.models.mentions import find_mentions
from fer_audit.models.refusals import is_refusal
from fer_audit.records import Answer
from fer_audit.vocabulary import AnswerKind

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["CANNOT_TELL", "KEYS", "flagged", "read_text", "reread"]

CANNOT_TELL = "cannot_tell"
"""What a model is offered beside the labels, to say that it gives none."""

KEYS = ("expression", "label", "emotion", "answer")
"""Under which of them a JSON object may hold the answer; the first is the one that is asked for."""

_MOST_CHARACTERS = 2_000
_CUT = "…"
_MOST_WORDS = 2  # of an answer that names something else than a label

# Control, format (bidi overrides, zero-width), surrogate and private-use characters.
_UNREADABLE = frozenset({"Cc", "Cf", "Cs", "Co"})
_LINES = "\n\r\v\f\u0085\u2028\u2029"
# Models that think aloud do so before they answer; what they weigh is not what they say. A thought that does
# not end leaves no answer.
_THOUGHT = re.compile(r"^\s*<think(?:ing)?>.*?</think(?:ing)?>", re.DOTALL)
_FENCE = re.compile(r"^```\w*\s*\n?(.*?)\n?```$", re.DOTALL)
_LIKE_JSON = re.compile(r'^(?:\{|\[\s*["{\[])')
_MARKS = " \n*_`#>\"'.,;:!?()[]{}“”‘’«»"
_BULLET = re.compile(r"^(?:[-•]|\d+[.)])\s+")
_PREFIX = re.compile(
    r"^(?:the )?(?:facial |final )?(?:expression|emotion|label|answer)(?: is|\s*[:=])[\s*_`:]*", re.IGNORECASE
)
_FORMATTING = str.maketrans(dict.fromkeys("*_`#>", " "))
_WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")


@dataclass(frozen=True, slots=True)
class _Reading:
    """What was made of the words."""

    kind: AnswerKind
    label: str | None = None


_REFUSED = _Reading(AnswerKind.REFUSED)
_EMPTY = _Reading(AnswerKind.EMPTY)
_MALFORMED = _Reading(AnswerKind.MALFORMED)
_SEVERAL = _Reading(AnswerKind.SEVERAL_LABELS)
_OUT = _Reading(AnswerKind.OUT_OF_VOCABULARY)
_UNREAD = _Reading(AnswerKind.UNREADABLE)


def read_text(text: str, labels: Sequence[str]) -> Answer:
    """What a language model said, as an answer; its words are kept whatever is made of them.

    In this order: nothing; JSON, whose value is then read in place of the text; `CANNOT_TELL`; a label or a
    synonym; a single label asserted in a sentence; several; a refusal; another word.

    Args:
        text: what it said; hostile characters are taken out of it, and more than 2,000 are cut off, which
            leaves nothing to be read but a refusal.
        labels: the dataset's labels.

    >>> read_text('{"expression": "Angry"}', ["anger", "fear"]).label
    'anger'
    >>> read_text("She looks angry, not afraid.", ["anger", "fear"]).label
    'anger'
    >>> [str(read_text(said, ["anger", "fear"]).kind) for said in ("anger or fear", "Concentration")]
    ['several_labels', 'out_of_vocabulary']
    >>> str(read_text("I'm sorry, but I'm unable to view images.", ["anger", "fear"]).kind)
    'refused'
    """
    words = _kept(text)
    found = _read(words, labels)
    return Answer(found.kind, found.label, raw=words)


def flagged(kind: AnswerKind, text: str) -> Answer:
    """The answer of which the endpoint itself said what it is; its words are kept, and not read.

    >>> flagged(AnswerKind.TRUNCATED, " anger ").raw
    'anger'
    """
    return Answer(kind, raw=_kept(text), flagged=True)


def reread(answer: Answer, labels: Sequence[str]) -> Answer:
    """A stored answer as it is read today: from the words that are kept with it.

    An answer stays as it is where the endpoint itself said what it is, and where it has no words; scores that
    came with it stay with its label.

    >>> stored = Answer(AnswerKind.UNREADABLE, raw="I would say anger.")
    >>> reread(stored, ["anger", "fear"]).label
    'anger'
    >>> reread(Answer(AnswerKind.REFUSED, raw="anger", flagged=True), ["anger", "fear"]).label is None
    True
    """
    if answer.flagged or not answer.raw:
        return answer
    found = read_text(answer.raw, labels)
    return replace(found, scores=answer.scores) if found.label == answer.label else found


def _kept(text: str) -> str:
    """What is kept of a text: clean, without what was thought aloud, and of bounded length."""
    words = _clean(_THOUGHT.sub("", text))
    return words if len(words) <= _MOST_CHARACTERS else words[: _MOST_CHARACTERS - len(_CUT)] + _CUT


def _clean(text: str) -> str:
    """The text without characters that would hide, reverse or break what is read; lines stay lines."""
    spaced = "".join("\n" if char in _LINES else " " if char == "\t" else char for char in text)
    return "".join(
        char for char in spaced if char == "\n" or unicodedata.category(char) not in _UNREADABLE
    ).strip()


def _read(words: str, labels: Sequence[str]) -> _Reading:
    if not words:
        return _EMPTY
    if words.startswith("<think") or (len(words) == _MOST_CHARACTERS and words.endswith(_CUT)):
        return _REFUSED if is_refusal(same_word(words)) else _UNREAD
    fenced = _FENCE.match(words)
    inner = fenced[1].strip() if fenced else words
    return _read_json(inner, labels) if _LIKE_JSON.match(inner) else _read_words(inner, labels)


def _read_json(words: str, labels: Sequence[str]) -> _Reading:
    """The value of an object's answer; values that contradict each other are several."""
    try:
        # Objects become tuples of pairs: a key that is given twice must not be lost.
        document = json.loads(words, object_pairs_hook=tuple)
    except (ValueError, RecursionError):
        return _MALFORMED
    pairs = document if isinstance(document, tuple) else ()
    values = [value for key, value in pairs if same_word(key) in KEYS]
    if not values or not all(isinstance(value, str) for value in values):
        return _MALFORMED
    readings = {_read_words(_clean(value), labels) for value in values}
    if len(readings) == 1:
        return readings.pop()
    named = {reading.label for reading in readings} - {None}
    return _SEVERAL if len(named) > 1 else _MALFORMED


def _read_words(words: str, labels: Sequence[str]) -> _Reading:
    """What words say that are no JSON."""
    if not words:
        return _EMPTY
    bare = _PREFIX.sub("", words.strip(_MARKS)).strip(_MARKS)
    for said in (words, _BULLET.sub("", words).strip(_MARKS), bare):
        label = label_named(said, labels)
        if label is not None:
            return _Reading(AnswerKind.ANSWERED, label)
    if same_word(bare) == same_word(CANNOT_TELL):
        return _REFUSED
    return _read_sentences(words, labels) or (_OUT if _is_name(bare) else _UNREAD)


def _read_sentences(words: str, labels: Sequence[str]) -> _Reading | None:
    """What sentences say of the labels; None where they neither name one nor refuse to."""
    lines = (same_word(line.translate(_FORMATTING)) for line in words.splitlines())
    plain = "\n".join(lines).replace("e.g.", "such as")
    named = find_mentions(plain, labels)
    if len(named.open) > 1:
        return _SEVERAL
    if named.asserted:
        return _Reading(AnswerKind.ANSWERED, *named.asserted)
    if is_refusal(plain.replace("\n", " ")):
        return _REFUSED
    return _UNREAD if named.denied or named.doubtful else None


def _is_name(bare: str) -> bool:
    """A word or two that could name an expression."""
    words = bare.split()
    return 1 <= len(words) <= _MOST_WORDS and all(_WORD.fullmatch(word) for word in words)
