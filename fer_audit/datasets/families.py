"""Kinds of dataset that the command line knows, each written with the path of a copy: ``radiate=PATH``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fer_audit.catalog import Catalog
from fer_audit.datasets.chicago import CHICAGO
from fer_audit.datasets.demographic import (
    FAIRFACE,
    FAIRFACE_AGE,
    FAIRFACE_RACE,
    UTKFACE,
    UTKFACE_AGE,
    UTKFACE_RACE,
)
from fer_audit.datasets.posed import CKPLUS, FACE_PLACE, JAFFE, KDEF, RADIATE, RAFD
from fer_audit.datasets.wild import AFFECTNET, EXPW, FER2013, FERPLUS, RAFDB

if TYPE_CHECKING:
    from fer_audit.datasets.family import Family

__all__ = ["FAMILIES"]

FAMILIES: Catalog[Family] = Catalog(
    "dataset",
    (
        AFFECTNET,
        CHICAGO,
        CKPLUS,
        EXPW,
        FACE_PLACE,
        FAIRFACE,
        FAIRFACE_AGE,
        FAIRFACE_RACE,
        FER2013,
        FERPLUS,
        JAFFE,
        KDEF,
        RADIATE,
        RAFD,
        RAFDB,
        UTKFACE,
        UTKFACE_AGE,
        UTKFACE_RACE,
    ),
)
"""Every set that this package reads by name."""
