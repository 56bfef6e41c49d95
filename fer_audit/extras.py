"""Packages of an extra, imported when something needs them; a missing one is answered with the pip line."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from fer_audit.errors import MissingExtraError

if TYPE_CHECKING:
    from types import ModuleType

__all__ = ["import_package"]


def import_package(module: str, *, extra: str, needed_by: str) -> ModuleType:
    """A module of an optional package.

    Args:
        module: its dotted name, e.g. ``open_clip``.
        extra: the extra of this package that installs it.
        needed_by: what needs it, for the message.

    >>> import_package("json", extra="clip", needed_by="model 'clip'").__name__
    'json'

    Raises:
        MissingExtraError: the package is not installed, or does not load.
    """
    try:
        return import_module(module)
    except ImportError as error:
        if isinstance(error, ModuleNotFoundError) and error.name == module.partition(".")[0]:
            what = f"needs {error.name!r}, which is not installed"
        else:
            what = f"needs {module!r}, which does not load ({error})"
        raise MissingExtraError(f"{needed_by} {what}: pip install 'fer-audit[{extra}]'") from error
