"""What options add to datasets that were chosen by name: joined tables, and attributes derived from them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from fer_audit.datasets.deriving import AGE_BAND, MEASURED_TONES, age_bands, skin_tone
from fer_audit.datasets.joining import joined
from fer_audit.errors import ConfigurationError, UnknownNameError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fer_audit.datasets.specification import DatasetSpec

__all__ = ["DERIVED", "check_derived", "with_demographics", "with_derived"]

DERIVED = (AGE_BAND, *MEASURED_TONES)
"""Attributes that ``--derive`` can name."""

_AGE = "age"


def with_demographics(
    specs: Sequence[DatasetSpec], texts: Sequence[str], *, root: Path
) -> tuple[DatasetSpec, ...]:
    """The chosen datasets, each with the tables of demographics that are meant for it.

    Args:
        specs: the chosen datasets.
        texts: of the option: ``FILE`` where one dataset is chosen, else ``NAME=FILE``.
        root: the folder that relative paths start from.

    Raises:
        ConfigurationError: a table is for none of the datasets, or nobody can tell for which.
        DatasetError: a table cannot be joined.
    """
    found = {spec.name: spec for spec in specs}
    for text in texts:
        name, equals, path = text.partition("=")
        if not equals or name not in found:
            if len(found) != 1:
                names = ", ".join(found) or "none"
                raise ConfigurationError(
                    f"demographics {text!r}: {len(found)} datasets are chosen ({names}); say for which the "
                    "table is: NAME=FILE"
                )
            (name,), path = found, text
        if not path:
            raise ConfigurationError("demographics: an empty name was given; name a .csv or .parquet file")
        found[name] = joined(found[name], root / Path(path).expanduser())
    return tuple(found.values())


def with_derived(specs: Sequence[DatasetSpec], names: Sequence[str]) -> tuple[DatasetSpec, ...]:
    """The chosen datasets with derived attributes by name, each with those that its columns allow.

    A dataset that bands ages itself keeps its bands.

    Raises:
        UnknownNameError: nothing of that name can be derived.
        ConfigurationError: no dataset has the column that an attribute is derived from.
        DuplicateNameError: a dataset has a column of the name of what is to be measured.
    """
    check_derived(names)
    measured = [name for name in names if name in MEASURED_TONES]
    found = [skin_tone(spec, *measured) if measured else spec for spec in specs]
    if AGE_BAND in names:
        found = [age_bands(spec) if _can_band(spec) else spec for spec in found]
        if not any(AGE_BAND in spec.attributes for spec in found):
            raise ConfigurationError(
                f"{AGE_BAND!r} cannot be derived: no chosen dataset has a column {_AGE!r} of years; join one "
                "from a table of demographics"
            )
    return tuple(found)


def _can_band(spec: DatasetSpec) -> bool:
    """Whether a dataset says ages in years and no bands of its own."""
    return _AGE in (*spec.attributes, *spec.covariates) and AGE_BAND not in spec.attributes


def check_derived(names: Sequence[str]) -> None:
    """Raise UnknownNameError unless each name is one that can be derived."""
    for name in names:
        if name not in DERIVED:
            raise UnknownNameError(f"unknown derived attribute {name!r}; {did_you_mean(name, DERIVED)}")
