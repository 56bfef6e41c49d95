"""Packages of an extra, imported when a model needs them; a missing one is answered with the pip line."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from fer_audit.errors import MissingExtraError

if TYPE_CHECKING:
    from types import ModuleType

__all__ = ["import_extra"]


def import_extra(module: str, *, extra: str, model: str) -> ModuleType:
    """A module of an optional package.

    Args:
        module: its dotted name, e.g. ``open_clip``.
        extra: the extra of this package that installs it.
        model: short name of the model that needs it, for the message.

    >>> import_extra("json", extra="clip", model="clip").__name__
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
        raise MissingExtraError(f"model {model!r} {what}: pip install 'fer-audit[{extra}]'") from error
