"""From a folder to the faces of the Chicago Face Database, with the norming data of each person."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

import numpy as np

from fer_audit.datasets.chicago.names import CODES, SCHEME
from fer_audit.datasets.chicago.norming import NUMBERS, UNKNOWN, WORKBOOK, Norming, is_norming, read_norming
from fer_audit.datasets.family import Family
from fer_audit.datasets.inventory import Origin
from fer_audit.datasets.naming import open_named
from fer_audit.errors import DatasetError, MissingExtraError
from fer_audit.records import Slicing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from fer_audit.datasets.codes import Codes
    from fer_audit.datasets.folder import FolderDataset
    from fer_audit.tables import Column

__all__ = ["CHICAGO"]

_ORIGIN = Origin(
    title="Chicago Face Database",
    citation="Ma, Correll and Wittenbrink, The Chicago Face Database: A free stimulus set of faces and "
    "norming data, Behavior Research Methods 47 (2015) 1122-1135; of CFD-MR: Ma, Kantner and Wittenbrink, "
    "Chicago Face Database: Multiracial expansion, Behavior Research Methods (2020); of CFD-INDIA: Lakshmi, "
    "Wittenbrink, Correll and Ma, The India Face Set, Frontiers in Psychology 12 (2021) 627678",
    licence="for research; not to be passed on",
    request="the set's site, chicagofaces.org",
)


def _open(root: Path, codes: Codes) -> FolderDataset:
    opened = open_named(root, _ORIGIN, SCHEME, codes)
    books = tuple(one.entry for one in opened.inventory.skipped if is_norming(one.entry))
    if len(books) > 1:
        raise DatasetError(
            f"{_ORIGIN.title}: {len(books)} workbooks of norming data ({', '.join(map(repr, books[:3]))}); "
            "which of them belongs to these pictures is not known, so leave one in the folder"
        )
    # Names of the set say who is in each picture.
    identity = cast("Column", opened.faces.identity)
    inventory = replace(
        opened.inventory,
        annotations=books,
        skipped=tuple(one for one in opened.inventory.skipped if one.entry not in books),
    )
    norming = Norming(remarks=(f"no {WORKBOOK!r} there: {', '.join(NUMBERS)} are not known",))
    for book in books:
        try:
            norming = read_norming(root / book, book, identity.levels)
        except MissingExtraError as error:
            norming = Norming(remarks=(f"{book!r} is not read: {error}",))
    numbers = np.array([norming.numbers.get(person, UNKNOWN) for person in identity.levels])
    return replace(
        opened,
        faces=replace(opened.faces, covariates=dict(zip(NUMBERS, numbers[identity.codes].T, strict=True))),
        inventory=inventory,
        details={
            **inventory.describe(_ORIGIN),
            "norming data": "; ".join((*_known(numbers), *norming.remarks)),
        },
    )


def _known(numbers: NDArray[np.float64]) -> Iterator[str]:
    """Of how many people each number is known."""
    for name, known in zip(NUMBERS, np.isfinite(numbers).sum(0).tolist(), strict=True):
        if known:
            yield f"{name} of {known:,} of {len(numbers):,} people"


CHICAGO = Family(
    name="chicago",
    origin=_ORIGIN,
    open=_open,
    codes=CODES,
    attributes=SCHEME.attributes,
    slicings=(Slicing("race"), Slicing("gender"), Slicing("race*gender")),
    covariates=NUMBERS,
    pattern=SCHEME.pattern,
)
"""The set with its extensions, as ``--dataset=chicago=PATH``."""
