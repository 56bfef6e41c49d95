"""``fer-audit plan``: how many people an audit needs, and what a table could show."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click
from tqdm import tqdm

from fer_audit import planning
from fer_audit.cli.curve import draw_prospect, draw_study
from fer_audit.errors import FerAuditError
from fer_audit.predictions import Predictions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fer_audit.planning import DataProspect, StudyPlan

__all__ = ["plan"]

_SUFFIXES = (".svg", ".png")


def _read_people(_: click.Context, __: click.Parameter, value: str | None) -> tuple[int, ...] | None:
    """Numbers of people, written 55,54."""
    try:
        return None if value is None else tuple(int(part) for part in value.split(","))
    except ValueError:
        raise click.BadParameter(f"{value!r} is no list of numbers; write them as 55,54") from None


def _check_picture(_: click.Context, __: click.Parameter, path: Path | None) -> Path | None:
    """Refuse a file that is not written, before anything is computed."""
    if path is not None and path.suffix.casefold() not in _SUFFIXES:
        raise click.BadParameter(f"{path.name}: pictures are written as .svg or .png")
    if path is not None and not path.parent.is_dir():
        raise click.BadParameter(f"{path}: there is no folder {path.parent}; make it first")
    return path


@click.command()
@click.option("--tolerance", default=0.1, show_default=True, help="Largest gap allowed.")
@click.option("--ratio", type=float, help="Largest ratio allowed, in place of a gap, e.g. 1.25.")
@click.option(
    "--difference", default=0.05, show_default=True, help="Difference allowed whatever the ratio is."
)
@click.option(
    "--rate",
    "--accuracy",
    "rate",
    type=float,
    help="Rate of the measure in all groups but perhaps one.  [default: 0.85, or as in the table]",
)
@click.option(
    "--assumed",
    type=float,
    help="Gap (or ratio) of one group that is taken for true; without it the model is taken to be fair.",
)
@click.option("--slices", default=2, show_default=True, help="Groups compared.")
@click.option("--images", default=1, show_default=True, help="Images of a person in a group, of each label.")
@click.option("--labels", default=1, show_default=True, help="Expressions that the measure averages over.")
@click.option(
    "--correlation",
    type=float,
    help="Correlation between images of one person.  [default: 0.1, or as in the table]",
)
@click.option("--paired", is_flag=True, help="The same people are in all groups.")
@click.option("--power", default=0.8, show_default=True, help="Probability of the right verdict.")
@click.option("--alpha", default=0.05, show_default=True, help="Error rate.")
@click.option(
    "--people", callback=_read_people, metavar="N,N,...", help="What could so many people of each group show?"
)
@click.option(
    "--predictions",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="What could the people and images of this table (.csv or .parquet) show?",
)
@click.option("--by", metavar="A*B", help="Slicing of the table, e.g. gender*race (or gender.race).")
@click.option(
    "--curve",
    type=click.Path(path_type=Path, dir_okay=False),
    callback=_check_picture,
    metavar="FILE",
    help="Draw the power curve (.svg or .png).",
)
@click.option("--json", "as_json", is_flag=True, help="Print the answer for machines.")
def plan(
    *,
    tolerance: float,
    ratio: float | None,
    difference: float,
    rate: float | None,
    assumed: float | None,
    slices: int,
    images: int,
    labels: int,
    correlation: float | None,
    paired: bool,
    power: float,
    alpha: float,
    people: tuple[int, ...] | None,
    predictions: Path | None,
    by: str | None,
    curve: Path | None,
    as_json: bool,
) -> None:
    """Say how many people an audit needs, or what given people could show.

    Imagined audits are judged by the functions that judge real ones. Examples:

    \b
    fer-audit plan --slices=4 --images=4 --accuracy=0.9
    fer-audit plan --slices=4 --images=4 --assumed=0.2 --curve=power.svg
    fer-audit plan --people=55,54 --images=16
    fer-audit plan --predictions=answers.csv --by=race
    """  # noqa: D301 - click reads \b
    _refuse_contradictions(people=people, predictions=predictions, by=by, assumed=assumed)
    with tqdm(desc="imagining audits", unit=" designs", leave=False, delay=0.3) as bar:

        def step() -> None:
            bar.update()

        try:
            found = (
                planning.plan(
                    tolerance=tolerance,
                    ratio=ratio,
                    difference=difference,
                    rate=0.85 if rate is None else rate,
                    assumed=assumed,
                    slices=slices,
                    images=images,
                    labels=labels,
                    correlation=0.1 if correlation is None else correlation,
                    paired=paired,
                    power=power,
                    alpha=alpha,
                    curve=curve is not None,
                    on_step=step,
                )
                if people is None and predictions is None
                else planning.prospect(
                    _data(people, predictions),
                    by=None if by is None else by.replace(".", "*"),
                    tolerance=tolerance,
                    ratio=ratio,
                    difference=difference,
                    rate=rate,
                    images=images,
                    labels=labels,
                    correlation=correlation,
                    paired=paired,
                    power=power,
                    alpha=alpha,
                    on_step=step,
                )
            )
        except FerAuditError as error:
            raise click.UsageError(str(error)) from error
    _draw(found, curve)
    click.echo(_as_json(found) if as_json else _as_text(found, curve))


def _refuse_contradictions(
    *, people: tuple[int, ...] | None, predictions: Path | None, by: str | None, assumed: float | None
) -> None:
    if people is not None and predictions is not None:
        raise click.UsageError("--people and --predictions are two questions; ask one at a time")
    if by is not None and predictions is None:
        raise click.UsageError("--by slices a table; name it with --predictions=FILE")
    if assumed is not None and (people is not None or predictions is not None):
        raise click.UsageError(
            "--assumed asks how many people a truth takes; with --people or --predictions the people are "
            "given, and the answer is which truth they could show: leave it out"
        )


def _data(people: tuple[int, ...] | None, predictions: Path | None) -> Predictions | Sequence[int]:
    return people or () if predictions is None else Predictions.read(predictions)


def _draw(found: StudyPlan | DataProspect, path: Path | None) -> None:
    if path is None:
        return
    try:
        if isinstance(found, planning.StudyPlan):
            draw_study(found, path)
        else:
            draw_prospect(found, path)
    except OSError as error:
        raise click.ClickException(
            f"{path}: {error.strerror or error}; choose a file that can be written"
        ) from error


def _as_text(found: StudyPlan | DataProspect, path: Path | None) -> str:
    lines = [found.answer, "", "This takes for granted:", *(f"- {line}" for line in found.assumptions)]
    if path is not None:
        lines += ["", f"The power curve is in {path}"]
    return "\n".join(lines)


def _as_json(found: StudyPlan | DataProspect) -> str:
    return json.dumps({"answer": found.answer, "assumptions": found.assumptions, **asdict(found)}, indent=2)
