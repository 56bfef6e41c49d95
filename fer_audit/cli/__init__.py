"""The command line: ``fer-audit``. Audits themselves are run by pytest."""

from __future__ import annotations

import click

from fer_audit import __version__
from fer_audit.cli.datasets import datasets
from fer_audit.cli.faces import faces
from fer_audit.cli.models import models
from fer_audit.cli.plan import plan
from fer_audit.cli.predict import predict

__all__ = ["main"]


@click.group()
@click.version_option(__version__, prog_name="fer-audit")
def main() -> None:
    """Audit facial-expression models for fairness; the audits themselves are run by pytest."""


main.add_command(datasets)
main.add_command(faces)
main.add_command(models)
main.add_command(plan)
main.add_command(predict)
