"""Light and camera: a key with a soft shadow, a fill, an ambient dome, and how a picture is exposed."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

import numpy as np

from fer_audit.faces.rasterise import rasterise

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fer_audit.faces.grain import Pixels
    from fer_audit.faces.head import Floats, Indices

__all__ = [
    "EXPOSURES",
    "LIGHTS",
    "RIGS",
    "Exposure",
    "Light",
    "LightRig",
    "Scene",
    "expose",
    "key_visibility",
]

Light = Literal["front", "side"]
Exposure = Literal["fixed", "matched"]
LIGHTS: tuple[Light, ...] = ("front", "side")
EXPOSURES: tuple[Exposure, ...] = ("fixed", "matched")

MATCHED_LUMINANCE = 0.18  # mean linear luminance of the face: that of a photographer's grey card
SHOULDER = 0.6  # linear light above this is compressed, so that pale skin keeps its shape
SHADOW_MAP = 256  # pixels a side
SHADOW_BIAS = 0.05  # decimetres: coarser than one face of the mesh, finer than a nose


@dataclass(frozen=True, slots=True)
class LightRig:
    """Directions towards the lamps (x to the person's left, y up, z to the camera) and their strengths."""

    key: tuple[float, float, float]
    key_strength: float
    fill: tuple[float, float, float]
    fill_strength: float
    ambient: float


@dataclass(frozen=True, slots=True)
class Scene:
    """How a head is photographed: the lamps, the exposure, and its turn to its left in degrees."""

    light: Light = "front"
    exposure: Exposure = "fixed"
    yaw: float = 0.0


# Both rigs throw about the same mean light on a face: "side" differs in where it comes from, not in how much.
RIGS: Mapping[Light, LightRig] = MappingProxyType(
    {
        "front": LightRig((0.25, 0.50, 1.0), 0.66, (-0.70, 0.15, 0.7), 0.18, 0.18),
        "side": LightRig((0.95, 0.45, 0.55), 1.00, (-0.80, 0.05, 0.6), 0.14, 0.12),
    }
)


def expose(radiance: Pixels, gain: float = 1.0) -> Pixels:
    """Linear light as a camera records it: exact up to the shoulder, then rolled off below white."""
    light = np.maximum(radiance * np.float32(gain), 0)
    room = np.float32(1 - SHOULDER)
    rolled = SHOULDER + room * (1 - np.exp((SHOULDER - np.maximum(light, SHOULDER)) / room))
    return np.asarray(np.where(light > SHOULDER, rolled, light), dtype=np.float32)


def key_visibility(vertices: Floats, triangles: Indices, points: Pixels, key: Floats) -> Pixels:
    """How much of the key light reaches each point (0 to 1): a shadow map, softened over 5 x 5 of its pixels.

    Args:
        vertices: (n, 3) everything that casts a shadow, in decimetres.
        triangles: (m, 3) rows of ``vertices``.
        points: (k, 3) where the light is asked for.
        key: unit vector towards the lamp.
    """
    across = np.cross(np.array([0.0, 1.0, 0.0]), key)
    across /= np.linalg.norm(across)
    up = np.cross(key, across)
    basis = np.stack([across, up, key], axis=1)
    cast = vertices @ basis
    low = cast.min(axis=0)
    span = float((cast.max(axis=0) - low)[:2].max())
    scale = (SHADOW_MAP - 1) / span
    cast[:, :2] = (cast[:, :2] - low[:2]) * scale
    fragments = rasterise(cast, triangles, SHADOW_MAP)
    nearest = np.full(SHADOW_MAP * SHADOW_MAP, -np.inf, dtype=np.float32)
    nearest[fragments.pixels] = fragments.nearness
    occluders = nearest.reshape(SHADOW_MAP, SHADOW_MAP)

    lit = points @ basis.astype(np.float32)
    column = ((lit[:, 0] - np.float32(low[0])) * np.float32(scale) - 0.5).round().astype(np.int64)
    row = ((lit[:, 1] - np.float32(low[1])) * np.float32(scale) - 0.5).round().astype(np.int64)
    visible = np.zeros(len(points), dtype=np.float32)
    offsets = (-3, -1, 0, 1, 3)
    for down in offsets:
        for right in offsets:
            occluder = occluders[
                (row + down).clip(0, SHADOW_MAP - 1), (column + right).clip(0, SHADOW_MAP - 1)
            ]
            # A ramp and no step: the mesh is coarse, and a step would draw its edges on the cheek.
            visible += np.clip((lit[:, 2] + 2 * SHADOW_BIAS - occluder) / SHADOW_BIAS, 0, 1)
    return np.asarray(visible / len(offsets) ** 2, dtype=np.float32)
