"""``fer-audit faces``: rendered faces."""

from __future__ import annotations

from pathlib import Path

import click
from tqdm import tqdm

from fer_audit.faces.frozen_set import SEED, render_set

__all__ = ["faces"]


@click.group()
def faces() -> None:
    """Rendered faces: heads that differ in one factor only."""


@faces.command()
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--seed",
    default=SEED,
    show_default=True,
    type=click.IntRange(0),
    help="Draws the heads; the default is the embedded set.",
)
@click.option("--size", default=224, show_default=True, type=click.IntRange(32, 1024), help="Pixels a side.")
@click.option(
    "--jobs", default=1, show_default=True, type=click.IntRange(1), help="Processes that share the work."
)
def render(directory: Path, seed: int, size: int, jobs: int) -> None:
    """Render 48 heads in 4 skin tones and 7 expressions into DIRECTORY, with a manifest and checksums."""
    try:
        written = render_set(directory, seed=seed, size=size, jobs=jobs, progress=tqdm)
    except OSError as error:
        raise click.ClickException(
            f"{directory}: {error.strerror or error}; choose a folder that can be written"
        ) from error
    click.echo(f"{written.images} images of {written.identities} heads in {written.directory}")
    click.echo(f"audit on them: pytest --fer-dataset=manifest={written.directory / 'manifest.csv'}")
