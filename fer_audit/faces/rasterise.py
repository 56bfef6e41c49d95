"""Which triangle each pixel sees: a z-buffer in numpy, the same on every machine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from fer_audit.faces.head import Floats, Indices

__all__ = ["Fragments", "rasterise"]

DEPTH_STEPS = 65_535
SLIVER = 1e-9  # square pixels: a triangle seen edge-on has no inside


@dataclass(frozen=True, slots=True, eq=False)
class Fragments:
    """What is seen: for each covered pixel (row-major index) its triangle, barycentric weights and nearness.

    All arrays have one row a covered pixel, in the order of ``pixels``; ``nearness`` grows towards the eye.
    """

    pixels: Indices
    triangles: Indices
    weights: npt.NDArray[np.float32]
    nearness: npt.NDArray[np.float32]


def rasterise(points: Floats, triangles: Indices, size: int) -> Fragments:
    """Project nothing, only fill: the nearest triangle over each pixel centre of a square picture.

    Args:
        points: (n, 3): x and y in pixels (y down), and nearness to the eye in any unit.
        triangles: (m, 3) rows of ``points``; both windings are drawn.
        size: the width and height of the picture in pixels.
    """
    corner = points[triangles]
    ax, ay, bx, by, cx, cy = (corner[:, i, axis] for i in range(3) for axis in range(2))
    area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
    # A pixel belongs to the box when its centre (index + 0.5) does: tighter than rounding outwards.
    low = np.ceil(corner[:, :, :2].min(axis=1) - 0.5).astype(np.int64).clip(0, None)
    high = np.floor(corner[:, :, :2].max(axis=1) - 0.5).astype(np.int64).clip(None, size - 1)
    extent = high - low + 1
    drawn = np.flatnonzero((np.abs(area) > SLIVER) & (extent > 0).all(axis=1))

    count = extent[drawn, 0] * extent[drawn, 1]
    owner = np.repeat(drawn, count)
    within = np.arange(len(owner)) - np.repeat(np.cumsum(count) - count, count)
    row, column = np.divmod(within, extent[owner, 0])
    column += low[owner, 0]
    row += low[owner, 1]

    # Barycentric weights are affine in the pixel: one product and sum with coefficients of the triangle.
    first = _affine(bx, by, cx, cy, area)
    second = _affine(cx, cy, ax, ay, area)
    x = column + 0.5
    y = row + 0.5
    u = first[0][owner] * x + first[1][owner] * y + first[2][owner]
    v = second[0][owner] * x + second[1][owner] * y + second[2][owner]
    w = 1 - u - v
    slack = -1e-6  # shared edges belong to both triangles: no cracks between neighbours
    inside = np.flatnonzero((u >= slack) & (v >= slack) & (w >= slack))
    owner, u, v, w = owner[inside], u[inside], v[inside], w[inside]
    pixel = row[inside] * size + column[inside]
    depth = corner[:, :, 2]
    nearness = u * depth[owner, 0] + v * depth[owner, 1] + w * depth[owner, 2]

    # Painter's order: the last one written stays. Sixteen bits sort by radix, several times faster.
    if len(nearness):
        span = max(float(np.ptp(nearness)), 1e-9)
        step = ((nearness - nearness.min()) * (DEPTH_STEPS / span)).astype(np.uint16)
        order = np.argsort(step, kind="stable")
    else:
        order = np.zeros(0, dtype=np.int64)
    front = np.full(size * size, -1, dtype=np.int64)
    front[pixel[order]] = order
    pixels = np.flatnonzero(front >= 0)
    seen = front[pixels]
    weights = np.stack([u[seen], v[seen], w[seen]], axis=1).astype(np.float32)
    return Fragments(pixels, owner[seen], weights, nearness[seen].astype(np.float32))


def _affine(px: Floats, py: Floats, qx: Floats, qy: Floats, area: Floats) -> tuple[Floats, Floats, Floats]:
    """The coefficients of the weight opposite to the edge p to q: ``a * x + b * y + c``."""
    safe = np.where(np.abs(area) > SLIVER, area, 1.0)
    return (py - qy) / safe, (qx - px) / safe, (px * qy - qx * py) / safe
