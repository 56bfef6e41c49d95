"""What is measured on the pictures of a cell: once for each content, and kept in the store."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

import numpy as np

from fer_audit.covariates import COVARIATES, MEASUREMENT
from fer_audit.errors import ImageError
from fer_audit.models import Role
from fer_audit.pixels import decode
from fer_audit.store import key

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from fer_audit.inference.cell import Cell
    from fer_audit.store import PredictionStore

__all__ = ["Readings", "read_pictures"]

_BATCH = 64


@dataclass(frozen=True, slots=True, eq=False)
class Readings:
    """What was measured on the pictures of a cell.

    Attributes:
        values: by covariate one number a face; nan where its picture has none.
        reasons: by covariate how many pictures have none for each reason, of those that could be read.
        read: how many pictures could be read.
        pictures: how many there are.
    """

    values: Mapping[str, NDArray[np.float64]]
    reasons: Mapping[str, Mapping[str, int]]
    read: int
    pictures: int

    def why(self, name: str) -> str:
        """Why pictures that could be read have no such number; empty where all have one."""
        reasons = Counter(self.reasons.get(name, {})).most_common()
        return "; ".join(f"{reason} ({count:,})" for reason, count in reasons)


@dataclass(frozen=True, slots=True)
class _Gaps:
    """What could not be measured: by covariate the reason of each content, and contents that are broken."""

    reasons: Mapping[str, dict[str, str]]
    broken: set[str]


def read_pictures(cell: Cell, store: PredictionStore, names: Sequence[str]) -> Readings:
    """Measure what the store does not hold; a picture without a number is looked at again by the next run.

    Args:
        cell: the faces and their pictures.
        store: measurements made before.
        names: of `fer_audit.covariates.COVARIATES`.

    Raises:
        StoreError: the store cannot be used.
    """
    digests = _digests(cell)
    broken: set[str] = set()
    reasons: dict[str, dict[str, str]] = {name: {} for name in names}
    values = _values(cell, digests, store, _Gaps(reasons, broken))
    rows = [values.get(digests.get(face.image, ""), {}) for face in cell.faces]
    images = {face.image for face in cell.faces}
    return Readings(
        {name: np.array([row.get(name, np.nan) for row in rows]) for name in names},
        {
            name: Counter(why[digest] for image in images if (digest := digests.get(image)) in why)
            for name, why in reasons.items()
        },
        sum(digests.get(image, "") not in {"", *broken} for image in images),
        len(images),
    )


def _digests(cell: Cell) -> dict[str, str]:
    """The hash of the content of every picture that can be read, by the picture's name."""
    if cell.model.role is not Role.STAND_IN:
        named = zip(cell.faces, cell.pictures, strict=True)
        return {face.image: picture for face, picture in named if picture not in cell.absent}
    # A scripted model is asked by names, so that its cell never looked at the files.
    found: dict[str, str] = {}
    for image in dict.fromkeys(face.image for face in cell.faces):
        with suppress(ImageError):
            found[image] = sha256(cell.dataset.read(image)).hexdigest()
    return found


def _values(
    cell: Cell, digests: Mapping[str, str], store: PredictionStore, gaps: _Gaps
) -> dict[str, dict[str, float]]:
    """Every measurement of every content, from the store where it is there.

    Args:
        cell: the faces.
        digests: the content of each picture.
        store: measurements made before.
        gaps: filled with what has no number, and why.
    """
    image_of = {digest: image for image, digest in digests.items()}
    keys = {
        key({"covariate": name, "measurement": str(MEASUREMENT)}, digest): (digest, name)
        for digest in image_of
        for name in gaps.reasons
    }
    stored = store.measurements(list(keys))
    if len(stored) < len(keys):
        with store.exclusive(cell.fingerprint):
            # Another process may have measured while this one waited.
            stored = {**stored, **store.measurements([name for name in keys if name not in stored])}
            missing: dict[str, dict[str, str]] = {}
            for name, (digest, covariate) in keys.items():
                if name not in stored:
                    missing.setdefault(digest, {})[covariate] = name
            stored |= _measure(cell, image_of, store, missing, gaps)
    values: dict[str, dict[str, float]] = {}
    for name, value in stored.items():
        digest, covariate = keys[name]
        values.setdefault(digest, {})[covariate] = value
    return values


def _measure(
    cell: Cell,
    image_of: Mapping[str, str],
    store: PredictionStore,
    missing: Mapping[str, Mapping[str, str]],
    gaps: _Gaps,
) -> dict[str, float]:
    """Measure and store what is missing: by content, the key of each covariate; every picture once."""
    values: dict[str, float] = {}
    digests = list(missing)
    for start in range(0, len(digests), _BATCH):
        batch: dict[str, float] = {}
        for digest in digests[start : start + _BATCH]:
            image = image_of[digest]
            try:
                picture = decode(cell.dataset.read(image), name=image)
            except ImageError:
                gaps.broken.add(digest)
                continue
            for what, name in missing[digest].items():
                try:
                    batch[name] = COVARIATES[what].measure(picture)
                except ImageError as error:
                    gaps.reasons[what][digest] = str(error)
        store.put_measurements(batch)
        values |= batch
    return values
