"""``fer-audit predict``: long runs ahead of the tests, into the store that the tests read."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import click

from fer_audit.cli.chosen import Chosen, choose_datasets, choose_models
from fer_audit.cli.declared import declared
from fer_audit.cli.progress import Progress
from fer_audit.cli.project import default_store
from fer_audit.cli.summary import pytest_line, summary
from fer_audit.errors import FerAuditError
from fer_audit.inference import Asking, gather
from fer_audit.models.remote import Limits
from fer_audit.store import PredictionStore, Spent

if TYPE_CHECKING:
    from fer_audit.datasets import DatasetSpec
    from fer_audit.models import ModelSpec

__all__ = ["predict"]

_GO_ON = "the same line goes on from there"
_INTERRUPTED = 130  # what a shell reports of a process that Ctrl-C ended


@dataclass(frozen=True, slots=True)
class _Cell:
    """One model on one dataset."""

    model: Chosen[ModelSpec]
    dataset: Chosen[DatasetSpec]

    @property
    def name(self) -> str:
        return f"{self.model.spec.name} on {self.dataset.spec.name}"


@click.command()
@declared("model", "dataset", "prompts", "repeats", "limit-people", "store", "live", "max-usd", "rpm", "tpm")
@click.option(
    "--batch",
    is_flag=True,
    help="Ask models on the network in batches, at half the price; it may take a day.",
)
def predict(
    *,
    model: tuple[str, ...],
    dataset: tuple[str, ...],
    prompts: int | None,
    repeats: int | None,
    limit_people: int | None,
    store: str | None,
    live: bool,
    max_usd: float | None,
    rpm: float | None,
    tpm: float | None,
    batch: bool,
) -> None:
    """Ask models for their answers ahead of the tests, which then read them from the store.

    What is answered is stored at once: stop with Ctrl-C, run the same line again, and it goes on from there,
    as here:

    \b
    fer-audit predict --model=mini-xception --dataset=faces
    fer-audit predict --model=gpt-4o --dataset=manifest=people.csv --live --max-usd=5
    fer-audit predict --model=gpt-4o --dataset=manifest=people.csv --live --batch
    """  # noqa: D301 - click reads \b
    if not model or not dataset:
        raise click.UsageError("name at least one model and one dataset: --model=NAME --dataset=faces")
    try:
        chosen = list(choose_models(model))
        among = list(choose_datasets(dataset))
        cells = [_Cell(one, other) for one in chosen for other in among]
    except FerAuditError as error:
        raise click.UsageError(str(error)) from error
    kept = PredictionStore(Path(store).expanduser() if store else default_store(Path.cwd()))
    asking = Asking(
        prompts=prompts or 1,
        repeats=repeats or 1,
        live=live,
        limits=Limits(requests_per_minute=rpm, tokens_per_minute=tpm),
        max_usd=max_usd,
        run=f"predict-{uuid4().hex}",
        batch=batch,
    )
    if batch:
        click.echo(f"A batch may take a day. End this with Ctrl-C when you like: {_GO_ON}", err=True)
    failed = []
    for cell in cells:
        try:
            click.echo(f"{cell.name}: {_fill(cell, kept, asking, limit_people)}")
        except FerAuditError as error:
            failed.append(cell)
            click.echo(f"{cell.name}: not finished: {error}", err=True)
        except KeyboardInterrupt:
            click.echo(f"interrupted at {cell.name}: what was answered is stored; {_GO_ON}", err=True)
            sys.exit(_INTERRUPTED)
        else:
            line = pytest_line(
                cell.model.text, cell.dataset.text, asking, store=store, limit_people=limit_people
            )
            click.echo(f"  judge it: {line}")
    click.echo(f"The answers are in {kept.path}")
    if failed:
        names = ", ".join(cell.name for cell in failed)
        raise click.ClickException(
            f"{len(failed)} of {len(cells)} not finished ({names}); what was answered is stored; {_GO_ON}"
        )


def _fill(cell: _Cell, store: PredictionStore, asking: Asking, limit_people: int | None) -> str:
    """Ask what is missing and sum up."""
    before = store.spent(asking.run)
    with Progress(cell.name, max_usd=asking.max_usd, spent=before.settled) as watch:
        predictions = gather(
            cell.model.spec,
            cell.dataset.spec,
            store,
            limit_people=limit_people,
            asking=replace(asking, watch=watch),
        )
    spent = store.spent(asking.run)
    cost = Spent(spent.settled - before.settled, spent.reserved - before.reserved)
    return summary(predictions, cell.model.spec, asking, cost)
