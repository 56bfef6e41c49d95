"""The head: a neutral mesh and the morph targets that turn it into a person and a person into an expression.

The geometry is the head of MakeHuman's base mesh with its eyes, lashes, teeth and tongue (CC0-1.0); lengths
are in decimetres, x to the left of the person, y up, z out of the face. ``scripts/rebuild_faces.py`` cuts it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["Head", "Material", "MorphTarget", "load_head", "vertex_normals"]

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


class Material(IntEnum):
    """What a triangle is made of. The first five are in the asset; hair is grown by the renderer."""

    SKIN = 0
    EYE = 1
    LASH = 2
    TEETH = 3
    TONGUE = 4
    HAIR = 5


@dataclass(frozen=True, slots=True, eq=False)
class MorphTarget:
    """Where vertices move at full weight: ``offsets`` (k, 3) in decimetres for ``vertices`` (k,)."""

    vertices: Indices
    offsets: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Head:
    """The neutral mesh, its materials, its regions (weights 0 to 1 a vertex) and its morph targets.

    ``vertices`` (n, 3) are in decimetres, ``triangles`` (m, 3) wind counter-clockwise from outside.
    """

    vertices: Floats
    triangles: Indices
    materials: Indices
    lips: Floats
    eyelids: Floats
    inside_mouth: Floats
    face: Floats
    ears: Floats
    targets: Mapping[str, MorphTarget]

    def morph(self, weights: Iterable[tuple[str, float]], start: Floats | None = None) -> Floats:
        """The vertices after moving along each named target by its weight; ``start`` defaults to neutral.

        Raises:
            KeyError: a target that the asset does not hold.
        """
        moved = (self.vertices if start is None else start).copy()
        for name, weight in weights:
            target = self.targets[name]
            moved[target.vertices] += weight * target.offsets
        return moved

    def eyeball(self, side: int) -> Indices:
        """The vertices of one eyeball: side +1 is the person's left, -1 the right."""
        owned = np.unique(self.triangles[self.materials == Material.EYE])
        return np.asarray(owned[self.vertices[owned, 0] * side > 0])


@cache
def load_head() -> Head:
    """The shipped asset, read once a process (0.7 MB, about 20 ms)."""
    with (
        files(__package__).joinpath("head.npz").open("rb") as stream,
        np.load(stream, allow_pickle=False) as asset,
    ):
        bounds = asset["target_bounds"].astype(np.int64)
        moved = asset["target_vertices"].astype(np.int64)
        offsets = asset["target_offsets"].astype(np.float64) * float(asset["offset_unit"])
        targets = {
            str(name): MorphTarget(moved[start:stop], offsets[start:stop])
            for name, start, stop in zip(asset["target_names"], bounds[:-1], bounds[1:], strict=True)
        }
        regions = {
            name: asset[name].astype(np.float64) / 255
            for name in ("lips", "eyelids", "inside_mouth", "face", "ears")
        }
        return Head(
            vertices=asset["vertices"].astype(np.float64),
            triangles=asset["triangles"].astype(np.int64),
            materials=asset["materials"].astype(np.int64),
            targets=targets,
            **regions,
        )


def vertex_normals(vertices: Floats, triangles: Indices) -> Floats:
    """Unit normals (n, 3), each the mean of its triangles' normals weighted by area."""
    corners = vertices[triangles]
    face = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    total = np.zeros_like(vertices)
    for corner in range(3):
        for axis in range(3):
            total[:, axis] += np.bincount(triangles[:, corner], face[:, axis], len(vertices))
    length = np.linalg.norm(total, axis=1, keepdims=True)
    return np.asarray(total / np.maximum(length, 1e-9))
