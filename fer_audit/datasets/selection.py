"""From a name on the command line to a dataset: ``faces``, ``radiate=PATH``, ``manifest=people.csv``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from fer_audit.datasets.families import FAMILIES
from fer_audit.datasets.inventory import NoFacesError
from fer_audit.datasets.manifest import manifest_dataset
from fer_audit.datasets.specification import DatasetSpec
from fer_audit.errors import (
    ConfigurationError,
    DatasetError,
    DuplicateNameError,
    UnknownNameError,
    did_you_mean,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fer_audit.catalog import Catalog
    from fer_audit.datasets.family import Family
    from fer_audit.datasets.specification import Dataset

__all__ = ["DATASETS", "choose_dataset", "dataset_from"]

DATASETS = "fer_audit.datasets"
"""The group of entry points under which packages offer datasets: a function that returns specifications."""


def choose_dataset(text: str, catalog: Catalog[DatasetSpec], *, root: Path) -> DatasetSpec:
    """The dataset that ``NAME``, ``FAMILY=PATH``, ``ALIAS=FAMILY=PATH`` or ``manifest=PATH`` asks for.

    Args:
        text: the option's value.
        catalog: datasets registered by hooks and entry points, beside the families that are read by name.
        root: the folder that relative paths start from.

    Raises:
        UnknownNameError: nobody registered the name.
        ConfigurationError: a path where none is taken, or none where one is needed.
        DuplicateNameError: a dataset registered under the name of a family was asked for with a path.
        DatasetError: the manifest cannot be read.
    """
    name, equals, path = text.partition("=")
    if name == "manifest":
        if not path:
            raise ConfigurationError("dataset 'manifest' needs its file: manifest=PATH.csv (or .parquet)")
        return manifest_dataset(root / Path(path).expanduser())
    if not equals and name in catalog:
        return catalog[name]
    if name in FAMILIES:
        return _of_family(name, path, catalog, root)
    inner, _, rest = path.partition("=")
    if inner in FAMILIES:
        return replace(_of_family(inner, rest, catalog, root), name=name)
    if name not in catalog:
        known = ["manifest", *(item.name for group in (catalog, FAMILIES) for item in group)]
        raise UnknownNameError(f"unknown dataset {name!r}; {did_you_mean(name, known)}")
    raise ConfigurationError(f"dataset {name!r} takes no path, but {path!r} was given; write {name}")


def dataset_from(
    family: str,
    path: Path,
    *,
    name: str | None = None,
    codes: Mapping[str, str] | None = None,
    most_images: int | None = None,
) -> DatasetSpec:
    """A copy of a known set, with what this copy needs to be told; nothing is read until it is opened.

    Args:
        family: the set's short name, as on the command line.
        path: its folder or file.
        name: a short name of its own; the set's without one.
        codes: labels of codes that the set has beside its usual ones, e.g. ``{"CC": "calm"}``.
        most_images: nobody is in more pictures than this. For sets that do not say who is in a picture: no
            verdict is reached on one without it.

    Raises:
        UnknownNameError: no set of that name is known.
        ConfigurationError: a number of pictures below one, or for a set that says who is in each.

    >>> from pathlib import Path
    >>> dataset_from("radiate", Path("/data/radiate"), codes={"CC": "calm"}).attributes
    ('race', 'gender', 'mouth')
    """
    found = FAMILIES[family]
    if most_images is not None and (most_images < 1 or found.identified):
        why = "the set says who is in each picture" if found.identified else "it must be 1 or more"
        raise ConfigurationError(f"dataset {family!r}: most_images={most_images} makes no sense: {why}")
    meant = found.codes if codes is None else found.codes.meaning(codes)

    def opened() -> Dataset:
        try:
            return found.open(path, meant)
        except NoFacesError as error:
            raise DatasetError(f"{error}{_looks_like(error, found, path)}") from error

    return DatasetSpec(
        name=name or found.name,
        open=opened,
        attributes=found.attributes,
        slicings=found.slicings,
        covariates=found.covariates,
        identified=found.identified,
        most_images=most_images,
        task=found.task,
        origin=found.origin,
    )


def _of_family(family: str, path: str, catalog: Catalog[DatasetSpec], root: Path) -> DatasetSpec:
    if family in catalog:
        raise DuplicateNameError(
            f"dataset {family!r} is registered with a copy of its own; write {family}, or give yours another "
            f"name: ALIAS={family}=PATH"
        )
    if not path:
        origin = FAMILIES[family].origin
        raise ConfigurationError(
            f"dataset {family!r} needs its folder or file: {family}=PATH. A copy is had from "
            f"{origin.request} ({origin.licence})"
        )
    return dataset_from(family, root / Path(path).expanduser())


def _looks_like(error: NoFacesError, asked: Family, path: Path) -> str:
    """Which other set's names these are, as a sentence; empty where they are no set's."""
    files = [skipped.entry for skipped in error.inventory.skipped]
    # A set that is known under several names, one for each thing it labels, is one set.
    others = [family for family in FAMILIES if family.origin != asked.origin]
    named = [sum(family.names(file) for file in files) for family in others]
    most = max(named, default=0)
    if not most:
        return ""
    best = others[named.index(most)]
    are = "is" if most == 1 else "are"
    return f". {most:,} of them {are} named as those of {best.origin.title}: try {best.name}={path}"
