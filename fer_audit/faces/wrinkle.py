"""Furrows that action units and age press into the skin, as grooves with a depth and a slope.

Paths are drawn once on the neutral mesh, in decimetres (|x|, y): both halves of a face furrow alike, and a
furrow moves with the skin it lies in.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from fer_audit.faces.expression import Performance
    from fer_audit.faces.grain import Pixels

__all__ = ["FURROWS", "Furrow", "Relief", "press"]

AGE = 0  # stands beside the action units: the furrow that stays when the face is at rest


@dataclass(frozen=True, slots=True)
class Furrow:
    """One groove: where it runs, how wide it is (decimetres) and how deep each action unit presses it."""

    path: tuple[tuple[float, float], ...]
    width: float
    units: tuple[tuple[int, float], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Relief:
    """The groove at each point: ``depth`` (0 to about 1) and its slope along x and y, per decimetre."""

    depth: Pixels
    slope_x: Pixels
    slope_y: Pixels


def _forehead(height: float) -> tuple[Furrow, Furrow]:
    """A line across the brow: its middle is pressed by AU1, its ends by AU2."""
    return (
        Furrow(
            ((-0.28, height - 0.02), (0.0, height), (0.28, height - 0.02)), 0.016, ((1, 0.55), (AGE, 0.30))
        ),
        Furrow(
            ((0.18, height - 0.01), (0.36, height + 0.01), (0.52, height - 0.05)),
            0.016,
            ((2, 0.60), (AGE, 0.25)),
        ),
    )


FURROWS: tuple[Furrow, ...] = (
    *_forehead(7.72),
    *_forehead(7.80),
    *_forehead(7.88),
    # Between the brows.
    Furrow(((0.045, 7.37), (0.055, 7.50), (0.085, 7.64)), 0.016, ((4, 0.85), (AGE, 0.20))),
    # Across the root and down the sides of the nose.
    Furrow(((-0.07, 7.27), (0.0, 7.285), (0.07, 7.27)), 0.013, ((9, 0.60), (4, 0.15))),
    Furrow(((-0.08, 7.34), (0.0, 7.355), (0.08, 7.34)), 0.013, ((9, 0.60), (4, 0.25))),
    Furrow(((0.03, 7.20), (0.10, 7.26), (0.15, 7.33)), 0.013, ((9, 0.75),)),
    Furrow(((0.06, 7.12), (0.13, 7.18), (0.18, 7.25)), 0.013, ((9, 0.65),)),
    # From the wing of the nose around the mouth.
    Furrow(
        ((0.19, 6.96), (0.27, 6.87), (0.34, 6.77), (0.37, 6.64)),
        0.024,
        ((12, 0.75), (10, 0.50), (9, 0.45), (20, 0.25), (15, 0.20), (AGE, 0.65)),
    ),
    # Crow's feet and the fold under the lower lid.
    Furrow(((0.50, 7.30), (0.57, 7.34), (0.63, 7.37)), 0.012, ((6, 0.50), (AGE, 0.40))),
    Furrow(((0.50, 7.27), (0.58, 7.28), (0.65, 7.29)), 0.012, ((6, 0.55), (AGE, 0.40))),
    Furrow(((0.49, 7.24), (0.56, 7.22), (0.62, 7.20)), 0.012, ((6, 0.50), (AGE, 0.35))),
    Furrow(
        ((0.17, 7.19), (0.28, 7.14), (0.40, 7.16), (0.47, 7.21)), 0.018, ((6, 0.45), (7, 0.35), (AGE, 0.50))
    ),
    # Below the corners of the mouth, beside them when the lips are stretched, and above the chin.
    Furrow(((0.30, 6.58), (0.34, 6.50), (0.35, 6.42)), 0.020, ((15, 0.60), (AGE, 0.35))),
    Furrow(((0.40, 6.72), (0.43, 6.60), (0.42, 6.47)), 0.018, ((20, 0.60),)),
    Furrow(((-0.16, 6.43), (0.0, 6.455), (0.16, 6.43)), 0.026, ((17, 0.60), (AGE, 0.15))),
)
REACH = 2.5  # widths: beyond it the groove is shallower than 1/500


def press(x: Pixels, y: Pixels, performance: Performance, age: float, strength: float = 1.0) -> Relief:
    """The grooves at points of the neutral mesh.

    Args:
        x: the points, in decimetres to the left of the midline.
        y: the points, in decimetres up.
        performance: the action units at work.
        age: the weight of the older morph, 0 to 1.
        strength: how easily this skin folds; 1 is ordinary.
    """
    depth = np.zeros_like(x)
    slope_x = np.zeros_like(x)
    slope_y = np.zeros_like(x)
    active = dict(performance.units) | {AGE: age}
    across = np.abs(x)
    side = np.sign(x)
    for furrow in FURROWS:
        pressed = strength * sum(active.get(unit, 0.0) * share for unit, share in furrow.units)
        if pressed <= 0:
            continue
        pressed = min(pressed, 1.0)
        reach = REACH * furrow.width
        xs, ys = zip(*furrow.path, strict=True)
        near = np.flatnonzero(
            (across > min(xs) - reach)
            & (across < max(xs) + reach)
            & (y > min(ys) - reach)
            & (y < max(ys) + reach)
        )
        if not len(near):
            continue
        dx, dy, along = _offset(across[near], y[near], furrow.path)
        profile = np.exp(-(dx**2 + dy**2) / np.float32(furrow.width**2))
        taper = np.sqrt(np.clip(4 * along * (1 - along), 0, 1))  # a furrow begins and ends in smooth skin
        groove = np.float32(pressed) * profile * taper
        depth[near] = np.maximum(depth[near], groove)
        steep = -2 * groove / np.float32(furrow.width**2)
        slope_x[near] += steep * dx * side[near]
        slope_y[near] += steep * dy
    return Relief(depth, slope_x, slope_y)


def _offset(x: Pixels, y: Pixels, path: tuple[tuple[float, float], ...]) -> tuple[Pixels, Pixels, Pixels]:
    """The vector from the nearest point of a path, and how far along the path (0 to 1) that point lies."""
    best = np.full_like(x, np.inf)
    out_x = np.zeros_like(x)
    out_y = np.zeros_like(x)
    along = np.zeros_like(x)
    segments = len(path) - 1
    for k, ((x0, y0), (x1, y1)) in enumerate(pairwise(path)):
        ex, ey = x1 - x0, y1 - y0
        t = (((x - x0) * ex + (y - y0) * ey) / (ex * ex + ey * ey)).clip(0, 1)
        dx = x - (x0 + t * ex)
        dy = y - (y0 + t * ey)
        distance = dx**2 + dy**2
        closer = distance < best
        best = np.where(closer, distance, best)
        out_x = np.where(closer, dx, out_x)
        out_y = np.where(closer, dy, out_y)
        along = np.where(closer, (k + t) / segments, along)
    return out_x, out_y, along
