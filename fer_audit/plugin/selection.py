"""What a run audits: options, ini keys, hooks and entry points resolved into cells, once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from fer_audit.errors import ConfigurationError, UnknownNameError, did_you_mean
from fer_audit.plugin.choosing import choose_cells, names_in
from fer_audit.records import Slicing

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pytest

    from fer_audit.datasets import DatasetSpec
    from fer_audit.models import ModelSpec

__all__ = ["Case", "Grid", "Selection", "Source", "select"]


@dataclass(frozen=True, slots=True)
class Source:
    """One cell before it is gathered: a model on a dataset, or a finished prediction table.

    Attributes:
        model: short name.
        dataset: short name.
        attributes: columns that slicings may name.
        slicings: what a test without a ``slices`` marker is judged on.
        model_spec: the model; None for a table.
        dataset_spec: the dataset; None for a table.
        table: the prediction table; None for a model.
        measure: covariates of its pictures that this run asks for: columns, or measured on the pixels.
        derive: attributes that are derived from columns of a table; a dataset derives its own.
    """

    model: str
    dataset: str
    attributes: tuple[str, ...]
    slicings: tuple[Slicing, ...]
    model_spec: ModelSpec | None = None
    dataset_spec: DatasetSpec | None = None
    table: Path | None = None
    measure: tuple[str, ...] = ()
    derive: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The cell inside a test id: ``model-dataset``."""
        return f"{self.model}-{self.dataset}"

    @property
    def covariates(self) -> tuple[str, ...]:
        """Columns of numbers that are known without measuring."""
        from fer_audit.tables import floats

        if self.table is not None:
            return floats(self.table)
        return self.dataset_spec.covariates if self.dataset_spec is not None else ()

    @property
    def unit(self) -> str:
        """What one identity is, as reports write it."""
        return self.dataset_spec.unit if self.dataset_spec is not None else "person"

    def has(self, slicing: Slicing) -> bool:
        """Whether every attribute of the slicing is a column here."""
        return set(slicing.attributes) <= set(self.attributes)


@dataclass(frozen=True, slots=True)
class Case:
    """One audit: a cell judged on one slicing.

    Attributes:
        source: the cell.
        slicing: how its people are grouped.
    """

    source: Source
    slicing: Slicing

    @property
    def id(self) -> str:
        """The case inside a test id: ``model-dataset-gender_x_race``."""
        return f"{self.source.id}-{self.slicing.id}"


@dataclass(frozen=True, slots=True)
class Grid:
    """The audits of one test.

    Attributes:
        cases: each cell judged on each slicing that applies to it.
        lacking: slicings asked for that a cell does not have, as ``slicing on model-dataset``.
    """

    cases: tuple[Case, ...]
    lacking: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Selection:
    """What a run audits.

    Attributes:
        sources: every cell; empty where no model was chosen.
        registered: slicings registered by hook, by name.
        only: slicings of ``--fer-slices``; empty for all.
    """

    sources: tuple[Source, ...]
    registered: dict[str, Slicing]
    only: tuple[Slicing, ...]

    def grid(self, marked: Sequence[Slicing]) -> Grid:
        """The audits of one test.

        Args:
            marked: slicings its ``slices`` markers name; none means each dataset's own.

        Raises:
            ConfigurationError: no chosen dataset has a slicing that the marker names.
        """
        for slicing in marked:
            self.check(slicing)
        only = {slicing.name for slicing in self.only}
        cases, lacking = [], []
        for source in self.sources:
            own = {slicing.name: slicing for slicing in source.slicings} | self.registered
            for named in marked or self.only or tuple(own.values()):
                if only and named.name not in only:
                    continue
                # Whoever names attributes means the slicing declared of them, with what it leaves out.
                slicing = named if named.without else own.get(named.name, named)
                if source.has(slicing):
                    cases.append(Case(source, slicing))
                else:
                    lacking.append(f"{slicing.name} on {source.id}")
        return Grid(tuple(cases), tuple(lacking))

    def check(self, slicing: Slicing) -> None:
        """Raise ConfigurationError unless some chosen cell has every attribute of the slicing."""
        if any(source.has(slicing) for source in self.sources):
            return
        known = sorted({attribute for source in self.sources for attribute in source.attributes})
        unknown = [attribute for attribute in slicing.attributes if attribute not in known]
        hint = did_you_mean(unknown[0], known) if unknown else "no dataset has all of them together"
        raise ConfigurationError(f"no chosen dataset has the slicing {slicing.name!r}; {hint}")


def select(config: pytest.Config) -> Selection:
    """Resolve what this run audits.

    Raises:
        FerAuditError: a name is unknown, a file cannot be read, or options contradict each other.
    """
    registered: dict[str, Slicing] = {}
    for given in config.hook.pytest_fer_slices():
        for slicing in given:
            if not isinstance(slicing, Slicing):
                raise ConfigurationError(
                    f"the hook pytest_fer_slices gave {slicing!r:.60}; it returns a list of Slicing"
                )
            registered[slicing.name] = slicing
    wanted = config.getoption("fer_slices")
    only = tuple(Slicing(part) for part in wanted.split(",")) if wanted else ()
    selection = Selection(_with_measures(config, _sources(config)), registered, only)
    for slicing in only:
        selection.check(slicing)
    return selection


def _sources(config: pytest.Config) -> list[Source]:
    table = config.getoption("fer_predictions")
    if table is not None:
        if not table:
            raise ConfigurationError(
                "an empty name was given for the prediction table; name a .csv or .parquet file"
            )
        if config.getoption("fer_model") or config.getoption("fer_dataset"):
            raise ConfigurationError(
                "a prediction table was given together with a model or a dataset; it needs neither: "
                "give the table alone"
            )
        if config.getoption("fer_demographics"):
            raise ConfigurationError(
                "a prediction table was given together with a table of demographics; a prediction table "
                "brings its own columns: add them to it"
            )
        return [_table_source(config, table)]
    cells = choose_cells(config)
    sources = [
        Source(model.name, dataset.name, dataset.attributes, dataset.slicings, model, dataset)
        for model in cells.models
        for dataset in cells.datasets
    ]
    _check_distinct(sources)
    _check_groupable(sources)
    return sources


def _with_measures(config: pytest.Config, sources: Sequence[Source]) -> tuple[Source, ...]:
    """The cells, each with those of the wanted covariates that it can have.

    Raises:
        ConfigurationError: no cell can have one of them.
    """
    given = config.getoption("fer_measure")
    names = [part.strip() for part in given.split(",")] if given is not None else config.getini("fer_measure")
    if not names or not sources:
        return tuple(sources)
    from fer_audit.covariates import COVARIATES

    pixels = {covariate.name for covariate in COVARIATES}
    offered = [
        {*source.attributes, *source.covariates, *(pixels if source.table is None else ())}
        for source in sources
    ]
    for name in names:
        if any(name in known for known in offered):
            continue
        if name in pixels and given is None:
            # What a project measures on pictures is not asked of a table, which has none.
            continue
        if name in pixels:
            raise ConfigurationError(
                f"{name!r} cannot be measured: a prediction table has no pictures. Add a column {name!r} of "
                "numbers to it, or audit a dataset with --fer-model and --fer-dataset"
            )
        hint = did_you_mean(name, set().union(*offered))
        raise UnknownNameError(f"unknown covariate {name!r}; {hint}")
    return tuple(
        replace(source, measure=tuple(name for name in dict.fromkeys(names) if name in known))
        for source, known in zip(sources, offered, strict=True)
    )


def _check_distinct(sources: Sequence[Source]) -> None:
    names = [source.id for source in sources]
    for name in names:
        if names.count(name) > 1:
            raise ConfigurationError(f"two cells would both be called {name!r}; give a model another ALIAS=")


def _check_groupable(sources: Sequence[Source]) -> None:
    for source in sources:
        if not source.attributes:
            raise ConfigurationError(
                f"dataset {source.dataset!r} has no column to group its people by; join one to it, such as "
                "gender by identity: --fer-demographics=FILE"
            )


def _table_source(config: pytest.Config, text: str) -> Source:
    from fer_audit.inference.deriving import check_table_derives
    from fer_audit.predictions import TABLE_COLUMNS, table_name
    from fer_audit.tables import groupable, header, require_columns

    path = config.invocation_params.dir / Path(text).expanduser()
    names = header(path)
    require_columns(names, TABLE_COLUMNS[:3], where=path.name)
    attributes = tuple(name for name in groupable(path) if name not in TABLE_COLUMNS)
    if not attributes:
        raise ConfigurationError(
            f"{path.name}: no column to slice by; add one such as gender beside {', '.join(TABLE_COLUMNS)}"
        )
    slicings = tuple(Slicing((attribute,)) for attribute in attributes)
    derive = names_in(config, "fer_derive")
    check_table_derives(derive, names)
    return Source(
        table_name(path), "table", (*attributes, *derive), slicings, table=path, derive=tuple(derive)
    )
