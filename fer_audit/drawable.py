"""Types whose values can be drawn by a generator of test data, announced as their modules are imported.

The modules of the larger types load numpy and pyarrow, and a test suite that merely has this package
installed shall not. So nobody imports a type in order to name it: a type says here that it exists, and
whoever draws values (`fer_audit.strategies`, once Hypothesis is loaded) hears of it, whichever comes first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["drawable", "on_drawable"]

T = TypeVar("T")

_announced: list[type] = []
_listeners: list[Callable[[type], None]] = []


def drawable(cls: type[T]) -> type[T]:
    """Announce a type; the type itself is not changed.

    >>> @drawable
    ... class Portrait: ...
    >>> Portrait.__name__
    'Portrait'
    """
    _announced.append(cls)
    for listener in _listeners:
        listener(cls)
    return cls


def on_drawable(listener: Callable[[type], None]) -> None:
    """Call a function with every type announced so far, and with each that will be; once for one function.

    >>> heard = []
    >>> on_drawable(heard.append)
    >>> @drawable
    ... class Reply: ...
    >>> heard[-1] is Reply
    True
    """
    if listener in _listeners:
        return
    # First of all, for a listener may import what calls this again.
    _listeners.append(listener)
    for cls in tuple(_announced):
        listener(cls)
