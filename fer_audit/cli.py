"""The command line: ``fer-audit``."""

from __future__ import annotations

from pathlib import Path

import click

from fer_audit import __version__
from fer_audit.errors import FerAuditError

__all__ = ["main"]


@click.group()
@click.version_option(__version__, prog_name="fer-audit")
def main() -> None:
    """Audit facial-expression models for fairness; the audits themselves are run by pytest."""


@main.group()
def faces() -> None:
    """The rendered faces."""
