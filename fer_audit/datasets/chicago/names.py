"""How the Chicago Face Database names its pictures: ``CFD-BF-001-009-HO.jpg``.

Race and gender, the number of the person, the number of the picture, sometimes a replicate, and the
expression: neutral, anger, fear, or happiness with the mouth open or closed. Folders differ from copy to copy
and say nothing that names do not: people of the two extensions have a race of their own.
"""

from __future__ import annotations

import re

from fer_audit.datasets.codes import Codes
from fer_audit.datasets.naming import Named, NameScheme
from fer_audit.vocabulary import Expression

__all__ = ["CODES", "SCHEME"]

CODES = Codes(
    {
        "A": Expression.ANGER,
        "F": Expression.FEAR,
        **dict.fromkeys(("HC", "HO"), Expression.HAPPINESS),
        "N": Expression.NEUTRAL,
    }
)
_RACES = {"A": "asian", "B": "black", "I": "indian", "L": "latino", "M": "multiracial", "W": "white"}
_GENDERS = {"F": "female", "M": "male"}
_MOUTHS = {"HC": "closed", "HO": "open"}
_SETS = {"I": "CFD-INDIA", "M": "CFD-MR"}
_JPEG = frozenset({"jpg", "jpeg"})


def _read(match: re.Match[str]) -> Named | str:
    mark, suffix = match["mark"] or "", match["suffix"]
    if mark or suffix.casefold() not in _JPEG:
        how = mark or f".{suffix}"
        return f"derived from a picture of the set ({how!r:.40}): only JPEGs as they were published are read"
    person, code = match["person"].upper(), match["code"].upper()
    race = person[0]
    return Named(person, code, (_RACES[race], _GENDERS[person[1]], _MOUTHS.get(code), _SETS.get(race, "CFD")))


SCHEME = NameScheme(
    pattern=re.compile(
        r"CFD-(?P<person>[ABILMW][FM]-\d+)-\d+(?:-\d+)?-(?P<code>[A-Z]{1,2})(?P<mark>[\W_].*)?"
        r"\.(?P<suffix>jpe?g|png|bmp|tiff?|webp)",
        re.IGNORECASE | re.ASCII,
    ),
    example="CFD-BF-001-009-HO.jpg",
    attributes=("race", "gender", "mouth", "set"),
    read=_read,
)
"""``set`` is CFD, CFD-MR or CFD-INDIA; ``mouth`` is known of happiness alone."""
