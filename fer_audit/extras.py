"""Packages of an extra, imported when they are needed; a missing one is answered with the pip line."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from fer_audit.errors import MissingExtraError

if TYPE_CHECKING:
    from types import ModuleType

__all__ = ["import_package"]


def import_package(module: str, *, extra: str, asker: str) -> ModuleType:
    """A module of an optional package.

    Args:
        module: its dotted name, e.g. ``openpyxl``.
        extra: the extra of this package that installs it.
        asker: who needs it, as the message begins, e.g. ``dataset 'chicago'``.

    >>> import_package("json", extra="clip", asker="model 'clip'").__name__
    'json'

    Raises:
        MissingExtraError: the package is not installed, or does not load.
    """
    cure = f"pip install 'fer-audit[{extra}]'"
    try:
        found = import_module(module)
    except ImportError as error:
        if isinstance(error, ModuleNotFoundError) and error.name == module.partition(".")[0]:
            what = f"needs {error.name!r}, which is not installed"
        else:
            what = f"needs {module!r}, which does not load ({error})"
        raise MissingExtraError(f"{asker} {what}: {cure}") from error
    if found.__spec__ is not None and found.__spec__.origin is None:
        # Python takes any folder of that name beside the tests for a package, where there is no other.
        raise MissingExtraError(f"{asker} needs {module!r}, which is not installed: {cure}")
    return found
