"""What the camera sees of a head before anyone chose the tone of its skin.

A picture is *affine in the reflectance of the skin*: radiance = skin * reflectance + rest. Geometry, shadows,
hair and eyes are computed once and stored as those two layers; a tone only multiplies the first. That nothing
but the skin differs between the tones of one face is therefore true by construction.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from fer_audit.faces.complexion import paint
from fer_audit.faces.head import Material
from fer_audit.faces.light import RIGS, key_visibility
from fer_audit.faces.mesh import build_mesh, frame
from fer_audit.faces.rasterise import rasterise

if TYPE_CHECKING:
    from fer_audit.faces.complexion import Complexion
    from fer_audit.faces.expression import Performance
    from fer_audit.faces.grain import Pixels
    from fer_audit.faces.head import Floats, Mask
    from fer_audit.faces.identity import Identity
    from fer_audit.faces.light import LightRig, Scene
    from fer_audit.faces.mesh import Mesh
    from fer_audit.faces.rasterise import Fragments

__all__ = ["SAMPLES", "Layers", "see"]

SAMPLES = 2  # a side: each pixel is the mean of 2 x 2
WET = 60.0  # sharpness of a highlight above which a surface is wet
BACKDROP = (0.27, 0.28, 0.30)
"""Linear light. The backdrop has its own lamp: no exposure of the face changes it."""


@dataclass(frozen=True, slots=True, eq=False)
class Layers:
    """A picture without its skin tone, in linear light: skin * reflectance + rest, over a backdrop.

    All have shape (size, size, 3), but for the coverages ``face``, ``brows`` and ``lips``: (size, size),
    0 to 1. ``face`` is bare skin between brow and chin, where an exposure is metered.
    """

    skin: Pixels
    rest: Pixels
    backdrop: Pixels
    face: Pixels
    brows: Pixels
    lips: Pixels


def see(identity: Identity, performance: Performance, scene: Scene, size: int) -> Layers:
    """Draw a head into its two layers: every pixel the mean of 2 x 2 samples in linear light."""
    camera = frame(identity.neutral_vertices())
    mesh = build_mesh(identity, performance, scene.yaw)
    side = size * SAMPLES
    points = camera.project(mesh.vertices, side)
    facing = _facing(points, mesh)
    solid = facing & (mesh.materials != Material.LASH)
    seen = replace(mesh, triangles=mesh.triangles[solid], materials=mesh.materials[solid])
    fragments = rasterise(points, seen.triangles, side)
    complexion = paint(identity, performance, seen, fragments)
    lit = _illuminate(RIGS[scene.light], seen, fragments, complexion, side)

    backdrop = np.empty((side * side, 3), dtype=np.float32)
    falloff = np.linspace(1.06, 0.88, side, dtype=np.float32)
    backdrop[:] = np.repeat(falloff, side)[:, None] * np.array(BACKDROP, np.float32)
    backdrop[fragments.pixels] = 0
    skin = np.zeros((side * side, 3), dtype=np.float32)
    rest = np.zeros((side * side, 3), dtype=np.float32)
    skin[fragments.pixels] = complexion.skin * lit.diffuse
    rest[fragments.pixels] = complexion.other * lit.diffuse + lit.specular[:, None]
    lashes = _lash_cover(points, mesh, fragments, side)
    skin *= 1 - lashes[:, None]
    rest *= 1 - 0.97 * lashes[:, None]
    coverage = np.zeros((side * side, 3), dtype=np.float32)
    coverage[fragments.pixels] = np.stack([complexion.face, complexion.brows, complexion.lips], axis=1)
    face, brows, lips = np.moveaxis(_shrink(coverage, size), 2, 0)
    return Layers(_shrink(skin, size), _shrink(rest, size), _shrink(backdrop, size), face, brows, lips)


@dataclass(frozen=True, slots=True, eq=False)
class _Lit:
    """Light that falls on each fragment, and what it mirrors: (k, 3) and (k,)."""

    diffuse: Pixels
    specular: Pixels


def _illuminate(rig: LightRig, mesh: Mesh, fragments: Fragments, complexion: Complexion, side: int) -> _Lit:
    """Diffuse and mirrored light, with the shadow of the key and the darkness of folds and of the mouth."""
    key, fill = (np.array(lamp) / np.linalg.norm(lamp) for lamp in (rig.key, rig.fill))
    normal = complexion.normals
    is_skin = complexion.share[:, None]
    # Light that enters skin leaves it a little further on, red furthest: a soft, warm terminator.
    wrap = is_skin * np.array([0.34, 0.22, 0.18], dtype=np.float32)
    facing = (normal @ key.astype(np.float32))[:, None]
    corners = mesh.vertices[mesh.triangles[fragments.triangles]].astype(np.float32)
    places = (corners * fragments.weights[:, :, None]).sum(axis=1)
    visible = key_visibility(mesh.vertices, mesh.triangles, places, key)
    from_key = np.clip((facing + wrap) / (1 + wrap), 0, 1) * (0.12 + 0.88 * visible)[:, None]
    from_fill = np.clip(((normal @ fill.astype(np.float32))[:, None] + wrap) / (1 + wrap), 0, 1)
    open_sky = complexion.openness * _crevices(fragments, side)
    dome = rig.ambient * (0.8 + 0.2 * normal[:, 1:2])
    softened = 0.35 + 0.65 * open_sky[:, None]
    diffuse = (rig.key_strength * from_key) * softened + (rig.fill_strength * from_fill + dome) * open_sky[
        :, None
    ]
    half = key + np.array([0.0, 0.0, 1.0])
    half /= np.linalg.norm(half)
    glint = np.clip(normal @ half.astype(np.float32), 0, 1) ** complexion.sharpness
    # The lamp mirrored in a wet eye is what makes it look alive: lids and lashes do not hide it.
    reaching = np.where(complexion.sharpness > WET, 1, visible * open_sky)
    specular = rig.key_strength * complexion.gloss * glint * reaching
    return _Lit(diffuse.astype(np.float32), specular.astype(np.float32))


def _crevices(fragments: Fragments, side: int) -> Pixels:
    """How open each fragment is to the dome (0 to 1): low where its surroundings stand nearer."""
    far = np.float32(fragments.nearness.min())
    depth = np.full(side * side, far, dtype=np.float32)
    depth[fragments.pixels] = fragments.nearness
    picture = depth.reshape(side, side)
    openness = np.ones(len(fragments.pixels), dtype=np.float32)
    for radius, strength, scale in ((side // 64, 0.35, 0.06), (side // 22, 0.35, 0.16)):
        nearer = _blur(picture, max(radius, 1)).reshape(-1)[fragments.pixels] - fragments.nearness
        openness *= 1 - np.float32(strength) * np.clip(nearer / np.float32(scale), 0, 1)
    return openness


def _blur(picture: Pixels, radius: int) -> Pixels:
    """The mean over a square of 2 * radius + 1 pixels a side; the border repeats."""
    width = 2 * radius + 1
    blurred = picture.astype(np.float64)
    for axis in (0, 1):
        padding = [(0, 0), (0, 0)]
        padding[axis] = (radius + 1, radius)
        total = np.cumsum(np.pad(blurred, padding, mode="edge"), axis=axis)
        size = picture.shape[axis]
        blurred = (
            np.take(total, range(width, width + size), axis) - np.take(total, range(size), axis)
        ) / width
    return blurred.astype(np.float32)


def _lash_cover(points: Floats, mesh: Mesh, fragments: Fragments, side: int) -> Pixels:
    """How much of each sample is hidden by lashes: darker at the lid, where hairs are dense."""
    cover = np.zeros(side * side, dtype=np.float32)
    lashes = mesh.triangles[mesh.materials == Material.LASH]
    drawn = rasterise(points, lashes, side)
    nearest = np.full(side * side, -np.inf, dtype=np.float32)
    nearest[fragments.pixels] = fragments.nearness
    shown = drawn.nearness > nearest[drawn.pixels] - 0.01
    cover[drawn.pixels[shown]] = 0.6
    return cover


def _facing(points: Floats, mesh: Mesh) -> Mask:
    """Triangles that show their outside; hair and lashes are sheets and show both sides."""
    a, b, c = (points[mesh.triangles[:, corner]] for corner in range(3))
    area = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])
    return np.asarray((area < 0) | np.isin(mesh.materials, (Material.HAIR, Material.LASH)))


def _shrink(samples: Pixels, size: int) -> Pixels:
    """The mean of each pixel's samples: (size, size, channels)."""
    blocks = samples.reshape(size, SAMPLES, size, SAMPLES, -1)
    return np.asarray(blocks.mean(axis=(1, 3)), dtype=np.float32)
