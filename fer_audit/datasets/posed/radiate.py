"""RADIATE: adults of several races, each posing up to sixteen expressions.

Names are read as ``BF20_HE.bmp``: race, gender and number of the person, then the expression, often with the
mouth closed (C) or open (O).
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


__all__ = ["RADIATE"]

_ORIGIN = Origin(
    title="RADIATE",
    citation="Conley et al., The racially diverse affective expression (RADIATE) face stimulus set, "
    "Psychiatry Research 270 (2018) 1059-1067",
    licence="for research; not to be passed on",
    request="its authors (PMC6446554)",
)
_RACES = {"A": "asian", "B": "black", "H": "hispanic", "O": "other", "W": "white"}
_MOUTHS = {"C": "closed", "E": "exuberant", "O": "open"}
_CODES = Codes(
    {
        **dict.fromkeys(("AC", "AO"), Expression.ANGER),
        **dict.fromkeys(("DC", "DO"), Expression.DISGUST),
        **dict.fromkeys(("FC", "FO"), Expression.FEAR),
        **dict.fromkeys(("HC", "HE", "HO"), Expression.HAPPINESS),
        **dict.fromkeys(("NC", "NO"), Expression.NEUTRAL),
        **dict.fromkeys(("SC", "SO"), Expression.SADNESS),
        **dict.fromkeys(("SP", "SU", "SUO", "SUR"), Expression.SURPRISE),
    },
    outside=dict.fromkeys(("CC", "CO"), "calm"),
)


def _read(match: re.Match[str]) -> Named:
    person, code = match["person"].upper(), match["code"].upper()
    return Named(person, code, (_RACES[person[0]], GENDERS[person[1]], _MOUTHS.get(code[1:])))


_SCHEME = NameScheme(
    pattern=name_pattern(r"(?P<person>[ABHOW][FM]\d{2})_(?P<code>[A-Z]{1,3})"),
    example="BF20_HE.bmp",
    attributes=("race", "gender", "mouth"),
    read=_read,
)


RADIATE = named_family(
    "radiate",
    _ORIGIN,
    _SCHEME,
    _CODES,
    slicings=(
        Slicing("race", without={"other": "one person"}),
        Slicing("gender"),
        Slicing("race*gender", without={"other": "one person"}),
    ),
)
"""The set, as ``--dataset=radiate=PATH``."""
