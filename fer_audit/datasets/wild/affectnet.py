"""AffectNet: pictures found on the web by words of emotion, labelled by one person each.

Two layouts are read: tables (``training.csv`` and ``validation.csv``, of which one copy has no header) and
small arrays (``train_set/annotations/5_exp.npy`` for ``train_set/images/5.jpg``). Nothing is known of the
people; their groups come from elsewhere. A picture is read whole, whatever box its row gives.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fer_audit.datasets.codes import Codes
from fer_audit.datasets.family import Family
from fer_audit.datasets.inventory import Origin
from fer_audit.datasets.walking import list_files
from fer_audit.datasets.wild.affectnet_arrays import is_array, open_arrays
from fer_audit.datasets.wild.affectnet_tables import is_table, open_tables
from fer_audit.errors import DatasetError
from fer_audit.vocabulary import Expression

if TYPE_CHECKING:
    from pathlib import Path

    from fer_audit.datasets.folder import FolderDataset

__all__ = ["AFFECTNET"]

_ORIGIN = Origin(
    title="AffectNet",
    citation="Mollahosseini, Hasani and Mahoor, AffectNet: a database for facial expression, valence, and "
    "arousal computing in the wild, IEEE Transactions on Affective Computing 10 (2019) 18-31",
    licence="for research; not to be passed on",
    request="its authors",
)
_CODES = Codes(
    {
        "0": Expression.NEUTRAL,
        "1": Expression.HAPPINESS,
        "2": Expression.SADNESS,
        "3": Expression.SURPRISE,
        "4": Expression.FEAR,
        "5": Expression.DISGUST,
        "6": Expression.ANGER,
        "7": Expression.CONTEMPT,
    },
    outside={"8": "none", "9": "uncertain", "10": "no face"},
)


def _open(root: Path, codes: Codes) -> FolderDataset:
    listing = list_files(root, _ORIGIN)
    tables = [file for file in listing.files if is_table(file)]
    arrays = any(is_array(file) for file in listing.files)
    if tables and arrays:
        raise DatasetError(
            f"{_ORIGIN.title}: {tables[0]} and arrays such as 5_exp.npy are both there, and may label one "
            "picture in two ways; give the folder that holds one of the two layouts"
        )
    if arrays:
        return open_arrays(listing, _ORIGIN, codes)
    return open_tables(listing, tables, _ORIGIN, codes)


AFFECTNET = Family(
    name="affectnet",
    origin=_ORIGIN,
    open=_open,
    codes=_CODES,
    attributes=("split",),
    slicings=(),
    covariates=("valence", "arousal"),
    identified=False,
)
"""The set, as ``--dataset=affectnet=PATH``."""
