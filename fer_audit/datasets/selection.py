"""From a name on the command line to a dataset: ``faces``, ``radiate=PATH``, ``manifest=people.csv``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from fer_audit.datasets.manifest import manifest_dataset
from fer_audit.errors import ConfigurationError

if TYPE_CHECKING:
    from fer_audit.catalog import Catalog
    from fer_audit.datasets.specification import DatasetSpec

__all__ = ["DATASETS", "choose_dataset"]

DATASETS = "fer_audit.datasets"
"""The group of entry points under which packages offer datasets: a function that returns specifications."""


def choose_dataset(text: str, catalog: Catalog[DatasetSpec], *, root: Path) -> DatasetSpec:
    """The dataset that ``NAME`` or ``manifest=PATH`` asks for.

    Args:
        text: the option's value.
        catalog: every registered dataset.
        root: the folder that relative paths start from.

    Raises:
        UnknownNameError: nobody registered the name.
        ConfigurationError: a path where none is taken, or none where one is needed.
        DatasetError: the manifest cannot be read.
    """
    name, equals, path = text.partition("=")
    if name == "manifest":
        if not path:
            raise ConfigurationError("dataset 'manifest' needs its file: manifest=PATH.csv (or .parquet)")
        return manifest_dataset(root / Path(path).expanduser())
    if equals:
        spec = catalog[name]
        raise ConfigurationError(f"dataset {spec.name!r} takes no path, but {path!r} was given; write {name}")
    return catalog[name]
