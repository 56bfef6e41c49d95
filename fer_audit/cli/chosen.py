"""Models and datasets that a command line names, as the plug-in would find them without a conftest."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

from fer_audit.catalog import Catalog
from fer_audit.datasets import DATASETS, DatasetSpec, choose_dataset, rendered_faces
from fer_audit.errors import ConfigurationError, UnknownNameError
from fer_audit.models import MODELS, ModelSpec, Role, choose_model

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["Chosen", "choose_datasets", "choose_models", "registered_models"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Chosen(Generic[T]):
    """What was chosen, and how.

    Attributes:
        text: as it was written on the command line; pytest takes the same.
        spec: the model or dataset.
    """

    text: str
    spec: T


def registered_models() -> Catalog[ModelSpec]:
    """The models that installed packages offer.

    Raises:
        ConfigurationError: a package fails, or offers something else.
    """
    return Catalog[ModelSpec]("model").with_installed(ModelSpec, MODELS)


def choose_models(names: Sequence[str]) -> Iterator[Chosen[ModelSpec]]:
    """The models of these names; each must be one whose answers are kept.

    Raises:
        ConfigurationError: a name is unknown or given twice, or its answers are never stored.
        ModelError: a file cannot be used.
    """
    catalog = registered_models()
    with _as_pytest_knows(MODELS):
        chosen = Catalog("chosen model", [choose_model(name, catalog, root=Path.cwd()) for name in names])
    for name, model in zip(names, chosen, strict=True):
        if model.role is Role.STAND_IN or model.describe is None:
            why = "it is a stand-in" if model.role is Role.STAND_IN else "nothing tells when it has changed"
            raise ConfigurationError(
                f"answers of model {model.name!r} are never stored ({why}), so that asking ahead is in vain; "
                f"let pytest ask it: --fer-model={name}"
            )
        yield Chosen(name, model)


def choose_datasets(names: Sequence[str]) -> Iterator[Chosen[DatasetSpec]]:
    """The datasets of these names.

    Raises:
        ConfigurationError: a name is unknown or given twice.
        DatasetError: a manifest cannot be read.
    """
    catalog = Catalog("dataset", [rendered_faces()]).with_installed(DatasetSpec, DATASETS)
    with _as_pytest_knows(DATASETS):
        specs = [choose_dataset(name, catalog, root=Path.cwd()) for name in names]
    for name, spec in zip(names, Catalog("chosen dataset", specs), strict=True):
        yield Chosen(name, spec)


@contextmanager
def _as_pytest_knows(group: str) -> Iterator[None]:
    """Say of an unknown name that pytest may know it."""
    try:
        yield
    except UnknownNameError as error:
        raise UnknownNameError(
            f"{error}. What a conftest.py registers is known to pytest only; a package makes it known here "
            f"by an entry point of the group {group!r}"
        ) from error
