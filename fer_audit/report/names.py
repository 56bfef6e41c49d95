"""Names as a report shows them: whatever a table, a folder or a model called something, made harmless to read.

Escaping for HTML and Markdown happens where those are written; what is taken away here is what no escaping
helps against: control characters, characters that reverse the reading direction, endless names.
"""

from __future__ import annotations

import unicodedata

__all__ = ["clean", "group", "shortened"]

# Control, format (bidi overrides, zero-width), surrogate and private-use characters, line separators.
_UNREADABLE = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})


def clean(text: str) -> str:
    """The text without characters that would hide, reverse or break what is read.

    >>> clean("dark\\u202egnp.exe\\x1b[31m")
    'darkgnp.exe[31m'
    >>> clean("two\\nlines")
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


def group(slicing: str, level: str) -> str:
    """The faces of one slice, in words.

    A level that starts with a digit says nothing by itself and takes the attribute's name along.

    >>> group("gender", "female")
    'female faces'
    >>> group("skin_tone", "8")
    'faces of skin tone 8'
    >>> group("gender*age", "female*20-39")
    'faces of gender female, age 20-39'
    """
    attributes = slicing.split("*")
    parts = level.split("*") if len(attributes) > 1 else [level]
    if len(parts) != len(attributes) or not any(part[:1].isdigit() for part in parts):
        return f"{shortened(level)} faces"
    named = (
        f"{shortened(attribute).replace('_', ' ')} {shortened(part)}"
        for attribute, part in zip(attributes, parts, strict=True)
    )
    return f"faces of {', '.join(named)}"
