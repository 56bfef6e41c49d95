"""Who is shown: the shape of one head and everything about its looks that is not the tone of its skin.

Two kinds of property: *factors* with readable levels, which a design chooses, and the fine geometry, which a
seed draws. Neither depends on the other, and nothing here depends on skin tone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from fer_audit.faces.expression import ACTION_UNITS
from fer_audit.faces.head import load_head

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fer_audit.faces.head import Floats

__all__ = [
    "AGE_MORPHS",
    "BROWS",
    "HAIRS",
    "HAIR_COLOURS",
    "HEAD_SHAPES",
    "IRISES",
    "SEX_MORPHS",
    "STUBBLES",
    "AgeMorph",
    "Brow",
    "Hair",
    "HairColour",
    "HeadShape",
    "Identity",
    "Iris",
    "SexMorph",
    "Stubble",
    "draw_identity",
]

HeadShape = Literal["african", "asian", "caucasian"]
SexMorph = Literal["female", "male"]
AgeMorph = Literal["younger", "older"]
Hair = Literal["short", "long"]
HairColour = Literal["black", "brown", "auburn", "fair"]
Iris = Literal["dark", "brown", "hazel", "blue"]
Stubble = Literal["none", "light"]
Brow = Literal["thin", "thick"]

HEAD_SHAPES: tuple[HeadShape, ...] = ("african", "asian", "caucasian")
SEX_MORPHS: tuple[SexMorph, ...] = ("female", "male")
AGE_MORPHS: tuple[AgeMorph, ...] = ("younger", "older")
HAIRS: tuple[Hair, ...] = ("short", "long")
HAIR_COLOURS: tuple[HairColour, ...] = ("black", "brown", "auburn", "fair")
IRISES: tuple[Iris, ...] = ("dark", "brown", "hazel", "blue")
STUBBLES: tuple[Stubble, ...] = ("none", "light")
BROWS: tuple[Brow, ...] = ("thin", "thick")

AGE_RANGES: Mapping[AgeMorph, tuple[float, float]] = {"younger": (0.0, 0.15), "older": (0.32, 0.55)}

# Opposed pairs of targets and the standard deviation of the weight drawn between them, folder by folder.
# More than this and the artist's targets stop adding up to a plausible head.
GEOMETRY: tuple[tuple[str, tuple[str, ...], float], ...] = (
    ("head/", ("head-fat", "head-scale-depth", "head-scale-horiz", "head-scale-vert"), 0.13),
    (
        "nose/",
        (
            "nose-scale-horiz",
            "nose-scale-vert",
            "nose-width1",
            "nose-width2",
            "nose-width3",
            "nose-hump",
            "nose-flaring",
            "nose-volume",
            "nose-point-width",
        ),
        0.35,
    ),
    (
        "mouth/",
        ("mouth-scale-horiz", "mouth-upperlip-volume", "mouth-lowerlip-volume", "mouth-cupidsbow"),
        0.33,
    ),
    ("chin/", ("chin-width", "chin-height", "chin-bones", "chin-prominent"), 0.22),
    ("forehead/", ("forehead-temple", "forehead-scale-vert"), 0.33),
    ("cheek/", ("cheek-bones", "cheek-volume"), 0.35),
    ("eyes/", ("eye-height1", "eye-height2", "eye-bag"), 0.33),
)
PAIRED_FOLDERS = ("cheek/", "eyes/")
OUTLINES = ("oval", "round", "square", "rectangular", "diamond", "triangular", "invertedtriangular")


@dataclass(frozen=True, slots=True)
class Identity:
    """One head, frozen: the same fields give the same pixels.

    ``age_weight`` is the weight of the older morph (0 to 1); ``geometry`` holds (target, weight) pairs on top
    of head shape, sex and age; ``gains`` holds (action unit, factor) pairs, this face's own manner;
    ``hairline`` shifts the hair up in decimetres; ``seed`` draws skin grain and strands.
    """

    head_shape: HeadShape
    sex_morph: SexMorph
    age_morph: AgeMorph
    hair: Hair
    hair_colour: HairColour
    iris: Iris
    stubble: Stubble
    brow: Brow
    age_weight: float
    geometry: tuple[tuple[str, float], ...]
    gains: tuple[tuple[int, float], ...]
    hairline: float
    seed: int

    def neutral_vertices(self) -> Floats:
        """The mesh of this head at rest: (n, 3) decimetres."""
        ages = (("young", 1 - self.age_weight), ("old", self.age_weight))
        macro = [(f"shape/{self.head_shape}-{self.sex_morph}-{age}", weight) for age, weight in ages]
        return load_head().morph((*macro, *self.geometry))


def draw_identity(
    seed: int | np.random.SeedSequence,
    *,
    head_shape: HeadShape,
    sex_morph: SexMorph,
    age_morph: AgeMorph = "younger",
    hair: Hair = "short",
    hair_colour: HairColour = "brown",
    iris: Iris = "brown",
    stubble: Stubble = "none",
    brow: Brow = "thin",
) -> Identity:
    """One head with the factors asked for, its fine geometry drawn from the seed.

    The same seed draws the same fine geometry whatever the factors: one factor can be changed alone.
    """
    sequence = seed if isinstance(seed, np.random.SeedSequence) else np.random.SeedSequence(seed)
    rng = np.random.Generator(np.random.PCG64(sequence))
    youngest, oldest = AGE_RANGES[age_morph]
    age_weight = _rounded(youngest + (oldest - youngest) * rng.random())
    return Identity(
        head_shape=head_shape,
        sex_morph=sex_morph,
        age_morph=age_morph,
        hair=hair,
        hair_colour=hair_colour,
        iris=iris,
        stubble=stubble,
        brow=brow,
        age_weight=age_weight,
        geometry=(*_draw_weight(rng, sex_morph, age_weight), *_draw_geometry(rng)),
        gains=tuple(
            (unit, _rounded(np.clip(rng.normal(1, 0.08), 0.85, 1.15))) for unit in sorted(ACTION_UNITS)
        ),
        hairline=_rounded(np.clip(rng.normal(0, 0.04), -0.06, 0.08)),
        seed=int(rng.integers(2**31)),
    )


def _draw_weight(rng: np.random.Generator, sex: SexMorph, age: float) -> tuple[tuple[str, float], ...]:
    """How heavy the face is, between the artist's lightest and heaviest."""
    weight = float(np.clip(rng.normal(0, 0.3), -0.7, 0.7))
    extreme = "maxweight" if weight > 0 else "minweight"
    return (
        (f"weight/{sex}-young-{extreme}", _rounded(abs(weight) * (1 - age))),
        (f"weight/{sex}-old-{extreme}", _rounded(abs(weight) * age)),
    )


def _draw_geometry(rng: np.random.Generator) -> tuple[tuple[str, float], ...]:
    """Weights of local targets: an outline of the head, and nose, mouth, chin, forehead, cheeks and eyes."""
    drawn = [
        (f"head/head-{OUTLINES[int(rng.integers(len(OUTLINES)))]}", _rounded(0.05 + 0.35 * rng.random())),
    ]
    for folder, names, spread in GEOMETRY:
        for name in names:
            weight = float(np.clip(rng.normal(0, spread), -0.8, 0.8))
            direction = "incr" if weight > 0 else "decr"
            sides = ("l-", "r-") if folder in PAIRED_FOLDERS else ("",)
            drawn += [(f"{folder}{side}{name}-{direction}", _rounded(abs(weight))) for side in sides]
    return tuple(drawn)


def _rounded(value: float | np.floating) -> float:
    """Six decimals: a drawn number that two builds of numpy cannot disagree about."""
    return round(float(value), 6)
