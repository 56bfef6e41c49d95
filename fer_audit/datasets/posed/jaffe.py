"""JAFFE: Japanese women, each with seven expressions.

Names are read as ``KA.AN1.39.tiff``: person, expression and its number, running number. All are of one race
and one gender, so that the set by itself divides its people by nothing: it takes demographics of one's own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fer_audit.datasets.codes import Codes
from fer_audit.datasets.family import Family
from fer_audit.datasets.inventory import Origin
from fer_audit.datasets.naming import Named, NameScheme, name_pattern, open_named
from fer_audit.vocabulary import Expression

if TYPE_CHECKING:
    import re
    from pathlib import Path

    from fer_audit.datasets.folder import FolderDataset

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


def _open(root: Path, codes: Codes) -> FolderDataset:
    return open_named(root, _ORIGIN, _SCHEME, codes)


JAFFE = Family(
    name="jaffe",
    origin=_ORIGIN,
    open=_open,
    codes=_CODES,
    attributes=_SCHEME.attributes,
    slicings=(),
    pattern=_SCHEME.pattern,
)
"""The set, as ``--dataset=jaffe=PATH``."""
