"""``fer-audit models``: what can be audited by name, and what each still needs."""

from __future__ import annotations

import os
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version

import click
from packaging.requirements import Requirement

from fer_audit.cli.chosen import registered_models
from fer_audit.errors import FerAuditError
from fer_audit.models.families import FAMILIES

__all__ = ["models"]

_PACKAGE = "fer-audit"


@dataclass(frozen=True, slots=True)
class _Listed:
    """One line of the list, and what stands below it."""

    usage: str
    meaning: str
    needs: tuple[str, ...] = ()


@click.command()
def models() -> None:
    """List the models that can be audited by name, and what each still needs."""
    try:
        registered = registered_models()
    except FerAuditError as error:
        raise click.ClickException(str(error)) from error
    lines = [
        _Listed(family.usage, family.meaning, (*_extra(family.extra), *_key(family.key)))
        for family in FAMILIES
    ]
    lines += [
        _Listed(
            model.name,
            "offered by an installed package",
            _key(model.endpoint.key) if model.endpoint is not None else (),
        )
        for model in registered
    ]
    width = max(len(line.usage) for line in lines)
    for line in lines:
        click.echo(f"{line.usage:{width}}  {line.meaning}")
        for need in line.needs:
            click.echo(f"{'':{width}}  - {need}")
    click.echo("Models that a conftest.py registers are known to pytest only.")


def _key(variable: str) -> tuple[str, ...]:
    """Whether the environment holds a key; the key itself is of no concern here."""
    if not variable:
        return ()
    return (f"key: {variable} is {'set' if os.environ.get(variable) else 'not set'}",)


def _extra(extra: str) -> tuple[str, ...]:
    """Whether the packages of an extra are installed, in versions that this one takes."""
    if not extra:
        return ()
    try:
        needed = [Requirement(text) for text in requires(_PACKAGE) or ()]
    except PackageNotFoundError:
        return (f"packages: pip install '{_PACKAGE}[{extra}]'",)
    of_extra = [one for one in needed if _belongs(one, extra)]
    faults = [fault for one in of_extra if (fault := _fault(one))]
    if of_extra and not faults:
        return (f"packages: {_PACKAGE}[{extra}] is installed",)
    why = f" ({', '.join(faults)})" if faults else ""
    return (f"packages: pip install '{_PACKAGE}[{extra}]'{why}",)


def _belongs(needed: Requirement, extra: str) -> bool:
    marker = needed.marker
    return marker is not None and marker.evaluate({"extra": extra}) and not marker.evaluate({"extra": ""})


def _fault(needed: Requirement) -> str:
    """What is wrong with an installed package; empty where nothing is."""
    try:
        found = version(needed.name)
    except PackageNotFoundError:
        return f"{needed.name} is missing"
    if needed.specifier.contains(found, prereleases=True):
        return ""
    return f"{needed.name} {found} is not {needed.specifier}"
