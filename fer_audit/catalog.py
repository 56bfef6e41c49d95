"""Named things that plug-ins register: models, datasets, slicings."""

from __future__ import annotations

import re
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from fer_audit.errors import ConfigurationError, DuplicateNameError, UnknownNameError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["Catalog", "Named"]


class Named(Protocol):
    """Anything with a short name; the name alone reaches test ids and reports."""

    @property
    def name(self) -> str:
        """The short name."""
        ...


T = TypeVar("T", bound=Named)

# Names become part of pytest ids: nothing that `-k`, a shell or a file system would read as syntax.
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.\-]*")


class Catalog(Generic[T]):
    """A frozen set of named things: duplicates are refused, a miss suggests the nearest name.

    Raises:
        DuplicateNameError: two items share a name.
        ConfigurationError: a name holds a character that a test id cannot carry.
    """

    __slots__ = ("_items", "kind")

    def __init__(self, kind: str, items: Iterable[T] = ()) -> None:
        self.kind = kind
        self._items: dict[str, T] = {}
        for item in items:
            if not _NAME.fullmatch(item.name):
                raise ConfigurationError(
                    f"{kind} name {item.name!r} cannot be part of a test id; "
                    "use letters, digits, '_', '-' and '.'"
                )
            if item.name in self._items:
                raise DuplicateNameError(
                    f"{kind} {item.name!r} is registered twice; rename one of them or remove it"
                )
            self._items[item.name] = item

    def __getitem__(self, name: str) -> T:
        """The item of that name.

        Raises:
            UnknownNameError: nobody registered it.
        """
        try:
            return self._items[name]
        except KeyError:
            raise UnknownNameError(
                f"unknown {self.kind} {name!r}; {did_you_mean(name, self._items)}"
            ) from None

    def __contains__(self, name: object) -> bool:
        return name in self._items

    def __iter__(self) -> Iterator[T]:
        return iter(self._items.values())

    def __len__(self) -> int:
        return len(self._items)

    def with_items(self, items: Iterable[T]) -> Catalog[T]:
        """A new catalogue that holds these items too."""
        return Catalog(self.kind, [*self, *items])

    def with_registered(self, kind: type[T], items: Iterable[object]) -> Catalog[T]:
        """A new catalogue that holds what a hook or a package registered too.

        Raises:
            ConfigurationError: something is of another kind.
        """
        found: list[T] = []
        for item in items:
            if not isinstance(item, kind):
                raise ConfigurationError(
                    f"something registered as a {self.kind} is {item!r:.60}; register a {kind.__name__}"
                )
            found.append(item)
        return self.with_items(found)

    def with_installed(self, kind: type[T], group: str) -> Catalog[T]:
        """A new catalogue that holds what installed packages offer under a group of entry points too.

        Raises:
            ConfigurationError: an entry point fails, or offers something of another kind.
        """
        items: list[object] = []
        for point in entry_points(group=group):
            try:
                items += list(point.load()())
            except Exception as error:
                raise ConfigurationError(
                    f"the entry point {point.value!r} of {group} failed ({type(error).__name__}: {error}); "
                    "mend or uninstall its package"
                ) from error
        return self.with_registered(kind, items)
