"""Kinds of dataset that the command line knows, each written with the path of a copy: ``radiate=PATH``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fer_audit.catalog import Catalog
from fer_audit.datasets.posed import CKPLUS, FACE_PLACE, JAFFE, KDEF, RADIATE, RAFD
from fer_audit.datasets.wild import AFFECTNET, EXPW, FER2013, FERPLUS, RAFDB

if TYPE_CHECKING:
    from fer_audit.datasets.family import Family

__all__ = ["FAMILIES"]

_POSED = (CKPLUS, FACE_PLACE, JAFFE, KDEF, RADIATE, RAFD)
_WILD = (AFFECTNET, EXPW, FER2013, FERPLUS, RAFDB)

FAMILIES: Catalog[Family] = Catalog("dataset", (*_POSED, *_WILD))
"""Every set that this package reads by name."""
