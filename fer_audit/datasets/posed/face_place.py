"""Face-Place (Tarr Lab): adults of five groups, seen from several sides, some with expressions.

Names are read as ``CF0001_1101_00F.jpg``: race, gender and number of the person; session, and digits that
nobody explains; then a side, of a neutral face, or an expression. The blocks of numbers are the groups'
(African-American people have 06 and so on), but the letter alone says which.
"""

from __future__ import annotations

import re

from fer_audit.datasets.codes import Codes
from fer_audit.datasets.inventory import Origin
from fer_audit.datasets.naming import GENDERS, Named, NameScheme, name_pattern, named_family
from fer_audit.records import Slicing
from fer_audit.vocabulary import Expression

__all__ = ["FACE_PLACE"]

_ORIGIN = Origin(
    title="Face-Place",
    citation="Face images courtesy of the Face-Place Face Database Project (NSF award 0339122)",
    licence="for non-profit scholarly use; not to be passed on",
    request="the Tarr Lab (Face-Place 3.0)",
)
# Called Caucasian by the set, and White beside other sets (arXiv 2408.14842).
_RACES = {"A": "asian", "B": "black", "C": "white", "H": "hispanic", "M": "multiracial"}
_SIDES = {"F": "frontal", "L": "left", "R": "right"}
_ORIENTATIONS = ("00F", *(f"{degrees}{side}" for degrees in (30, 45, 60, 90) for side in "LR"))
_CODES = Codes(
    {
        **dict.fromkeys(_ORIENTATIONS, Expression.NEUTRAL),
        "AN": Expression.ANGER,
        "DI": Expression.DISGUST,
        "FE": Expression.FEAR,
        "HA": Expression.HAPPINESS,
        "NE": Expression.NEUTRAL,
        "SA": Expression.SADNESS,
        "SU": Expression.SURPRISE,
    },
    outside={"CO": "confused"},
)
_FIELD = re.compile(r"(?P<degrees>\d{2})(?P<side>[FLR])|[A-Z]{2}", re.ASCII | re.IGNORECASE)


def _read(match: re.Match[str]) -> Named | str:
    person, field = match["person"].upper(), _FIELD.fullmatch(match["field"])
    if not field:
        return f"neither an orientation nor an expression, perhaps a disguise: {match['field']!r:.40}"
    code, orientation = field[0].upper(), None
    if field["side"]:
        side = _SIDES[code[-1]]
        orientation = side if code == "00F" else f"{field['degrees']} {side}"
    return Named(person, code, (_RACES[person[0]], GENDERS[person[1]], match["session"], orientation))


_SCHEME = NameScheme(
    pattern=name_pattern(r"(?P<person>[ABCHM][FM]\d{4})_(?P<session>\d)\d{3}_(?P<field>[^.]+)"),
    example="CF0001_1101_00F.jpg",
    attributes=("race", "gender", "session", "orientation"),
    read=_read,
)


FACE_PLACE = named_family(
    "face-place",
    _ORIGIN,
    _SCHEME,
    _CODES,
    slicings=(Slicing("race"), Slicing("gender"), Slicing("race*gender")),
)
"""The set, as ``--dataset=face-place=PATH``."""
