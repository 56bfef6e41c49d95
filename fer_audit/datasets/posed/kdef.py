"""KDEF: seventy people who posed seven expressions twice, each seen from five sides.

Names are read as ``AF01ANS.JPG``: session, gender and number of the person, expression, side. The sessions A
and B are of the same people: a person is gender and number.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fer_audit.datasets.codes import Codes
from fer_audit.datasets.inventory import Origin
from fer_audit.datasets.naming import GENDERS, Named, NameScheme, name_pattern, named_family
from fer_audit.records import Slicing
from fer_audit.vocabulary import Expression

if TYPE_CHECKING:
    import re


__all__ = ["KDEF"]

_ORIGIN = Origin(
    title="KDEF",
    citation="Lundqvist, Flykt & Öhman, The Karolinska Directed Emotional Faces (KDEF), Karolinska "
    "Institutet (1998)",
    licence="for research; not to be passed on",
    request="Karolinska Institutet (kdef.se)",
)
_ANGLES = {"FL": "full left", "FR": "full right", "HL": "half left", "HR": "half right", "S": "straight"}
_CODES = Codes(
    {
        "AF": Expression.FEAR,
        "AN": Expression.ANGER,
        "DI": Expression.DISGUST,
        "HA": Expression.HAPPINESS,
        "NE": Expression.NEUTRAL,
        "SA": Expression.SADNESS,
        "SU": Expression.SURPRISE,
    }
)


def _read(match: re.Match[str]) -> Named | str:
    if match["broken"]:
        return "a name that the set itself got wrong: it does not tell the expression"
    session, person, code, angle = (match[part].upper() for part in ("session", "person", "code", "angle"))
    return Named(person, code, (GENDERS[person[0]], session, _ANGLES[angle]))


_SCHEME = NameScheme(
    pattern=name_pattern(
        r"(?P<broken>AF31V|AM31H)"
        r"|(?P<session>[AB])(?P<person>[FM]\d{2})(?P<code>[A-Z]{2})(?P<angle>S|HL|HR|FL|FR)"
    ),
    example="AF01ANS.JPG",
    attributes=("gender", "session", "angle"),
    read=_read,
)


KDEF = named_family(
    "kdef",
    _ORIGIN,
    _SCHEME,
    _CODES,
    slicings=(Slicing("gender"),),
)
"""The set, as ``--dataset=kdef=PATH``."""
