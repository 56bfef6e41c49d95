"""How the Chicago Face Database names its pictures: ``CFD-BF-001-009-HO.jpg``.

Race and gender, the number of the person, the number of the picture, sometimes a replicate, and the
expression: neutral, anger, fear, or happiness with the mouth open or closed. Folders differ from copy to copy
and say nothing that names do not: people of the two extensions have a race of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fer_audit.datasets.codes import Codes
from fer_audit.datasets.naming import GENDERS, Named, NameScheme, name_pattern
from fer_audit.vocabulary import Expression

if TYPE_CHECKING:
    import re

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
_MOUTHS = {"HC": "closed", "HO": "open"}
_SETS = {"I": "CFD-INDIA", "M": "CFD-MR"}


def _read(match: re.Match[str]) -> Named | str:
    if mark := match["mark"]:
        return f"a copy derived from a picture of the set, by its mark {mark!r:.40}"
    person, code = match["person"].upper(), match["code"].upper()
    race = person[0]
    return Named(person, code, (_RACES[race], GENDERS[person[1]], _MOUTHS.get(code), _SETS.get(race, "CFD")))


SCHEME = NameScheme(
    pattern=name_pattern(
        r"CFD-(?P<person>[ABILMW][FM]-\d+)-\d+(?:-\d+)?-(?P<code>[A-Z]{1,2})(?P<mark>[\W_].*)?"
    ),
    example="CFD-BF-001-009-HO.jpg",
    attributes=("race", "gender", "mouth", "set"),
    read=_read,
)
"""``set`` is CFD, CFD-MR or CFD-INDIA; ``mouth`` is known of happiness alone."""
