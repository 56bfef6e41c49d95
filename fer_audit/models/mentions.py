"""Which labels a sentence asserts, which it denies, and which it only asks about.

The reading is cautious: a denial reaches far, a question asserts nothing, and what is doubtful is not read. A
label that is not read costs one answer; one that was not said would be a false answer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fer_audit.models.answers import label_named, same_word
from fer_audit.models.task_words import meaning_of
from fer_audit.vocabulary import AGE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["Mentions", "find_mentions"]

_SHORTEST = 3  # letters: "a" or "no" is found in every other sentence, whatever it says

# A model speaks of itself, or in a turn of phrase: nothing here is about the picture.
_ASIDES = re.compile(
    r"\bi(?:'m| am|'d be| would be|'ll be| will be| feel)(?: (?:very|so|really|truly|always|more than|only))*"
    r" (?:afraid|happy|sad|surprised|angry|neutral)\b"
    r"|\bhappy to (?:help|assist|answer|describe|discuss|provide|try|talk|offer|share|explain|support|chat)\b"
    r"|\b(?:no|without(?: an?y?)?) (?:doubt|question)\b"
    # Colours of things are no colours of people.
    r"|\b(?:black|white)[- ](?:and[- ]white[- ])?(?:background|beard|clothing|coat|dress|eye[sd]?|hair|"
    r"haired|hat|image|jacket|photo|photograph|picture|shirt|suit|t-shirt|top)\b"
    r"|\bnot (?=(?:only|just|merely|simply)\b)"
    r"|\bif i (?:had|have|must|were)(?: to)?\b"
)
_TOKENS = re.compile(r"\n|\w+(?:'\w+)*|[^\w\s]")
_PAUSES = frozenset(",:()-–—/|")
_STOPS = frozenset(".!?;\n")

# ruff: disable[SIM905] - words are read more easily than lists of words
_DENIALS = frozenset(
    "absence absent barely cannot cant doesnt dont exclude excludes excluding hardly if impossible isnt lack "
    "lacking lacks neither never no nobody non none nor not nothing refuse scarcely un unable uncertain "
    "unclear unlike unsure whether without".split()
)
_DENYING_PAIRS = frozenset(
    {
        ("rather", "than"),
        ("instead", "of"),
        ("opposed", "to"),
        ("such", "as"),
        ("for", "example"),
        ("far", "from"),
        ("free", "of"),
        ("free", "from"),
        ("emotions", "like"),
        ("expressions", "like"),
        ("labels", "like"),
        ("difficult", "to"),
        ("hard", "to"),
    }
)
_NEW_SENTENCE = frozenset(".!?;\n:()–—")
_TURNS = frozenset("but however yet though although still rather instead".split())
_CAUSES = frozenset("as because given since while and".split())
_CLAUSES = {
    ",": frozenset(
        "he he's i i'd indicating instead it it's just maybe more my perhaps probably she she's showing "
        "simply so suggesting the there they this which".split()
    ),
    "and": frozenset("appears has he i is it looks seems she shows they".split()),
}
_DENIED_AFTER = frozenset("absent false no none not".split())
_COMMON = frozenset("other others".split())
# ruff: enable[SIM905]


@dataclass(frozen=True, slots=True)
class Mentions:
    """The labels that a text names, each in the dataset's spelling.

    Attributes:
        asserted: said of the picture, as far as the words tell.
        doubtful: in a question, or a word so short or common that it may not be the label at all.
        denied: said not to be the answer, or not to be known.
    """

    asserted: frozenset[str]
    doubtful: frozenset[str]
    denied: frozenset[str]

    @property
    def open(self) -> frozenset[str]:
        """Labels that are not denied."""
        return self.asserted | self.doubtful


def find_mentions(words: str, labels: Sequence[str]) -> Mentions:
    """The labels that a text names.

    Args:
        words: in lower case, apostrophes straight.
        labels: the dataset's labels.

    >>> find_mentions("the brows say anger, not fear.", ["anger", "fear"]).asserted
    frozenset({'anger'})
    >>> sorted(find_mentions("neither anger nor fear", ["anger", "fear"]).denied)
    ['anger', 'fear']
    """
    tokens = _TOKENS.findall(_ASIDES.sub(" ", words))
    named = list(_named(tokens, labels))
    around = list(tokens)
    for _label, start, end in named:  # a label such as "no" denies nothing
        around[start:end] = [" "] * (end - start)
    asserted, doubtful, denied = set(), set(), set()
    for label, start, end in named:
        if _denied_before(around, start) or _denied_after(around, end):
            denied.add(label)
        elif _weak(tokens[start:end]) or _asked(tokens, end):
            doubtful.add(label)
        else:
            asserted.add(label)
    return Mentions(frozenset(asserted), frozenset(doubtful), frozenset(denied))


def _named(tokens: Sequence[str], labels: Sequence[str]) -> Iterator[tuple[str, int, int]]:
    """Each label named, with where its words begin and end; the longest label goes first."""
    spelt = {label: _TOKENS.findall(same_word(label)) for label in labels}
    longest = sorted(spelt, key=lambda label: -len(spelt[label]))
    known = {token: label_named(token, labels) for token in set(tokens)}
    place = 0
    while place < len(tokens):
        found, end = known[tokens[place]], place + 1
        for label in longest:
            words = spelt[label]
            if words and tokens[place : place + len(words)] == words:
                found, end = label, place + len(words)
                break
        if found is not None:
            yield found, place, end
        place = end


def _denied_before(tokens: Sequence[str], start: int) -> bool:
    """A denial stands before, and nothing between ends it."""
    for place in range(start - 1, -1, -1):
        if _denies(tokens, place):
            return True
        if tokens[place] in _NEW_SENTENCE | _TURNS:
            return False
        if tokens[place + 1] in _CLAUSES.get(tokens[place].replace("-", ","), ()):
            return False
    return False


def _denied_after(tokens: Sequence[str], end: int) -> bool:
    """The words that follow deny it: "anger is absent", "anger: no", "angry or not"."""
    first, second, third = (*tokens[end : end + 3], "", "", "")[:3]
    if (first, second) == ("or", "not"):
        return True
    if first in _PAUSES and second in _DENIED_AFTER:
        return third in {"", *_STOPS, *_PAUSES}
    for place in range(end, len(tokens)):
        if tokens[place] in _STOPS | _PAUSES | _TURNS | _CAUSES:
            return False
        if _denies(tokens, place):
            return True
    return False


def _denies(tokens: Sequence[str], place: int) -> bool:
    word, following = (*tokens[place : place + 2], "")[:2]
    if (word, following) == ("no", ","):
        return False  # "No, she looks sad" denies what was said before
    return word in _DENIALS or word.endswith("n't") or (word, following) in _DENYING_PAIRS


def _weak(words: Sequence[str]) -> bool:
    """A label that ordinary sentences contain by chance."""
    said = "".join(words)
    if meaning_of(AGE, said) is not None:
        return False  # a band such as 20-29 has no letters, and is not met by chance
    letters = sum(char.isalpha() for char in said)
    return (
        (said.isascii() and letters < _SHORTEST) or not letters or said in _DENIALS | _DENIED_AFTER | _COMMON
    )


def _asked(tokens: Sequence[str], end: int) -> bool:
    """The sentence is a question."""
    return next((token for token in tokens[end:] if token in _STOPS), "") == "?"
