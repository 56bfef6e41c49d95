"""Seven expressions as action units, and action units as movements of the mesh.

An expression is a list of the action units of the Facial Action Coding System (Ekman, Friesen & Hager, 2002)
with an intensity each; the prototypes follow that manual's table of emotion prediction (EMFACS). Fear and
surprise share AU1+2+5: fear alone has the lowered, drawn-together brow (AU4) and the lips stretched sideways
over the teeth (AU20+25), surprise the hanging jaw (AU26/27). Disgust is the wrinkled nose (AU9) and the
raised upper lip (AU10) over a lower lip pushed up and forward (AU16+17).
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from fer_audit.errors import UnknownNameError, did_you_mean
from fer_audit.vocabulary import Expression

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ACTION_UNITS", "PROTOTYPES", "RENDERED_EXPRESSIONS", "Performance", "perform"]

Recipe = tuple[tuple[str, float], ...]

# The face units of the asset that make up one action unit. Units named in PAIRED exist for both sides.
ACTION_UNITS: Mapping[int, Recipe] = MappingProxyType(
    {
        1: (("unit/browInnerUp", 1.0), ("eyebrows/eyebrows-angle-up", 0.35)),
        2: (("unit/browOuterUp", 1.0),),
        4: (("unit/browDown", 1.0), ("eyebrows/eyebrows-angle-down", 0.45)),
        5: (("unit/eyeWide", 1.0),),
        6: (("unit/cheekSquint", 1.0),),
        7: (("unit/eyeSquint", 1.0),),
        9: (("unit/noseSneer", 1.0),),
        10: (("unit/mouthUpperUp", 1.0),),
        12: (("unit/mouthSmile", 1.0),),
        15: (("unit/mouthFrown", 1.0), ("mouth/mouth-angles-down", 0.45)),
        16: (("unit/mouthLowerDown", 1.0),),
        17: (("unit/mouthShrugLower", 1.0), ("unit/mouthShrugUpper", 0.25)),
        20: (("unit/mouthStretch", 1.0),),
        22: (("unit/mouthFunnel", 1.0),),
        23: (("unit/mouthRollUpper", 0.6), ("unit/mouthRollLower", 0.6)),
        24: (("unit/mouthPress", 1.0),),
        25: (("unit/mouthLowerDown", 0.5), ("unit/mouthUpperUp", 0.4)),
        26: (("unit/jawOpen", 0.4),),
        27: (("unit/jawOpen", 0.8),),
        38: (("nose/nose-flaring-incr", 1.0), ("nose/nose-nostrils-width-incr", 0.6)),
        43: (("unit/eyeBlink", 1.0),),
        64: (("unit/eyeLookDown", 1.0),),
    }
)
PAIRED = frozenset(
    "unit/" + name
    for name in (
        "browDown",
        "browOuterUp",
        "cheekSquint",
        "eyeBlink",
        "eyeLookDown",
        "eyeSquint",
        "eyeWide",
        "mouthFrown",
        "mouthLowerDown",
        "mouthPress",
        "mouthSmile",
        "mouthStretch",
        "mouthUpperUp",
        "noseSneer",
    )
)

PROTOTYPES: Mapping[Expression, Mapping[int, float]] = MappingProxyType(
    {
        Expression.ANGER: MappingProxyType(
            {4: 1.15, 5: 0.45, 7: 0.5, 9: 0.25, 17: 0.35, 23: 0.5, 24: 0.9, 38: 0.5}
        ),
        Expression.DISGUST: MappingProxyType(
            {4: 0.45, 6: 0.4, 7: 0.4, 9: 1.25, 10: 1.15, 15: 0.3, 16: 0.35, 17: 0.5}
        ),
        Expression.FEAR: MappingProxyType(
            {1: 1.15, 2: 0.45, 4: 0.55, 5: 1.1, 20: 1.2, 25: 1.1, 26: 0.55, 15: 0.1}
        ),
        Expression.HAPPINESS: MappingProxyType({6: 0.9, 7: 0.2, 12: 1.0, 25: 1.0, 26: 0.3}),
        Expression.NEUTRAL: MappingProxyType({}),
        Expression.SADNESS: MappingProxyType({1: 1.1, 4: 0.4, 7: 0.1, 15: 1.0, 17: 0.6, 43: 0.22, 64: 0.3}),
        Expression.SURPRISE: MappingProxyType({1: 1.0, 2: 1.1, 5: 0.9, 22: 0.2, 27: 1.0}),
    }
)
RENDERED_EXPRESSIONS = tuple(PROTOTYPES)


@dataclass(frozen=True, slots=True)
class Performance:
    """An expression as one person shows it: action units with the intensity that this face gives them."""

    expression: Expression
    units: tuple[tuple[int, float], ...]

    def intensity_of(self, unit: int) -> float:
        """The intensity of one action unit, 0 where the expression does not use it."""
        return dict(self.units).get(unit, 0.0)

    def morph_weights(self) -> Recipe:
        """The weights of the asset's morph targets, in a fixed order."""
        weights: dict[str, float] = {}
        for unit, intensity in self.units:
            for name, share in ACTION_UNITS[unit]:
                sides = (name + "Left", name + "Right") if name in PAIRED else (name,)
                for side in sides:
                    weights[side] = weights.get(side, 0.0) + intensity * share
        return tuple(sorted(weights.items()))


def perform(expression: str, intensity: float = 1.0, gains: Mapping[int, float] | None = None) -> Performance:
    """The action units of an expression at an intensity, each times the person's own gain for it.

    >>> perform("surprise", intensity=0.5).units
    ((1, 0.5), (2, 0.55), (5, 0.45), (22, 0.1), (27, 0.5))

    Raises:
        UnknownNameError: an expression for which there is no prototype.
    """
    if expression not in RENDERED_EXPRESSIONS:
        hint = did_you_mean(str(expression), [str(known) for known in RENDERED_EXPRESSIONS])
        raise UnknownNameError(f"no face can be rendered with the expression {str(expression)!r}: {hint}")
    known = Expression(expression)
    gains = gains or {}
    units = tuple(
        (unit, strength * intensity * gains.get(unit, 1.0))
        for unit, strength in sorted(PROTOTYPES[known].items())
    )
    return Performance(known, units)
