"""JAFFE: Japanese women, each with seven expressions.

Names are read as ``KA.AN1.39.tiff``: person, expression and its number, running number. All are of one race
and one gender, so that the set by itself divides its people by nothing: it takes demographics of one's own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fer_audit.datasets.codes import Codes
from fer_audit.datasets.inventory import Origin
from fer_audit.datasets.naming import Named, NameScheme, name_pattern, named_family
from fer_audit.vocabulary import Expression

if TYPE_CHECKING:
    import re


__all__ = ["JAFFE"]

_ORIGIN = Origin(
    title="JAFFE",
    citation="Lyons, Akamatsu, Kamachi & Gyoba, Coding facial expressions with Gabor wavelets, Third IEEE "
    "International Conference on Automatic Face and Gesture Recognition (1998) 200-205",
    licence="for non-commercial research; not to be passed on",
    request="its authors, by Zenodo",
)
_CODES = Codes(
    {
        "AN": Expression.ANGER,
        "DI": Expression.DISGUST,
        "FE": Expression.FEAR,
        "HA": Expression.HAPPINESS,
        "NE": Expression.NEUTRAL,
        "SA": Expression.SADNESS,
        "SU": Expression.SURPRISE,
    }
)


def _read(match: re.Match[str]) -> Named:
    return Named(match["person"].upper(), match["code"].upper(), ())


_SCHEME = NameScheme(
    pattern=name_pattern(r"(?P<person>[A-Z]{2})\.(?P<code>[A-Z]{2})\d\.\d{1,3}"),
    example="KA.AN1.39.tiff",
    attributes=(),
    read=_read,
)


JAFFE = named_family(
    "jaffe",
    _ORIGIN,
    _SCHEME,
    _CODES,
    slicings=(),
)
"""The set, as ``--dataset=jaffe=PATH``."""
