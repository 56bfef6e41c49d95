"""The command line of the simulation suite: ``python -m simulation --help``."""

from __future__ import annotations

from pathlib import Path

import click

from simulation.families.register import FAMILIES, all_cells
from simulation.results import tidy
from simulation.running import run, waiting

_ROOT = Path(__file__).resolve().parent.parent
_FOLDER = _ROOT / "docs" / "error_rates"
_RESULTS = _FOLDER / "results.jsonl"
_SCORES = _FOLDER / "peers.jsonl"


@click.group()
def main() -> None:
    """How often the audit is wrong, and how often it sees what is there, by simulation."""


@main.command("run")
@click.option("--jobs", default=2, show_default=True, help="Processes.")
@click.option("--family", "families", multiple=True, help="Only this family; may be repeated.")
@click.option("--minutes", type=float, help="Start no cell after so many minutes.")
@click.option("--results", type=click.Path(path_type=Path), default=_RESULTS, show_default="docs/error_rates")
def run_cells(jobs: int, families: tuple[str, ...], minutes: float | None, results: Path) -> None:
    """Run the cells that are not measured yet, or were measured with other code; resumable."""
    known = [family.name for family in FAMILIES]
    for name in families:
        if name not in known:
            raise click.UsageError(f"no family {name!r}; there are: {', '.join(known)}")
    tidy(results, all_cells())
    todo = tuple(cell for cell in waiting(all_cells(), results) if not families or cell.family in families)
    done = run(todo, results, jobs=jobs, seconds=None if minutes is None else 60 * minutes)
    tidy(results, all_cells())
    click.echo(f"{done} cells run, {len(todo) - done} to go; python -m simulation page writes the page")


@main.command("peers")
@click.option("--runs", default=100, show_default=True, help="Tables of each model.")
@click.option("--rule", "names", multiple=True, help="Only this rule, as the page calls it; may be repeated.")
@click.option("--scores", type=click.Path(path_type=Path), default=_SCORES, show_default="docs/error_rates")
def ask_peers(runs: int, scores: Path, names: tuple[str, ...]) -> None:
    """Ask other tools about the same data (needs the dependency group `peers`); resumable."""
    # Only here are the other tools imported: without them everything else runs.
    from simulation.peers.contest import hold
    from simulation.peers.rules import RULES

    hold(scores, runs, tuple(rule for rule in RULES if not names or rule.name in names))


@main.command("page")
@click.option("--results", type=click.Path(path_type=Path), default=_RESULTS, show_default="docs/error_rates")
@click.option("--scores", type=click.Path(path_type=Path), default=_SCORES, show_default="docs/error_rates")
def write_page(results: Path, scores: Path) -> None:
    """Write docs/error_rates from what was measured."""
    # A picture takes a library that runs do without.
    from simulation.page import render

    for path in render(results, scores, _FOLDER):
        click.echo(path)


if __name__ == "__main__":
    main()
