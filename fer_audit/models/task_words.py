"""Words for what people are taken for: the labels of gender, race and age recognition, and their synonyms.

They are few on purpose. A word that is not sure to mean a label names none, and what a model said is then an
answer outside the vocabulary: a label that was not said would be a false answer.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from fer_audit.vocabulary import AGE, GENDER, RACE

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["label_meant", "meaning_of"]

_GENDERS = {
    "female": ("woman", "girl", "lady", "women"),
    "male": ("man", "boy", "gentleman", "men"),
}
_RACES = {
    "asian": (),
    "black": ("african american", "black or african american"),
    "east asian": (),
    "indian": (),
    "latino hispanic": (
        "hispanic",
        "hispanic latino",
        "hispanic or latino",
        "latina",
        "latino",
        "latino or hispanic",
    ),
    "middle eastern": (),
    "southeast asian": ("south east asian",),
    "white": ("caucasian",),
}
_TABLES = {
    task: {word: meaning for meaning, synonyms in table.items() for word in (meaning, *synonyms)}
    for task, table in ((GENDER, _GENDERS), (RACE, _RACES))
}
_SOMEBODY = re.compile(r" (?:person|people|individual|man|woman|male|female)$")
_DECADES = ("twenties", "thirties", "forties", "fifties", "sixties", "seventies", "eighties", "nineties")
_AROUND_AGE = re.compile(
    r"^(?:aged?|between|in (?:his|her|their|the)) |(?:^| )(?:early|mid|late) | (?:years?|yrs)(?: old)?$"
)
_BAND = re.compile(r"(\d{1,3}) ?(?:-|to|and) ?(\d{1,3})")
_OPEN = re.compile(
    r"(?:more than|over|above|older than) (\d{1,3})|(\d{1,3}) ?(?:\+|(?:or|and) (?:more|over|older|above))"
)
_DECADE = re.compile(r"([2-9])0'?s")


@lru_cache(maxsize=4096)
def meaning_of(task: str, word: str) -> str | None:
    """What a word stands for in a task; None for a word that names nothing there, and for other tasks.

    >>> meaning_of("gender", "Woman"), meaning_of("race", "African-American person")
    ('female', 'black')
    >>> meaning_of("age", "in her late twenties"), meaning_of("age", "20 to 29 years old")
    ('20-29', '20-29')
    >>> meaning_of("age", "25") is None
    True
    """
    said = " ".join(word.casefold().replace("_", " ").replace("\u2013", "-").split())
    if task == AGE:
        return _band(said)
    table = _TABLES.get(task)
    if table is None:
        return None
    plain = " ".join(re.sub("[-/]", " ", said).split())
    return table.get(plain) or table.get(_SOMEBODY.sub("", plain))


def label_meant(word: str, labels: Sequence[str]) -> str | None:
    """The one label that means what a word means, in whichever of these tasks the labels are of.

    >>> label_meant("woman", ["Female", "Male"]), label_meant("in her 20s", ["10-19", "20-29"])
    ('Female', '20-29')
    >>> label_meant("woman", ["cat", "dog"]) is None, label_meant("female", ["girl", "woman"]) is None
    (True, True)
    """
    for task in (GENDER, RACE, AGE):
        meaning = meaning_of(task, word)
        if meaning is not None:
            meant = [label for label in labels if meaning_of(task, label) == meaning]
            if len(meant) == 1:
                return meant[0]
    return None


def _band(said: str) -> str | None:
    """A band of ages as ``20-29``, or as ``70+`` where it has no end."""
    bare, before = said, ""
    while bare != before:
        bare, before = _AROUND_AGE.sub("", bare).strip(), bare
    if band := _BAND.fullmatch(bare):
        return f"{int(band[1])}-{int(band[2])}"
    if band := _OPEN.fullmatch(bare):
        return f"{int(band[1] or band[2])}+"
    if band := _DECADE.fullmatch(bare):
        return f"{band[1]}0-{band[1]}9"
    if bare in _DECADES:
        first = 10 * (_DECADES.index(bare) + 2)
        return f"{first}-{first + 9}"
    return None
