"""What each visible point is made of: skin with brows, lips and furrows, or hair, eye, tooth and tongue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fer_audit.faces.eye import paint_eyes
from fer_audit.faces.grain import grain
from fer_audit.faces.hair import HAIR_REFLECTANCE, hair_cover, strands
from fer_audit.faces.head import Material, load_head
from fer_audit.faces.skin import BLOOD, BROW_REFLECTANCE, LIP_REFLECTANCE, PERFUSION, STUBBLE_REFLECTANCE
from fer_audit.faces.wrinkle import press

if TYPE_CHECKING:
    from fer_audit.faces.expression import Performance
    from fer_audit.faces.grain import Grain, Pixels
    from fer_audit.faces.head import Floats
    from fer_audit.faces.identity import Identity
    from fer_audit.faces.mesh import Mesh
    from fer_audit.faces.rasterise import Fragments

__all__ = ["Complexion", "paint"]

TEETH = (0.70, 0.64, 0.54)
TONGUE = (0.26, 0.09, 0.09)
MOUTH_LINING = (0.10, 0.025, 0.025)
MOUTH_DEPTH = 0.34  # decimetres behind the lips where it is as good as dark
BROW_WIDTH = {"thin": 0.050, "thick": 0.072}  # decimetres
FURROW_RELIEF = 0.011  # decimetres: how deep a groove of depth 1 is for the light that falls across it
ENAMEL_SCATTER = 1.9  # teeth glow with light that enters beside the lips, which a shadow map cannot know
PORES = 0.02
FACE_FRONT = 0.6  # decimetres: what is painted on the face stops in front of the ears
MOUTH_CORNER = 0.27  # decimetres from the midline
HALF = 0.5  # a vertex belongs to the region that covers most of it


@dataclass(frozen=True, slots=True, eq=False)
class Complexion:
    """The material of each fragment (k rows).

    ``skin`` (k, 3) multiplies the reflectance of the skin, ``other`` (k, 3) is a reflectance of its own;
    ``share`` (k,) is how much is skin at all, ``openness`` (k,) how much light reaches it at all;
    ``gloss`` and ``sharpness`` describe its highlight; ``face``, ``brows`` and ``lips`` are coverages.
    """

    skin: Pixels
    other: Pixels
    share: Pixels
    normals: Pixels
    openness: Pixels
    gloss: Pixels
    sharpness: Pixels
    face: Pixels
    brows: Pixels
    lips: Pixels


def paint(
    identity: Identity,
    performance: Performance,
    mesh: Mesh,
    fragments: Fragments,
) -> Complexion:
    """Give every fragment its material, its normal with furrows and strands in relief, and its openness."""
    corners = mesh.triangles[fragments.triangles]

    def spread(values: Floats) -> Pixels:
        return np.asarray(np.einsum("kij,ki->kj", values.astype(np.float32)[corners], fragments.weights))

    base = spread(mesh.base)
    lips, lids, lining, face, ears = spread(mesh.region).T
    hollow = spread(mesh.hollow[:, None])[:, 0]
    normals = spread(mesh.normals)
    material = mesh.materials[fragments.triangles]
    noise = grain(identity.seed)
    is_skin = material == Material.SKIN
    is_sheet = material == Material.HAIR
    normals[is_sheet] *= np.where(normals[is_sheet, 2:] < 0, np.float32(-1), np.float32(1))

    cover = np.zeros(len(base), dtype=np.float32)
    cover[is_skin] = hair_cover(base[is_skin], identity.hairline, noise, ears[is_skin])
    cover[is_sheet] = 1
    inside = _step(lining, 0.3, 0.8) * is_skin
    share = np.where(is_skin, (1 - cover) * (1 - inside), 0).astype(np.float32)

    lips = _step(lips, 0.25, 0.7) * share
    brows = _brows(base, identity, noise) * share
    skin = _skin_factor(base, identity, noise, lids=lids, lips=lips, brows=brows)
    relief = press(base[:, 0], base[:, 1], performance, identity.age_weight)
    grooves = share * (1 - brows) * (base[:, 2] > FACE_FRONT)
    skin *= (1 - 0.30 * relief.depth * grooves)[:, None]
    skin *= share[:, None]
    bumps = np.stack([relief.slope_x, relief.slope_y], axis=1) * (FURROW_RELIEF * grooves)[:, None]
    normals[:, :2] += bumps

    other = np.zeros_like(base)
    eye = material == Material.EYE
    other[eye] = paint_eyes(load_head(), base[eye], identity.iris)
    other[material == Material.TEETH] = TEETH
    other[material == Material.TONGUE] = TONGUE
    other += np.array(MOUTH_LINING, dtype=np.float32) * inside[:, None]
    streak = np.zeros(len(base), dtype=np.float32)
    grown = np.flatnonzero(cover > 0)
    across = np.where(is_sheet[grown], base[grown, 0], 1.2 * base[grown, 0])
    along = np.where(is_sheet[grown], base[grown, 1], base[grown, 1] - base[grown, 2])
    streak[grown] = strands(across, along, noise)
    hair = np.array(HAIR_REFLECTANCE[identity.hair_colour], dtype=np.float32)
    other += hair * (cover * np.clip(1 + 0.22 * streak, 0.4, 1.6))[:, None]
    normals[:, 0] += 0.16 * streak * cover
    normals /= np.linalg.norm(normals, axis=1, keepdims=True) + np.float32(1e-9)

    return Complexion(
        skin=skin,
        other=other,
        share=share,
        normals=normals,
        openness=_openness(mesh, fragments, inside, hollow * (1 - cover)),
        gloss=np.select(
            [eye, material == Material.TEETH],
            [0.70, 0.10],
            0.034 + 0.035 * lips - 0.018 * cover - 0.026 * brows,
        ).astype(np.float32),
        sharpness=np.select([eye, material == Material.TEETH], [90.0, 40.0], 9.0 + 30 * lips).astype(
            np.float32
        ),
        face=(face > HALF) * share * (1 - lips) * (1 - brows),
        brows=brows,
        lips=lips,
    )


def _skin_factor(
    base: Pixels, identity: Identity, noise: Grain, *, lids: Pixels, lips: Pixels, brows: Pixels
) -> Pixels:
    """What multiplies the reflectance of the skin: pores and patches, blood, lips, lids, stubble, brows."""
    x, y, z = base.T
    pores = noise.sample(x * 2.3, y * 2.3 + z)
    patches = noise.sample(x * 0.35 + 0.5, y * 0.35)
    factor = (1 + PORES * pores + 1.2 * PORES * patches)[:, None] * np.array(PERFUSION, dtype=np.float32)
    across = np.abs(x)
    flush = 0.8 * np.exp(-(((across - 0.48) / 0.22) ** 2 + ((y - 6.98) / 0.2) ** 2))
    flush += 0.6 * np.exp(-((x / 0.16) ** 2 + ((y - 6.95) / 0.14) ** 2))
    _tint(factor, BLOOD, np.clip(flush + 0.6 * lids, 0, 1).astype(np.float32))
    factor *= (1 - 0.12 * lids)[:, None]
    if identity.stubble == "light":
        beard = (
            _step(6.80 - y + 0.25 * (across - 0.3).clip(0), 0, 0.18) * (z > FACE_FRONT) * _step(y, 5.9, 6.15)
        )
        moustache = np.exp(-(((y - 6.80) / 0.055) ** 2)) * (across < MOUTH_CORNER)
        dots = 0.75 + 0.25 * noise.sample(x * 4.1, y * 4.1)
        _tint(
            factor, STUBBLE_REFLECTANCE, (0.42 * np.maximum(beard, moustache) * dots * (1 - lips)).clip(0, 1)
        )
    _tint(factor, LIP_REFLECTANCE, lips)
    _tint(factor, BROW_REFLECTANCE[identity.hair_colour], brows)
    return factor


def _tint(factor: Pixels, reflectance: tuple[float, float, float], cover: Pixels) -> None:
    """Multiply in place by a reflectance where it covers the skin."""
    factor *= 1 + cover[:, None] * (np.array(reflectance, dtype=np.float32) - 1)


def _brows(base: Pixels, identity: Identity, noise: Grain) -> Pixels:
    """How much of the skin the brows hide (0 to 1): an arch of slanting hairs, dense at its inner end."""
    x, y, z = base.T
    along = (np.abs(x) - 0.12) / 0.48
    inside = np.clip(along, 0, 1)
    arch = 7.535 + 0.080 * np.sin(inside * 2.2) - 0.055 * inside**3
    width = BROW_WIDTH[identity.brow] * (1 - 0.55 * inside)
    # Hairs lean outwards: the noise is read along lines that do.
    lean = np.abs(x) - 0.55 * (y - arch)
    hairs = noise.sample(lean * 2.6, y * 0.35)
    ragged = (y - arch) / width + 0.22 * hairs
    body = np.exp(-1.1 * ragged**2) * _step(along, -0.08, 0.10) * (1 - _step(along, 0.85, 1.08))
    return np.asarray((body * (0.92 + 0.16 * hairs)).clip(0, 1) * (z > FACE_FRONT))


def _openness(mesh: Mesh, fragments: Fragments, inside: Pixels, hollow: Pixels) -> Pixels:
    """How much light reaches each fragment: less in the folds of the skin, hardly any deep in the mouth."""
    on_lips = mesh.region[:, 0] > HALF
    front = np.float32(mesh.vertices[on_lips, 2].max())
    depth = mesh.vertices[:, 2].astype(np.float32)[mesh.triangles[fragments.triangles]]
    material = mesh.materials[fragments.triangles]
    behind = front - (depth * fragments.weights).sum(axis=1)
    lost = np.exp(-np.clip(behind - 0.10, 0, None) / np.float32(MOUTH_DEPTH / 2))
    in_mouth = np.maximum(inside, np.isin(material, (Material.TEETH, Material.TONGUE)))
    dark = 1 - in_mouth * (1 - lost)
    dark *= np.where(material == Material.TEETH, ENAMEL_SCATTER, 1)
    folds = 1 - np.clip(hollow * 22, -0.08, 0.5)
    return np.asarray(dark * np.where(material == Material.SKIN, folds, 1), dtype=np.float32)


def _step(value: Pixels, low: float, high: float) -> Pixels:
    """A smooth step: 0 below ``low``, 1 above ``high``."""
    t = np.clip((value - np.float32(low)) / np.float32(high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), dtype=np.float32)
