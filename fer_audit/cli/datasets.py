"""``fer-audit datasets``: which sets can be read by name, and what a copy of one holds and could decide."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click
from tqdm import tqdm

from fer_audit.cli.chosen import choose_datasets
from fer_audit.cli.load_text import as_text
from fer_audit.datasets.families import FAMILIES
from fer_audit.datasets.load_report import load_report
from fer_audit.errors import FerAuditError
from fer_audit.inference import gather
from fer_audit.models.oracle import oracle
from fer_audit.planning.decidable import decidable
from fer_audit.records import Slicing
from fer_audit.store import PredictionStore

if TYPE_CHECKING:
    from fer_audit.datasets import DatasetSpec
    from fer_audit.planning.decidable import Decidable
    from fer_audit.predictions import Predictions

__all__ = ["datasets"]


@click.group(invoke_without_command=True)
@click.pass_context
def datasets(context: click.Context) -> None:
    """List the datasets that are read by name, and how to ask for a copy of each."""
    if context.invoked_subcommand is not None:
        return
    click.echo("faces: the embedded faces, rendered; nothing to ask for")
    click.echo("manifest=PATH.csv: faces of your own, listed as image, identity, expression and groups")
    for family in FAMILIES:
        origin = family.origin
        people = "" if family.identified else "; says nothing of who is in a picture"
        click.echo(f"{family.name}=PATH: {origin.title}, for {family.task} recognition{people}")
        click.echo(f"  ask: {origin.request}")
        click.echo(f"  licence: {origin.licence}")
        click.echo(f"  cite: {origin.citation}")
    click.echo("Check a copy: fer-audit datasets check NAME=PATH")


@datasets.command()
@click.argument("dataset", metavar="NAME=PATH")
@click.option("--by", metavar="A*B", multiple=True, help="Another slicing than the dataset's own.")
@click.option("--all", "everything", is_flag=True, help="Name every file that was skipped.")
@click.option("--json", "as_json", is_flag=True, help="Print the report for machines.")
def check(dataset: str, by: tuple[str, ...], *, everything: bool, as_json: bool) -> None:
    """Say what a copy of a dataset holds, what was skipped and why, and what it could decide.

    No picture is opened and no model asked. Examples:

    \b
    fer-audit datasets check radiate=/data/RADIATE
    fer-audit datasets check rafdb=/data/RAF-DB --by=race.gender
    """  # noqa: D301 - click reads \b
    try:
        (chosen,) = choose_datasets([dataset])
        spec = chosen.spec
        own = {slicing.name: slicing for slicing in spec.slicings}
        asked = [Slicing(text) for text in by]
        slicings = [own.get(slicing.name, slicing) for slicing in asked] or list(own.values())
        opened = spec.open()
        report = load_report(spec, opened, slicings)
        found = _decidable(spec, slicings)
    except FerAuditError as error:
        raise click.UsageError(str(error)) from error
    if as_json:
        click.echo(
            json.dumps({**asdict(report), "decidable": [_as_record(item) for item in found]}, indent=2)
        )
    else:
        click.echo(as_text(report, found, everything=everything))


def _decidable(spec: DatasetSpec, slicings: list[Slicing]) -> list[Decidable]:
    """What the data could decide, each imagined audit being a step of a progress bar."""
    if not slicings:
        return []
    with tqdm(desc="imagining audits", unit=" designs", leave=False, delay=0.3) as bar:

        def step() -> None:
            bar.update()

        data = _as_if_answered(spec)
        return list(decidable(data, [data.divided(slicing) for slicing in slicings], on_step=step))


def _as_if_answered(spec: DatasetSpec) -> Predictions:
    """The dataset as a table of answers: people and pictures count, what was answered does not."""
    with TemporaryDirectory() as folder:
        return gather(oracle("nobody", ""), spec, PredictionStore(Path(folder)))


def _as_record(item: Decidable) -> dict[str, object]:
    found = None if item.prospect is None else item.prospect.found
    return {
        "measure": item.measure,
        "slicing": item.slicing,
        "tolerance": item.tolerance,
        "can_pass": item.can_pass,
        "passes_from": None if found is None else found.passes_from,
        "fails_from": item.fails_from,
        "reason": item.reason,
    }
