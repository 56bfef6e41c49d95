"""The covariates of a cell: measured on its pictures, or read from a column of the dataset; once and for all.

No answer depends on them, so they are no part of a cell's fingerprint.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from fer_audit.covariates import COVARIATES, MEASUREMENT
from fer_audit.errors import UnknownNameError, did_you_mean
from fer_audit.inference.readings import read_pictures
from fer_audit.tables import as_numbers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fer_audit.inference.cell import Cell
    from fer_audit.predictions import Predictions
    from fer_audit.store import PredictionStore

__all__ = ["check_covariates", "measured", "with_columns"]


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
    cannot be read, or has no such number, has nan.

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
    found_here = read_pictures(cell, store, missing)
    origin = found.provenance
    about = {
        f"covariate {name}": f"{COVARIATES[name].meaning} (measurement {MEASUREMENT})" for name in missing
    }
    unknown = [f"{name} is unknown where {reasons}" for name in missing if (reasons := found_here.why(name))]
    note = "; ".join(
        [
            f"measured on the pixels of {found_here.read:,} of {found_here.pictures:,} pictures: "
            f"{', '.join(missing)}",
            *unknown,
        ]
    )
    return replace(
        found,
        covariates={
            **found.covariates,
            **{name: np.tile(found_here.values[name], len(cell.ways)) for name in missing},
        },
        provenance=replace(origin, details={**origin.details, **about}),
        notes=(*found.notes, note),
    )
