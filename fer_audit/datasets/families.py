"""Kinds of dataset that the command line knows, each written with the path of a copy: ``radiate=PATH``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fer_audit.catalog import Catalog
from fer_audit.datasets.chicago import CHICAGO
from fer_audit.datasets.posed import RADIATE

if TYPE_CHECKING:
    from fer_audit.datasets.family import Family

__all__ = ["FAMILIES"]

FAMILIES: Catalog[Family] = Catalog("dataset", (CHICAGO, RADIATE))
"""Every set that this package reads by name."""
