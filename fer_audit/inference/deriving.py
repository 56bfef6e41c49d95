"""Attributes derived once answers are at hand: skin tone from the pixels, bands of ages in a table."""

from __future__ import annotations

from dataclasses import replace
from statistics import median, median_low
from typing import TYPE_CHECKING

import numpy as np

from fer_audit.covariates import MEASUREMENT
from fer_audit.covariates.tones import ita_band
from fer_audit.datasets.additions import check_derived
from fer_audit.datasets.deriving import AGE_BAND, MEASURED_TONES, banded
from fer_audit.errors import ConfigurationError, did_you_mean
from fer_audit.inference.readings import read_pictures
from fer_audit.tables import Column, as_numbers

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from fer_audit.datasets import DatasetSpec
    from fer_audit.inference.cell import Cell
    from fer_audit.inference.readings import Readings
    from fer_audit.predictions import Predictions
    from fer_audit.store import PredictionStore

__all__ = ["check_table_derives", "derived_columns", "with_measured_tones"]

_AGE = "age"


def check_table_derives(names: Sequence[str], columns: Sequence[str]) -> None:
    """Raise ConfigurationError unless a prediction table with these columns can have each derived attribute.

    Args:
        names: of derived attributes.
        columns: of the table.
    """
    check_derived(names)
    for name in names:
        if name in MEASURED_TONES:
            raise ConfigurationError(
                f"{name!r} cannot be measured: a prediction table has no pictures. Add a column to it, or "
                "audit a dataset with --fer-model and --fer-dataset"
            )
        if name in columns:
            raise ConfigurationError(
                f"the prediction table has a column {name!r} already, which is not derived again; leave the "
                "option out"
            )
        if _AGE not in columns:
            raise ConfigurationError(
                f"{name!r} cannot be derived: the prediction table has no column {_AGE!r} of years; "
                f"{did_you_mean(_AGE, columns)}"
            )


def derived_columns(predictions: Predictions, names: Sequence[str]) -> Predictions:
    """The predictions of a table with attributes derived from its columns, see `check_table_derives`.

    Raises:
        DataError: an age is no number, or one that nobody has.
    """
    if AGE_BAND not in names:
        return predictions
    where = predictions.provenance.dataset
    ages = predictions.covariates.get(_AGE)
    if ages is None:
        ages = as_numbers(predictions.attributes[_AGE], _AGE, where=where)
    band = banded(ages, _AGE, where=where)
    return replace(predictions, attributes={**predictions.attributes, AGE_BAND: band})


def with_measured_tones(
    predictions: Predictions, cell: Cell, dataset: DatasetSpec, store: PredictionStore
) -> Predictions:
    """The predictions with the tones of skin that the dataset's specification wants measured.

    People are compared by statistics of people, so that a person has one tone: the median of that person's
    pictures (for a Monk tone the lighter of two middle ones). A rendered identity has no tone of its own, and
    nobody knows who is in a picture of an unidentified set: there each picture has its own.

    Args:
        predictions: the answers, one row a face of the cell and way of asking.
        cell: the faces and their pictures.
        dataset: the specification.
        store: measurements made before.

    Raises:
        StoreError: the store cannot be used.
    """
    if not dataset.measured:
        return predictions
    read = read_pictures(cell, store, ["ita", "monk"])
    by_person = cell.identified and not dataset.synthetic
    owners = (predictions.identity if by_person else predictions.image).codes[: len(cell.faces)]
    level_of: dict[str, Callable[[Sequence[float]], str]] = {
        "ita_band_measured": lambda angles: ita_band(median(angles)),
        "monk_measured": lambda tones: f"{median_low(tones):.0f}",
    }
    source = {"ita_band_measured": "ita", "monk_measured": "monk"}
    columns = {
        name: _by_owner(owners, read.values[source[name]], level_of[name], len(cell.ways))
        for name in dataset.measured
    }
    origin = predictions.provenance
    return replace(
        predictions,
        attributes={**predictions.attributes, **columns},
        provenance=replace(
            origin,
            details={
                **origin.details,
                "skin tone": f"measured on pixels, not recorded by anybody (measurement {MEASUREMENT}); it "
                "depends on light and exposure: compare within one capture condition only",
            },
        ),
        notes=(*predictions.notes, _note(read, dataset, owners, by_person=by_person)),
    )


def _by_owner(
    owners: NDArray[np.int32],
    values: NDArray[np.float64],
    level_of: Callable[[Sequence[float]], str],
    ways: int,
) -> Column:
    """One level an owner, from all that was measured on the owner's pictures."""
    measured: dict[int, list[float]] = {}
    for owner, value in zip(owners.tolist(), values.tolist(), strict=True):
        if np.isfinite(value):
            measured.setdefault(owner, []).append(value)
    level = {owner: level_of(found) for owner, found in measured.items()}
    levels = tuple(sorted(set(level.values())))
    code = {owner: levels.index(name) for owner, name in level.items()}
    rows = np.array([code.get(owner, -1) for owner in owners.tolist()], dtype=np.int32)
    return Column(np.tile(rows, ways), levels)


def _note(read: Readings, dataset: DatasetSpec, owners: NDArray[np.int32], *, by_person: bool) -> str:
    """What was measured, on how many pictures, why not on others, and how far those of one person differ."""
    angles = read.values["ita"]
    reasons = [read.why("ita")] if read.why("ita") else []
    if read.pictures > read.read:
        reasons.append(f"the picture cannot be read ({read.pictures - read.read:,})")
    known = read.read - sum(read.reasons["ita"].values())
    said = f"{', '.join(dataset.measured)}: measured on skin in {known:,} of {read.pictures:,} pictures"
    if reasons:
        said += f"; unknown where {'; '.join(reasons)}"
    if not by_person:
        return said
    said += f"; the tone of a {dataset.unit} is the median of its pictures"
    spreads = [np.ptp(angles[(owners == owner) & np.isfinite(angles)]) for owner in _repeated(owners, angles)]
    return f"{said}, which typically span {median(spreads):.0f} degrees of ITA" if spreads else said


def _repeated(owners: NDArray[np.int32], angles: NDArray[np.float64]) -> list[int]:
    """Owners of several pictures that were measured."""
    known, count = np.unique(owners[np.isfinite(angles)], return_counts=True)
    return [int(owner) for owner in known[count > 1]]
