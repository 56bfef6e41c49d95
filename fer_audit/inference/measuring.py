"""The covariates of a cell: measured on its pictures, or read from a column of the dataset; once and for all.

No answer depends on them, so they are no part of a cell's fingerprint.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING

import numpy as np

from fer_audit.covariates import COVARIATES, MEASUREMENT
from fer_audit.errors import ImageError, UnknownNameError, did_you_mean
from fer_audit.models import Role
from fer_audit.pixels import decode
from fer_audit.store import key
from fer_audit.tables import as_numbers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fer_audit.inference.cell import Cell
    from fer_audit.predictions import Predictions
    from fer_audit.store import PredictionStore

__all__ = ["check_covariates", "measured", "with_columns"]

_BATCH = 64


def check_covariates(cell: Cell, names: Sequence[str]) -> None:
    """Raise UnknownNameError unless each name is a column of the dataset or can be measured."""
    columns = {name for face in cell.faces for name in (*face.attributes, *face.covariates)}
    known = columns.union(covariate.name for covariate in COVARIATES)
    for name in names:
        if name not in known:
            raise UnknownNameError(f"unknown covariate {name!r}; {did_you_mean(name, known)}")


def with_columns(predictions: Predictions, names: Sequence[str]) -> Predictions:
    """The predictions with some of their columns read as numbers; one that holds floats is taken as it is.

    Args:
        predictions: the answers.
        names: columns of text, or of floats; others are left to be measured.

    Raises:
        TableError: a cell of text is no number.
    """
    origin = predictions.provenance
    known = [name for name in names if name in predictions.attributes or name in predictions.covariates]
    read = {
        name: as_numbers(predictions.attributes[name], name, where=origin.dataset)
        for name in known
        if name not in predictions.covariates
    }
    about = {f"covariate {name}": "a column of the dataset" for name in known}
    return replace(
        predictions,
        covariates={**predictions.covariates, **read},
        provenance=replace(origin, details={**origin.details, **about}),
    )


def measured(
    predictions: Predictions, cell: Cell, store: PredictionStore, names: Sequence[str]
) -> Predictions:
    """The predictions with covariates from the dataset's columns, or else from the pixels.

    What was measured on a picture is stored under its content, and no such picture is decoded again. One that
    cannot be read has nan.

    Args:
        predictions: the answers, one row a face of the cell.
        cell: the faces and their pictures.
        store: measurements made before.
        names: covariates, see `check_covariates`.

    Raises:
        TableError: a cell of a column is no number.
        StoreError: the store cannot be used.
    """
    found = with_columns(predictions, names)
    missing = [name for name in names if name not in found.covariates]
    if not missing:
        return found
    digests = _digests(cell)
    values = _values(cell, digests, store, missing)
    rows = [values.get(digests.get(face.image, ""), {}) for face in cell.faces]
    origin = found.provenance
    about = {
        f"covariate {name}": f"{COVARIATES[name].meaning} (measurement {MEASUREMENT})" for name in missing
    }
    read = len({face.image for face, row in zip(cell.faces, rows, strict=True) if row})
    total = len({face.image for face in cell.faces})
    note = f"measured on the pixels of {read:,} of {total:,} pictures: {', '.join(missing)}"
    return replace(
        found,
        covariates={
            **found.covariates,
            **{name: np.tile([row.get(name, np.nan) for row in rows], len(cell.ways)) for name in missing},
        },
        provenance=replace(origin, details={**origin.details, **about}),
        notes=(*found.notes, note),
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
    cell: Cell, digests: Mapping[str, str], store: PredictionStore, names: Sequence[str]
) -> dict[str, dict[str, float]]:
    """Every measurement of every content, from the store where it is there."""
    image_of = {digest: image for image, digest in digests.items()}
    keys = {
        key({"covariate": name, "measurement": str(MEASUREMENT)}, digest): (digest, name)
        for digest in image_of
        for name in names
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
            stored |= _measure(cell, image_of, store, missing)
    values: dict[str, dict[str, float]] = {}
    for name, value in stored.items():
        digest, covariate = keys[name]
        values.setdefault(digest, {})[covariate] = value
    return values


def _measure(
    cell: Cell, image_of: Mapping[str, str], store: PredictionStore, missing: Mapping[str, Mapping[str, str]]
) -> dict[str, float]:
    """Measure and store what is missing: by content, the key of each covariate; every picture once."""
    values: dict[str, float] = {}
    digests = list(missing)
    for start in range(0, len(digests), _BATCH):
        batch: dict[str, float] = {}
        for digest in digests[start : start + _BATCH]:
            image = image_of[digest]
            with suppress(ImageError):
                picture = decode(cell.dataset.read(image), name=image)
                batch |= {name: COVARIATES[what].measure(picture) for what, name in missing[digest].items()}
        store.put_measurements(batch)
        values |= batch
    return values
