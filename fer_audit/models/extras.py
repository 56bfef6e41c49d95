"""Packages of an extra, imported when a model needs them; a missing one is answered with the pip line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fer_audit.extras import import_package

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
    return import_package(module, extra=extra, asker=f"model {model!r}")
