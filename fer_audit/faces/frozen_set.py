"""The frozen set: 48 heads, 4 skin tones, 7 expressions, and the design that keeps their factors apart.

Within each of the six cells (head shape x sex morph) eight heads carry every combination of light, exposure
and hair once, and every level of each other factor equally often, in seeded random order: no factor can stand
in for another. Skin tone and expression are crossed with everything.
"""

from __future__ import annotations

import csv
import hashlib
import io
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import product
from multiprocessing import get_context
from typing import TYPE_CHECKING, Protocol, TypeVar

import numpy as np

from fer_audit.faces.expression import RENDERED_EXPRESSIONS
from fer_audit.faces.identity import (
    AGE_MORPHS,
    BROWS,
    HAIR_COLOURS,
    HAIRS,
    HEAD_SHAPES,
    IRISES,
    SEX_MORPHS,
    STUBBLES,
    Identity,
    draw_identity,
)
from fer_audit.faces.light import EXPOSURES, LIGHTS, Scene
from fer_audit.faces.render import IMAGE_SIZE, render_tones

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from PIL import Image

    from fer_audit.vocabulary import Expression

__all__ = [
    "CHECKSUMS",
    "COLUMNS",
    "FACE_BOX",
    "INTENSITIES",
    "MANIFEST",
    "SEED",
    "SKIN_TONES",
    "YAWS",
    "Progress",
    "RenderedSet",
    "Sitter",
    "encode",
    "image_name",
    "render_set",
    "sitters",
]

SEED = 20_261_122
SKIN_TONES = (2, 4, 6, 8)
YAWS = (-12, -4, 4, 12)  # degrees to the person's left
INTENSITIES = (0.8, 1.0)
HEADS_PER_CELL = 8
FACE_BOX = (32, 54, 192, 214)
"""Left, top, right, bottom in pixels of 224: brows to chin with a margin, the same for every head."""

MANIFEST = "manifest.csv"
CHECKSUMS = "SHA256SUMS"
COLUMNS = (
    "image",
    "identity",
    "expression",
    "skin_tone",
    "head_shape",
    "sex_morph",
    "age_morph",
    "hair",
    "hair_colour",
    "iris",
    "stubble",
    "brow",
    "light",
    "exposure",
    "yaw",
    "intensity",
    "age_weight",
)

T = TypeVar("T")
Level = TypeVar("Level")


class Progress(Protocol):
    """Something that watches a loop: ``tqdm.tqdm`` is one."""

    def __call__(self, iterable: Iterable[T], /, *, total: int) -> Iterable[T]:
        """The same items, one by one."""


@dataclass(frozen=True, slots=True)
class Sitter:
    """One head of the set with everything that stays the same in all its pictures."""

    name: str
    identity: Identity
    scene: Scene
    intensity: float


@dataclass(frozen=True, slots=True)
class RenderedSet:
    """What was written: the folder, how many heads and images, their bytes, and the hash of all checksums."""

    directory: Path
    identities: int
    images: int
    image_bytes: int
    digest: str


def sitters(seed: int = SEED) -> tuple[Sitter, ...]:
    """The 48 heads of the design; any six that follow each other from the start hold one of each cell.

    >>> [(sitter.name, sitter.identity.head_shape) for sitter in sitters()[:1]]
    [('id01', 'asian')]
    """
    cells = list(product(HEAD_SHAPES, SEX_MORPHS))
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed)))
    designs = []
    for _ in cells:
        crossed = _shuffled(rng, list(product(LIGHTS, EXPOSURES, HAIRS)))
        balanced = zip(
            _balanced(rng, AGE_MORPHS),
            _balanced(rng, HAIR_COLOURS),
            _balanced(rng, IRISES),
            _balanced(rng, STUBBLES),
            _balanced(rng, BROWS),
            _balanced(rng, YAWS),
            _balanced(rng, INTENSITIES),
            strict=True,
        )
        designs.append(list(zip(crossed, balanced, strict=True)))
    chosen: list[Sitter] = []
    for place in range(HEADS_PER_CELL):
        for cell in _shuffled(rng, list(range(len(cells)))):
            (light, exposure, hair), (age, colour, iris, stubble, brow, yaw, intensity) = designs[cell][place]
            shape, sex = cells[cell]
            identity = draw_identity(
                np.random.SeedSequence(seed, spawn_key=(cell, place)),
                head_shape=shape,
                sex_morph=sex,
                age_morph=age,
                hair=hair,
                hair_colour=colour,
                iris=iris,
                stubble=stubble,
                brow=brow,
            )
            scene = Scene(light, exposure, float(yaw))
            chosen.append(Sitter(f"id{len(chosen) + 1:02d}", identity, scene, intensity))
    return tuple(chosen)


def image_name(sitter: Sitter, expression: Expression, skin_tone: int) -> str:
    """Where an image lies inside the set's folder."""
    return f"{sitter.name}/{expression}-mst{skin_tone}.webp"


def encode(image: Image.Image) -> bytes:
    """The image as the set stores it: lossy WebP, about 5 KiB at 224 pixels."""
    stream = io.BytesIO()
    image.save(stream, "WEBP", quality=88, method=6)
    return stream.getvalue()


def render_set(
    directory: Path,
    *,
    seed: int = SEED,
    size: int = IMAGE_SIZE,
    jobs: int = 1,
    progress: Progress | None = None,
) -> RenderedSet:
    """Render the whole set into a folder: images, ``manifest.csv`` and ``SHA256SUMS``.

    Args:
        directory: where to write; it is made when it does not exist.
        seed: draws the heads and the design; the default gives the embedded set.
        size: width and height of each image in pixels.
        jobs: processes to share the work.
        progress: wraps the loop over heads and expressions, for example ``tqdm.tqdm``.
    """
    people = sitters(seed)
    checksums: dict[str, str] = {}
    total = 0
    for name, data in _rendered(people, size, jobs, progress):
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        checksums[name] = hashlib.sha256(data).hexdigest()
        total += len(data)
    manifest = _manifest(people).encode()
    (directory / MANIFEST).write_bytes(manifest)
    checksums[MANIFEST] = hashlib.sha256(manifest).hexdigest()
    listing = "".join(f"{digest}  {name}\n" for name, digest in sorted(checksums.items())).encode()
    (directory / CHECKSUMS).write_bytes(listing)
    return RenderedSet(directory, len(people), len(checksums) - 1, total, hashlib.sha256(listing).hexdigest())


@dataclass(frozen=True, slots=True)
class _Sitting:
    """One head with one expression: the unit of work, in all tones."""

    sitter: Sitter
    expression: Expression
    size: int


def _rendered(
    people: tuple[Sitter, ...], size: int, jobs: int, progress: Progress | None
) -> Iterator[tuple[str, bytes]]:
    """The name and the bytes of every image, in the order of the manifest."""
    sittings = [
        _Sitting(sitter, expression, size) for sitter in people for expression in RENDERED_EXPRESSIONS
    ]
    if jobs > 1:
        # Spawned and not forked: a fork copies the locks of threads that it does not copy.
        with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
            yield from _named(
                sittings, pool.map(_sit, sittings, chunksize=len(RENDERED_EXPRESSIONS)), progress
            )
    else:
        yield from _named(sittings, map(_sit, sittings), progress)


def _named(
    sittings: list[_Sitting], results: Iterable[tuple[bytes, ...]], progress: Progress | None
) -> Iterator[tuple[str, bytes]]:
    """Give each image its name as its sitting is done."""
    watched = results if progress is None else progress(results, total=len(sittings))
    for sitting, images in zip(sittings, watched, strict=True):
        for tone, data in zip(SKIN_TONES, images, strict=True):
            yield image_name(sitting.sitter, sitting.expression, tone), data


def _sit(sitting: _Sitting) -> tuple[bytes, ...]:
    """The encoded images of one sitting, one for each tone."""
    sitter = sitting.sitter
    images = render_tones(
        sitter.identity,
        sitting.expression,
        SKIN_TONES,
        scene=sitter.scene,
        intensity=sitter.intensity,
        size=sitting.size,
    )
    return tuple(encode(image) for image in images)


def _manifest(people: tuple[Sitter, ...]) -> str:
    """One row an image, every factor by its level."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    for sitter, expression, tone in product(people, RENDERED_EXPRESSIONS, SKIN_TONES):
        who, scene = sitter.identity, sitter.scene
        writer.writerow(
            [
                image_name(sitter, expression, tone),
                sitter.name,
                str(expression),
                tone,
                who.head_shape,
                who.sex_morph,
                who.age_morph,
                who.hair,
                who.hair_colour,
                who.iris,
                who.stubble,
                who.brow,
                scene.light,
                scene.exposure,
                f"{scene.yaw:g}",
                f"{sitter.intensity:g}",
                f"{who.age_weight:.6f}",
            ]
        )
    return stream.getvalue()


def _balanced(rng: np.random.Generator, levels: tuple[Level, ...]) -> list[Level]:
    """Each level equally often over the heads of one cell, in random order."""
    return _shuffled(rng, list(levels) * (HEADS_PER_CELL // len(levels)))


def _shuffled(rng: np.random.Generator, items: list[Level]) -> list[Level]:
    """The items in an order drawn by the generator."""
    return [items[int(place)] for place in rng.permutation(len(items))]
