"""Models and datasets that options, ini keys, hooks and entry points name, with all that is said of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from fer_audit.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    import pytest

    from fer_audit.catalog import Catalog, Named
    from fer_audit.datasets import DatasetSpec
    from fer_audit.models import ModelSpec

__all__ = ["ChosenCells", "choose_cells", "names_in"]

T = TypeVar("T", bound="Named")

_NARROWING = ("fer_slices", "fer_limit_people", "fer_measure", "fer_demographics", "fer_derive")


@dataclass(frozen=True, slots=True)
class ChosenCells:
    """Every model is audited on every dataset.

    Attributes:
        models: those chosen; empty where a run audits nothing.
        datasets: those chosen.
    """

    models: tuple[ModelSpec, ...]
    datasets: tuple[DatasetSpec, ...]


def choose_cells(config: pytest.Config) -> ChosenCells:
    """What this run audits on what.

    Raises:
        FerAuditError: a name is unknown, a file cannot be read, or options contradict each other.
    """
    models, here = config.getoption("fer_model") or [], config.invocation_params.dir
    if not models:
        models, here = config.getini("fer_models"), _configuration_folder(config)
    if not models:
        if config.getoption("fer_dataset") or any(config.getoption(name) for name in _NARROWING):
            raise ConfigurationError("something to audit on was chosen, but no model; add --fer-model=NAME")
        return ChosenCells((), ())
    # The wings are loaded here and no earlier: a suite without an audit pays for none of it.
    from fer_audit.catalog import Catalog
    from fer_audit.models import MODELS, ModelSpec, choose_model

    catalog = _with_hook(Catalog("model"), ModelSpec, config.hook.pytest_fer_models).with_installed(
        ModelSpec, MODELS
    )
    chosen = Catalog("chosen model", [choose_model(text, catalog, root=here) for text in models])
    return ChosenCells(tuple(chosen), _datasets(config, models))


def names_in(config: pytest.Config, option: str) -> list[str]:
    """The names that an option lists, with commas between them."""
    given: str | None = config.getoption(option)
    return [part.strip() for part in given.split(",")] if given is not None else []


def _datasets(config: pytest.Config, models: Sequence[str]) -> tuple[DatasetSpec, ...]:
    from fer_audit.catalog import Catalog
    from fer_audit.datasets import DATASETS, DatasetSpec, choose_dataset, rendered_faces
    from fer_audit.datasets.additions import with_demographics, with_derived

    catalog = _with_hook(
        Catalog("dataset", [rendered_faces()]), DatasetSpec, config.hook.pytest_fer_datasets
    ).with_installed(DatasetSpec, DATASETS)
    names, there = config.getoption("fer_dataset") or [], config.invocation_params.dir
    if not names:
        names, there = config.getini("fer_datasets"), _configuration_folder(config)
    if not names:
        raise ConfigurationError(
            f"model {models[0]!r} was chosen but no dataset; add --fer-dataset=faces (rendered, built in) "
            "or --fer-dataset=manifest=people.csv"
        )
    chosen = Catalog("chosen dataset", [choose_dataset(text, catalog, root=there) for text in names])
    tables = config.getoption("fer_demographics") or []
    known = with_demographics(tuple(chosen), tables, root=config.invocation_params.dir)
    return with_derived(known, names_in(config, "fer_derive"))


def _configuration_folder(config: pytest.Config) -> Path:
    """The folder that paths in the configuration are relative to."""
    return config.inipath.parent if config.inipath is not None else config.rootpath


def _with_hook(catalog: Catalog[T], kind: type[T], hook: Callable[[], list[Iterable[object]]]) -> Catalog[T]:
    """The catalogue with what conftests and plug-ins register."""
    try:
        items = [item for given in hook() for item in given]
    except Exception as error:
        raise ConfigurationError(
            f"a hook that registers a {catalog.kind} failed ({type(error).__name__}: {error}); "
            f"it returns a list of {kind.__name__}"
        ) from error
    return catalog.with_registered(kind, items)
