"""UTKFace: faces gathered from the web, each named by age, gender and race: ``25_1_2_20170116174525125.jpg``.

Nobody knows who is in which picture, and age, gender and race are estimates. Ages are read in the bands of
FairFace, so that two sets can be compared; the age in years is kept as a number of each picture.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from fer_audit.datasets.codes import Codes
from fer_audit.datasets.demographic.tasks import AGE_BANDS, age_band, families_of, in_order
from fer_audit.datasets.inventory import Origin
from fer_audit.datasets.naming import Named, NameScheme, open_named
from fer_audit.vocabulary import AGE, GENDER, RACE

if TYPE_CHECKING:
    from pathlib import Path

    from fer_audit.datasets.folder import FolderDataset

__all__ = ["UTKFACE", "UTKFACE_AGE", "UTKFACE_RACE"]

_ORIGIN = Origin(
    title="UTKFace",
    citation="Zhang, Song, Qi, Age Progression/Regression by Conditional Adversarial Autoencoder, CVPR 2017",
    licence="for research that is not commercial; the pictures belong to their owners",
    request="its page, susanqq.github.io/UTKFace",
)
_GENDERS = {"0": "male", "1": "female"}
_RACES = {"0": "white", "1": "black", "2": "asian", "3": "indian", "4": "other"}
_CODES = {
    GENDER: Codes(_GENDERS, kind=GENDER),
    RACE: Codes(_RACES, kind=RACE),
    AGE: Codes({band: band for band in AGE_BANDS}, kind=AGE),
}
_ATTRIBUTES = ("gender", "race", "age_band")
_PATTERN = re.compile(
    r"(?P<age>\d{1,3})_(?:(?P<gender>\d)_)?(?:(?P<race>\d)_)?(?P<taken>\d{8,17})\.?jpg(?:\.chip\.jpg)?",
    re.IGNORECASE,
)


def _read(match: re.Match[str], task: str) -> Named | str:
    gender, race, years = match["gender"], match["race"], int(match["age"])
    if gender is None or race is None:
        return "its name lacks a field"
    band = age_band(years)
    code = {GENDER: gender, RACE: race, AGE: band}[task]
    return Named(None, code, (_GENDERS.get(gender), _RACES.get(race), band), (float(years),))


def _open(root: Path, codes: Codes, *, task: str) -> FolderDataset:
    scheme = NameScheme(
        pattern=_PATTERN,
        example="25_1_2_20170116174525125.jpg.chip.jpg",
        attributes=_ATTRIBUTES,
        read=partial(_read, task=task),
        covariates=("age",),
        identified=False,
    )
    opened = open_named(root, _ORIGIN, scheme, codes)
    return replace(opened, labels=in_order(codes, opened.labels))


UTKFACE, UTKFACE_RACE, UTKFACE_AGE = families_of(
    "utkface", _ORIGIN, _open, _CODES, attributes=_ATTRIBUTES, covariates=("age",), pattern=_PATTERN
)
"""Recognition of gender (``utkface=PATH``), race (``utkface-race=``) and age (``utkface-age=``)."""
