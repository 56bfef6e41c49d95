"""Everything there is to draw of one head with one expression, and the camera in front of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fer_audit.faces.grain import grain
from fer_audit.faces.hair import cap_thickness, grow_curtain
from fer_audit.faces.head import Material, load_head, vertex_normals

if TYPE_CHECKING:
    from fer_audit.faces.expression import Performance
    from fer_audit.faces.head import Floats, Indices
    from fer_audit.faces.identity import Identity

__all__ = ["EYE_LINE", "INTEROCULAR", "Camera", "Mesh", "build_mesh", "frame"]

INTEROCULAR = 50 / 224  # of the picture's width, between the centres of the eyeballs of the resting face
EYE_LINE = 98 / 224  # of the picture's height, from the top
CAMERA_DISTANCE = 14.0  # decimetres from the eyes
PIVOT = 0.35  # decimetres behind the eyes: a turning head stays near the middle of the picture


@dataclass(frozen=True, slots=True, eq=False)
class Mesh:
    """Everything there is to draw. All arrays over vertices have n rows.

    ``vertices`` are in decimetres, turned by the yaw; ``base`` is the place on the neutral head (or, for long
    hair, across and along the strands and 0); ``region`` holds the weights of lips, eyelids, inside of the
    mouth, face and ears; ``hollow`` is positive in the folds that an expression makes.
    """

    vertices: Floats
    triangles: Indices
    materials: Indices
    normals: Floats
    base: Floats
    region: Floats
    hollow: Floats


@dataclass(frozen=True, slots=True)
class Camera:
    """A camera in front of the face: where it looks and how many decimetres the picture is wide there."""

    x: float
    y: float
    z: float
    width: float

    def project(self, points: Floats, size: int) -> Floats:
        """(n, 3): x and y in pixels of a square picture (y down), and nearness in decimetres."""
        distance = CAMERA_DISTANCE - (points[:, 2] - self.z)
        scale = CAMERA_DISTANCE / distance / self.width * size
        return np.stack(
            [
                (points[:, 0] - self.x) * scale + 0.5 * size,
                EYE_LINE * size - (points[:, 1] - self.y) * scale,
                -distance,
            ],
            axis=1,
        )


def frame(neutral: Floats) -> Camera:
    """The camera that shows every resting face with the same distance between the eyes, looking ahead."""
    head = load_head()
    left, right = (neutral[head.eyeball(side)].mean(axis=0) for side in (1, -1))
    middle = (left + right) / 2
    width = float(np.linalg.norm(left - right)) / INTEROCULAR
    return Camera(float(middle[0]), float(middle[1]), float(middle[2]), width)


def build_mesh(identity: Identity, performance: Performance, yaw: float = 0.0) -> Mesh:
    """The head in its expression, with its hair, turned by ``yaw`` degrees to its left."""
    head = load_head()
    neutral = identity.neutral_vertices()
    bare = head.morph(performance.morph_weights(), neutral)
    skin = head.triangles[head.materials == Material.SKIN]
    on_skin = np.zeros(len(bare), dtype=bool)
    on_skin[skin] = True
    normals = vertex_normals(bare, skin)
    hollow = _curvature(bare, skin, normals)
    cap = cap_thickness(head.vertices, identity.hairline, identity.hair, head.ears) * on_skin
    vertices = bare + normals * cap[:, None]
    triangles, materials = head.triangles, head.materials
    base = head.vertices
    region = np.stack([head.lips, head.eyelids, head.inside_mouth, head.face, head.ears], axis=1)
    if identity.hair == "long":
        curtain = grow_curtain(
            neutral + normals * cap[:, None], head.vertices, head.ears, grain(identity.seed)
        )
        triangles = np.concatenate([triangles, curtain.triangles + len(vertices)])
        materials = np.concatenate([materials, np.full(len(curtain.triangles), int(Material.HAIR))])
        grown = len(curtain.vertices)
        vertices = np.concatenate([vertices, curtain.vertices])
        base = np.concatenate([base, np.pad(curtain.strand, ((0, 0), (0, 1)))])
        region = np.concatenate([region, np.zeros((grown, region.shape[1]))])
        hollow = np.concatenate([hollow, np.zeros(grown)])
    vertices = _turn(vertices, frame(neutral), yaw)
    return Mesh(vertices, triangles, materials, vertex_normals(vertices, triangles), base, region, hollow)


def _turn(vertices: Floats, camera: Camera, yaw: float) -> Floats:
    """Turn about the vertical line a little behind the eyes."""
    angle = np.deg2rad(yaw)
    centre = np.array([camera.x, camera.y, camera.z - PIVOT])
    x, y, z = (vertices - centre).T
    turned = np.stack(
        [x * np.cos(angle) + z * np.sin(angle), y, z * np.cos(angle) - x * np.sin(angle)], axis=1
    )
    return np.asarray(turned + centre)


def _curvature(vertices: Floats, triangles: Indices, normals: Floats) -> Floats:
    """How far the neighbours of each vertex stand out above it, in decimetres: positive in a fold."""
    edges = np.unique(
        np.sort(np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]]), 1), axis=0
    )
    degree = np.bincount(edges.ravel(), minlength=len(vertices)).clip(1)
    mean = np.zeros_like(vertices)
    for axis in range(3):
        mean[:, axis] = np.bincount(edges[:, 0], vertices[edges[:, 1], axis], len(vertices))
        mean[:, axis] += np.bincount(edges[:, 1], vertices[edges[:, 0], axis], len(vertices))
    return np.asarray(((mean / degree[:, None] - vertices) * normals).sum(axis=1))
