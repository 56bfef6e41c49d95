"""Options of the command line that pytest has too: one declaration, so that both say and read the same."""

from __future__ import annotations

from argparse import ArgumentTypeError
from typing import TYPE_CHECKING, TypeVar

import click

from fer_audit.options import OPTIONS

if TYPE_CHECKING:
    from collections.abc import Callable

    from fer_audit.options import Option

__all__ = ["declared"]

F = TypeVar("F", bound="Callable[..., object]")


def declared(*names: str) -> Callable[[F], F]:
    """Give a command these of the options that pytest has, in this order and without a prefix.

    Args:
        names: of the options, e.g. ``max-usd``; their values arrive as ``max_usd``.
    """
    known = {option.name: option for option in OPTIONS}

    def decorate(command: F) -> F:
        for name in reversed(names):
            command = _as_click(known[name])(command)
        return command

    return decorate


def _as_click(option: Option) -> Callable[[F], F]:
    # Sentences of pytest's help begin small and end without a stop; those of this command line do neither.
    text = f"{option.help[:1].upper()}{option.help[1:]}."
    if not option.metavar:
        return click.option(f"--{option.name}", is_flag=True, help=text)
    return click.option(
        f"--{option.name}",
        metavar=option.metavar,
        multiple=option.repeatable,
        callback=None if option.type is str else _reader(option),
        help=text,
    )


def _reader(option: Option) -> Callable[[click.Context, click.Parameter, str | None], object]:
    """Reads a value as pytest would; what pytest refuses is a usage error in the same words."""

    def read(_context: click.Context, _parameter: click.Parameter, value: str | None) -> object:
        try:
            return None if value is None else option.type(value)
        except ArgumentTypeError as error:
            raise click.BadParameter(str(error)) from error

    return read
