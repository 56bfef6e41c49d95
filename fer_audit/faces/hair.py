"""Hair: where it grows, how thick it stands, and the curtain of long hair that falls behind the face.

The scalp is described by one line around the neutral head: the height of the hairline as a function of the
angle from straight ahead (0) over the ear (about a quarter turn) to the back of the head (half a turn).
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fer_audit.faces.grain import Grain, Pixels
    from fer_audit.faces.head import Floats, Indices
    from fer_audit.faces.skin import Triple

__all__ = ["HAIR_REFLECTANCE", "Curtain", "cap_thickness", "grow_curtain", "hair_cover", "strands"]

HAIR_REFLECTANCE: Mapping[str, Triple] = MappingProxyType(
    {
        "black": (0.016, 0.014, 0.013),
        "brown": (0.048, 0.028, 0.018),
        "auburn": (0.170, 0.065, 0.030),
        "fair": (0.380, 0.260, 0.130),
    }
)

AXIS_DEPTH = 0.45  # decimetres: the axis around which the angle is measured stands between the ears
# Angle in radians, height in decimetres: forehead, temple, sideburn, over the ear, behind it, nape.
HAIRLINE = np.array(
    [
        (0.00, 7.98),
        (0.35, 7.96),
        (0.62, 7.87),
        (0.85, 7.66),
        (1.05, 7.42),
        (1.22, 7.14),
        (1.36, 7.16),
        (1.48, 7.42),
        (1.72, 7.34),
        (1.95, 6.95),
        (2.30, 6.62),
        (3.15, 6.50),
    ]
)
NAPE = 6.65  # decimetres: below it hair hangs free
LEVEL = 0.14  # decimetres: vertices this close in height count as one level of the skull
BARE_EAR = 0.35  # weight of the ear above which skin stays bare
STUBBLED = 0.09  # decimetres over which the hairline thins out
CAP = MappingProxyType({"short": 0.10, "long": 0.13})  # decimetres that hair stands off the scalp


def _above_hairline(base: Floats | Pixels, shift: float) -> Floats:
    """The height above the hairline in decimetres, negative on bare skin."""
    angle = np.arctan2(np.abs(base[:, 0]), base[:, 2] - AXIS_DEPTH)
    line = np.interp(angle, HAIRLINE[:, 0], HAIRLINE[:, 1])
    forward = np.clip(1.6 - angle, 0, 1)  # the nape does not recede
    return np.asarray(base[:, 1] - line - shift * forward, dtype=np.float64)


def hair_cover(base: Pixels, shift: float, noise: Grain, ears: Pixels) -> Pixels:
    """How much of the skin at each point of the neutral mesh is hidden by hair (0 to 1): a ragged line."""
    height = _above_hairline(base, shift).astype(np.float32)
    ragged = noise.sample(base[:, 0] * 1.5 + base[:, 2] * 1.1, base[:, 1] * 0.5)
    broad = noise.sample(base[:, 0] * 0.21, base[:, 2] * 0.21 + 0.4)
    edge = (height + 0.020 * ragged + 0.020 * broad) / STUBBLED
    t = np.clip(edge + 0.5, 0, 1)
    return np.asarray(t * t * (3 - 2 * t) * (ears < BARE_EAR), dtype=np.float32)


def cap_thickness(base: Floats, shift: float, hair: str, ears: Floats) -> Floats:
    """How far hair stands off the skin at each vertex, in decimetres: nothing at the hairline, full above."""
    height = _above_hairline(base, shift)
    t = np.clip(height / 0.45, 0, 1)
    crown = 0.75 + 0.45 * np.clip((base[:, 1] - 7.7) / 0.7, 0, 1)
    return np.asarray(CAP[hair] * np.sqrt(t) * crown * np.clip(1 - 2 * ears, 0, 1))


def strands(u: Pixels, v: Pixels, noise: Grain) -> Pixels:
    """The brightness of hair, mean 0: fine across the strands (``u``, decimetres), slow along (``v``)."""
    wave = 0.03 * noise.sample(u * 0.15, v * 0.35)
    fine = noise.sample(u * 1.9 + wave, v * 0.09)
    lock = noise.sample(u * 0.45 + wave, v * 0.06 + 0.37)
    return np.asarray(0.6 * fine + 0.6 * lock)


@dataclass(frozen=True, slots=True, eq=False)
class Curtain:
    """A sheet of long hair: its vertices (n, 3) and triangles, and (n, 2) across and along the strands."""

    vertices: Floats
    triangles: Indices
    strand: Floats


def grow_curtain(scalp: Floats, base: Floats, ears: Floats, noise: Grain) -> Curtain:
    """Long hair hung from the cap: open towards the face, over the ears, past the lower edge of the picture.

    Args:
        scalp: (n, 3) the head with its cap of hair, in decimetres.
        base: (n, 3) the same vertices on the neutral mesh, which say where the crown is.
        ears: (n,) how much each vertex belongs to an ear: hair falls over ears and does not follow them.
        noise: the head's own irregularity, for locks at the edges.
    """
    head = (base[:, 1] > NAPE) & (ears < BARE_EAR)
    heights = np.concatenate([np.linspace(8.25, 7.25, 14), np.linspace(7.1, 4.6, 18)])
    angles = np.concatenate([np.linspace(1.02, 1.6, 10), np.linspace(1.75, 2 * np.pi - 1.75, 25)])
    angles = np.concatenate([angles, 2 * np.pi - np.linspace(1.02, 1.6, 10)[::-1]])
    level = np.abs(base[:, None, 1] - heights[None, :].clip(7.25)) < LEVEL
    width = np.where(level & head[:, None], np.abs(scalp[:, None, 0]), 0).max(axis=0)
    back = np.where(level & head[:, None], AXIS_DEPTH - scalp[:, None, 2], 0).max(axis=0)
    front = np.full(len(heights), 0.55)
    drop = np.clip((7.6 - heights) / 2.6, 0, 1)
    # Inside the cap at the crown, outside it from the temple down, and wider as it falls.
    lift = -0.10 + 0.24 * np.clip((8.1 - heights) / 0.55, 0, 1) + 0.09 * np.sqrt(drop)
    u, v = np.meshgrid(np.arange(len(angles)) / 7.0, heights)
    waves = noise.sample(u.astype(np.float32) * 0.35, v.astype(np.float32) * 0.05)
    lock = waves * np.clip((7.7 - v) / 0.7, 0, 1)
    radius_x = (width + lift)[:, None] + 0.025 * lock
    radius_back = (back + lift)[:, None] + 0.02 * lock
    radius_front = (front + 0.5 * lift)[:, None] + 0.03 * lock
    forward = np.cos(angles)[None, :]
    depth = np.where(forward > 0, radius_front, radius_back)
    neutral_height = np.broadcast_to(heights[:, None], u.shape)
    # The heights of this head, not of the neutral mesh: hair follows a longer or a shorter skull.
    order = np.argsort(base[head, 1])
    stretched = np.interp(heights, base[head, 1][order], _smooth(scalp[head, 1][order]))
    lowest = np.flatnonzero(heights > NAPE)[-1]
    placed = np.where(heights > NAPE, stretched, heights + stretched[lowest] - heights[lowest])
    vertices = np.stack(
        [
            radius_x * np.sin(angles)[None, :],
            np.broadcast_to(placed[:, None], u.shape),
            AXIS_DEPTH + depth * forward,
        ],
        axis=2,
    ).reshape(-1, 3)
    rows, columns = len(heights), len(angles)
    corner = (np.arange(rows - 1)[:, None] * columns + np.arange(columns - 1)[None, :]).ravel()
    triangles = np.concatenate(
        [
            np.stack([corner, corner + columns, corner + 1], axis=1),
            np.stack([corner + 1, corner + columns, corner + columns + 1], axis=1),
        ]
    )
    return Curtain(vertices, triangles, np.stack([u, neutral_height], axis=2).reshape(-1, 2))


def _smooth(values: Floats) -> Floats:
    """A running mean over 41 vertices in order of height: one height of the skull, not one of a vertex."""
    padded = np.pad(values, 20, mode="edge")
    return np.convolve(padded, np.full(41, 1 / 41), mode="valid")
