"""Names as a report shows them: whatever a table, a folder or a model wrote, made harmless to read.

Escaping for HTML and Markdown happens where those are written; what is taken away here is what no escaping
helps against: control characters, characters that reverse the reading direction, endless names.
"""

from __future__ import annotations

import unicodedata

__all__ = ["clean", "group", "level_words", "shortened"]

# Control, format (bidi overrides, zero-width), surrogate and private-use characters, line separators.
_UNREADABLE = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})


def clean(text: str) -> str:
    r"""The text without characters that would hide, reverse or break what is read.

    >>> clean("dark\u202egnp.exe\x1b[31m")
    'darkgnp.exe[31m'
    >>> clean("two\nlines")
    'two lines'
    """
    spaced = "".join(" " if char in "\t\n\r\v\f\u2028\u2029" else char for char in text)
    kept = "".join(char for char in spaced if unicodedata.category(char) not in _UNREADABLE)
    return " ".join(kept.split())


def shortened(text: str, limit: int = 60) -> str:
    """A clean name of at most ``limit`` characters, its middle left out where it is longer.

    >>> shortened("abcdefghij", 7)
    'abc…hij'
    """
    name = clean(text)
    if len(name) <= limit:
        return name
    head = limit // 2
    tail = limit - head - 1
    return f"{name[:head]}…{name[-tail:]}"


def level_words(slicing: str, level: str) -> str:
    """One slice in words, always with the attribute: a level alone would read as more than was recorded.

    A rendered head shape called ``african`` is no statement about a person's race.

    >>> level_words("skin_tone", "8")
    'skin tone 8'
    >>> level_words("gender*age", "female*20-39")
    'gender female, age 20-39'
    """
    attributes = slicing.split("*")
    parts = level.split("*") if len(attributes) > 1 else [level]
    if len(parts) != len(attributes):
        return f"{_words(slicing)} {shortened(level)}"
    return ", ".join(
        f"{_words(name)} {shortened(part)}" for name, part in zip(attributes, parts, strict=True)
    )


def group(slicing: str, level: str) -> str:
    """The faces of one slice, in words.

    >>> group("gender", "female")
    'faces of gender female'
    """
    return f"faces of {level_words(slicing, level)}"


def _words(name: str) -> str:
    return shortened(name).replace("_", " ")
