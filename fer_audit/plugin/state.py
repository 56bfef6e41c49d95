"""What one pytest process knows of its audits: the selection, and the cells it has gathered."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fer_audit.errors import ConfigurationError, FerAuditError, ModelError

if TYPE_CHECKING:
    from fer_audit.audit import Audit
    from fer_audit.baseline import Baseline
    from fer_audit.inference import Asking
    from fer_audit.plugin.selection import Case, Selection, Source
    from fer_audit.predictions import Predictions
    from fer_audit.stats.settings import Settings
    from fer_audit.store import PredictionStore

__all__ = ["AUDIT", "FINDINGS", "STATE", "State", "carries_findings"]

FINDINGS = "fer_audit_findings"
"""The attribute of a test report under which its verdicts travel."""


class State:
    """One process's audits. Everything is made on first use: a suite without an audit pays nothing."""

    def __init__(self, config: pytest.Config, cells: Path) -> None:
        self._config = config
        self._cells = cells
        self._gathered: tuple[Source, Predictions | FerAuditError] | None = None
        self._audits: dict[Case, Audit] = {}
        self.not_applicable: set[str] = set()

    @cached_property
    def selection(self) -> Selection:
        """What this run audits.

        Raises:
            pytest.UsageError: what was asked for does not exist or contradicts itself.
        """
        from fer_audit.plugin.selection import select

        try:
            return select(self._config)
        except FerAuditError as error:
            raise pytest.UsageError(str(error)) from error

    @property
    def is_chosen(self) -> bool:
        """Whether anything was chosen to be audited, by option or ini key."""
        config = self._config
        asked = (
            "model",
            "dataset",
            "predictions",
            "slices",
            "limit_people",
            "measure",
            "demographics",
            "derive",
        )
        given = any(config.getoption(f"fer_{name}") is not None for name in asked)
        return given or bool(config.getini("fer_models"))

    @property
    def limit_people(self) -> int | None:
        """The number of people of a smoke run."""
        limit: int | None = self._config.getoption("fer_limit_people")
        return limit

    @cached_property
    def asking(self) -> Asking:
        """In how many ways models are asked, and whether and how fast those on the network are."""
        from fer_audit.inference import Asking
        from fer_audit.models.remote import Limits

        chosen = self._config.getoption
        return Asking(
            prompts=chosen("fer_prompts") or 1,
            repeats=chosen("fer_repeats") or 1,
            live=bool(chosen("fer_live")),
            limits=Limits(requests_per_minute=chosen("fer_rpm"), tokens_per_minute=chosen("fer_tpm")),
            max_usd=chosen("fer_max_usd"),
            # The folder of the cells is new for each run, and the same in all its workers.
            run=self._cells.name,
        )

    @cached_property
    def settings(self) -> Settings:
        """Error probability and floors of every criterion of this run.

        Raises:
            pytest.UsageError: ``fer_alpha`` is no number between 0 and 1.
        """
        from fer_audit.stats.settings import Settings

        text = self._config.getini("fer_alpha")
        try:
            return Settings(alpha=float(text))
        except (ValueError, ConfigurationError) as error:
            raise pytest.UsageError(f"fer_alpha = {text!r}: {error}; give a number such as 0.05") from error

    @cached_property
    def baseline(self) -> Baseline | None:
        """The earlier run that changes are judged against; read before this run's report replaces it.

        Raises:
            pytest.UsageError: it is no whole earlier run.
        """
        chosen = self._config.getoption("fer_baseline")
        if not chosen:
            return None
        from fer_audit.baseline import open_baseline

        try:
            return open_baseline(self._config.invocation_params.dir / Path(chosen).expanduser())
        except FerAuditError as error:
            raise pytest.UsageError(f"--fer-baseline={chosen}: {error}") from error

    @cached_property
    def store(self) -> PredictionStore:
        """The prediction store; made on the first answer."""
        from fer_audit.store import PredictionStore

        chosen = self._config.getoption("fer_store")
        if chosen:
            return PredictionStore(self._config.invocation_params.dir / Path(chosen).expanduser())
        return PredictionStore(self._config.rootpath / ".fer_audit" / "store")

    def audit(self, case: Case) -> Audit:
        """The judge of one case, with nothing required yet.

        Raises:
            FerAuditError: the cell cannot be gathered or is not complete.
        """
        from fer_audit.audit import Audit

        predictions = self._predictions(case.source)
        if case not in self._audits:
            own = case.slicing in case.source.slicings
            # Of the dataset's own slicings nobody here has asked for what is left out.
            slicing = predictions.divided(case.slicing) if own else case.slicing
            self._audits[case] = Audit(predictions, slicing, settings=self.settings, baseline=self.baseline)
        return self._audits[case].renewed()

    def _predictions(self, source: Source) -> Predictions:
        # Items are grouped by cell, so one in memory is enough; what failed once fails for all its tests.
        if self._gathered is None or self._gathered[0] != source:
            self._audits.clear()
            try:
                predictions = self._gather(source)
                self._write_cell(source, predictions)
                self._gathered = (source, predictions)
            except FerAuditError as error:
                self._gathered = (source, error)
            except Exception as error:  # noqa: BLE001 - a model or dataset of others may raise anything
                self._gathered = (source, ModelError(f"cell {source.id!r}: {type(error).__name__}: {error}"))
        result = self._gathered[1]
        if isinstance(result, FerAuditError):
            raise result
        return result

    def _gather(self, source: Source) -> Predictions:
        from fer_audit.inference import gather, with_columns
        from fer_audit.inference.deriving import derived_columns
        from fer_audit.predictions import Predictions

        if source.table is not None:
            return derived_columns(
                with_columns(Predictions.read(source.table), source.measure), source.derive
            )
        if source.model_spec is None or source.dataset_spec is None:
            raise ConfigurationError(f"cell {source.id!r} has neither a table nor a model with a dataset")
        return gather(
            source.model_spec,
            source.dataset_spec,
            self.store,
            limit_people=self.limit_people,
            measure=source.measure,
            asking=self.asking,
        )

    def _write_cell(self, source: Source, predictions: Predictions) -> None:
        from fer_audit.report.cells import CellTable, write_cell

        self._cells.mkdir(mode=0o700, parents=True, exist_ok=True)
        image_set = predictions.provenance.details.get("image set", "")
        write_cell(CellTable(predictions, image_set), self.cell_file(source))

    def cell_file(self, source: Source) -> Path:
        """Where the process that gathers a cell leaves it for the one that reports."""
        return self._cells / f"{self.selection.sources.index(source)}.parquet"


def carries_findings(report: pytest.TestReport) -> bool:
    """Whether a test report is that of an audit."""
    return FINDINGS in vars(report)


STATE = pytest.StashKey[State]()
AUDIT: pytest.StashKey[Audit] = pytest.StashKey()
"""The judge that a test was given, on its item."""
