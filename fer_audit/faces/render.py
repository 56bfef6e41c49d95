"""A picture of a face: who, with which expression, in which skin tone, how photographed."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from fer_audit.faces.expression import perform
from fer_audit.faces.light import MATCHED_LUMINANCE, Scene, expose
from fer_audit.faces.skin import LUMINANCE, linear_to_display, skin_reflectance
from fer_audit.faces.surface import see
from fer_audit.vocabulary import Expression

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fer_audit.faces.identity import Identity
    from fer_audit.faces.surface import Layers

__all__ = ["IMAGE_SIZE", "develop", "layers_of", "matching_gain", "render", "render_tones"]

IMAGE_SIZE = 224
METERING_SIZE = 56  # pixels: an exposure needs no detail
DEFAULT_SCENE = Scene()


def layers_of(
    identity: Identity,
    expression: str,
    *,
    scene: Scene = DEFAULT_SCENE,
    intensity: float = 1.0,
    size: int = IMAGE_SIZE,
) -> Layers:
    """The picture before its skin tone is chosen; develop it once for each tone.

    Raises:
        UnknownNameError: an expression that no recipe exists for.
    """
    performance = perform(expression, intensity, dict(identity.gains))
    return see(identity, performance, scene, size)


def matching_gain(identity: Identity, scene: Scene, skin_tone: int) -> float:
    """The exposure that gives this face at rest the matched mean luminance.

    Metered on the neutral face, so that an expression never changes the exposure of its own picture.
    """
    layers = _metered(identity, scene)
    reflected = layers.skin * skin_reflectance(skin_tone).astype(np.float32) + layers.rest
    luminance = reflected @ LUMINANCE.astype(np.float32)
    return float(MATCHED_LUMINANCE * layers.face.sum() / (luminance * layers.face).sum())


@lru_cache(maxsize=16)
def _metered(identity: Identity, scene: Scene) -> Layers:
    """A small picture of the resting face."""
    return layers_of(identity, Expression.NEUTRAL, scene=scene, size=METERING_SIZE)


def develop(layers: Layers, skin_tone: int, gain: float = 1.0) -> Image.Image:
    """The picture in one skin tone, as an 8-bit sRGB image.

    Raises:
        UnknownNameError: a tone that the Monk scale does not have.
    """
    radiance = layers.skin * skin_reflectance(skin_tone).astype(np.float32) + layers.rest
    display = linear_to_display(expose(radiance, gain) + layers.backdrop)
    return Image.fromarray((display * 255 + 0.5).astype(np.uint8))


def render_tones(
    identity: Identity,
    expression: str,
    skin_tones: Iterable[int],
    *,
    scene: Scene = DEFAULT_SCENE,
    intensity: float = 1.0,
    size: int = IMAGE_SIZE,
) -> tuple[Image.Image, ...]:
    """One face in several skin tones, in the order asked for; the geometry is drawn once.

    Raises:
        UnknownNameError: an expression or a tone that cannot be rendered.
    """
    layers = layers_of(identity, expression, scene=scene, intensity=intensity, size=size)
    matched = scene.exposure == "matched"
    return tuple(
        develop(layers, tone, matching_gain(identity, scene, tone) if matched else 1.0) for tone in skin_tones
    )


def render(
    identity: Identity,
    expression: str,
    skin_tone: int,
    *,
    scene: Scene = DEFAULT_SCENE,
    intensity: float = 1.0,
    size: int = IMAGE_SIZE,
) -> Image.Image:
    """One picture of a face.

    Args:
        identity: who is shown.
        expression: one of the seven rendered expressions.
        skin_tone: 1 (lightest) to 10 (darkest) on the Monk scale.
        scene: lamps, exposure and the turn of the head.
        intensity: scales the action units; 0 is a neutral face.
        size: width and height in pixels.

    Raises:
        UnknownNameError: an expression or a tone that cannot be rendered.
    """
    return render_tones(identity, expression, [skin_tone], scene=scene, intensity=intensity, size=size)[0]
