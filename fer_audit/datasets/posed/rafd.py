"""RaFD, the Radboud Faces Database: adults and children with eight expressions, seen by five cameras.

Names are read as ``Rafd090_01_Caucasian_female_angry_frontal.jpg``: camera, number of the person, group,
gender, expression, gaze. The camera at 090 stands in front; 000 and 180 see profiles.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fer_audit.datasets.codes import Codes
from fer_audit.datasets.inventory import Origin
from fer_audit.datasets.naming import Named, NameScheme, name_pattern, named_family
from fer_audit.records import Slicing
from fer_audit.vocabulary import Expression

if TYPE_CHECKING:
    import re


__all__ = ["RAFD"]

_ORIGIN = Origin(
    title="RaFD",
    citation="Langner et al., Presentation and validation of the Radboud Faces Database, Cognition & Emotion "
    "24 (2010) 1377-1388",
    licence="for research; not to be passed on",
    request="Radboud University (rafd.nl)",
)
_CODES = Codes(
    {
        "angry": Expression.ANGER,
        "contemptuous": Expression.CONTEMPT,
        "disgusted": Expression.DISGUST,
        "fearful": Expression.FEAR,
        "happy": Expression.HAPPINESS,
        "neutral": Expression.NEUTRAL,
        "sad": Expression.SADNESS,
        "surprised": Expression.SURPRISE,
    }
)


def _read(match: re.Match[str]) -> Named:
    race, gender, code, gaze = (match[part].casefold() for part in ("race", "gender", "code", "gaze"))
    age = "adult"
    if race == "kid":
        # The set's children stand where races do; all of them are Caucasian (Langner et al. 2010).
        race, age = "caucasian", "child"
    return Named(match["person"], code, (race, gender, age, match["camera"], gaze))


_SCHEME = NameScheme(
    pattern=name_pattern(
        r"Rafd(?P<camera>000|045|090|135|180)_(?P<person>\d{2})_(?P<race>[A-Z]+)_(?P<gender>female|male)"
        r"_(?P<code>[A-Z]+)_(?P<gaze>frontal|left|right)"
    ),
    example="Rafd090_01_Caucasian_female_angry_frontal.jpg",
    attributes=("race", "gender", "age_group", "camera", "gaze"),
    read=_read,
)


RAFD = named_family(
    "rafd",
    _ORIGIN,
    _SCHEME,
    _CODES,
    slicings=(Slicing("race"), Slicing("gender"), Slicing("race*gender")),
)
"""The set, as ``--dataset=rafd=PATH``."""
