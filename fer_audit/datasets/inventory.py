"""What a load found and what became of it: every entry is read, an annotation, or skipped with a reason."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from fer_audit.errors import DatasetError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Inventoried", "Inventory", "NoFacesError", "Origin", "Skipped"]

_SHOWN, _LONGEST = 5, 80  # reasons, and characters of the name of an entry, that a message shows


@dataclass(frozen=True, slots=True)
class Origin:
    """Whose faces these are, and on what terms.

    Attributes:
        title: the set's own name.
        citation: the publication to cite.
        licence: what its use is bound to.
        request: where to ask for a copy.
    """

    title: str
    citation: str
    licence: str
    request: str


@dataclass(frozen=True, slots=True)
class Skipped:
    """One entry that gives no face.

    Attributes:
        entry: the file, relative to the dataset's folder, or the row of a table.
        reason: why, in words that are the same for entries of one kind.
    """

    entry: str
    reason: str


@dataclass(frozen=True, slots=True)
class Inventory:
    """Every entry of a dataset, counted twice: as it lies there, and by what became of it.

    Attributes:
        present: how many entries there are.
        read: how many of them give a face, or several.
        annotations: files that say something about faces and hold none.
        skipped: entries that give no face, each with its reason.
        entry: what one entry is.
        rows: rows of annotation files that give no face, each with its reason: they name a picture that is
            not there, or cannot be read. They are counted beside the entries.

    Raises:
        DatasetError: the two counts differ: something would be dropped in silence.
    """

    present: int
    read: int
    annotations: tuple[str, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    entry: str = "file"
    rows: tuple[Skipped, ...] = ()

    def __post_init__(self) -> None:
        known = self.read + len(self.annotations) + len(self.skipped)
        if known != self.present:
            raise DatasetError(
                f"{self.present:,} {self.entry}s are there, but {known:,} are accounted for "
                f"({self.read:,} read, {len(self.annotations):,} annotations, "
                f"{len(self.skipped):,} skipped); "
                "this is a fault of the loader, please report it"
            )

    def reasons(self) -> Mapping[str, int]:
        """How many entries were skipped for each reason, the most frequent first."""
        return _reasons(self.skipped)

    def describe(self, origin: Origin) -> Mapping[str, str]:
        """What a report says of the load, by name."""
        said = {
            "image set read": f"{self.read:,} of {self.present:,} {self.entry}s of {origin.title}",
            "licence": origin.licence,
            "cite": origin.citation,
        }
        if self.skipped:
            said["skipped"] = _listed(self.skipped)
        if self.rows:
            said["rows without a face"] = _listed(self.rows)
        return said


def _reasons(skipped: Sequence[Skipped]) -> Mapping[str, int]:
    return dict(Counter(one.reason for one in skipped).most_common())


def _listed(skipped: Sequence[Skipped]) -> str:
    reasons = [f"{count:,} {reason}" for reason, count in _reasons(skipped).items()]
    more = [f"and {len(reasons) - _SHOWN} more reasons"] if len(reasons) > _SHOWN else []
    return "; ".join([*reasons[:_SHOWN], *more])


class NoFacesError(DatasetError):
    """Nothing in a folder is a face of the set: it may be another set's.

    Attributes:
        inventory: what is there instead.
    """

    def __init__(self, title: str, expected: str, inventory: Inventory) -> None:
        """Say so.

        Args:
            title: the set's own name.
            expected: what a copy of it holds, e.g. ``pictures named such as BF20_HE.bmp``.
            inventory: what is there instead.
        """
        self.inventory = inventory
        super().__init__(f"{title}: {_nothing(inventory)}; a copy holds {expected}")


def _nothing(inventory: Inventory) -> str:
    """What is there instead of faces."""
    if not inventory.present:
        return f"no {inventory.entry} is there at all"
    said = f"none of the {inventory.present:,} {inventory.entry}s there gives a face"
    if not inventory.skipped:
        return said
    reason = next(iter(inventory.reasons()))
    entry = next(skipped.entry for skipped in inventory.skipped if skipped.reason == reason)
    end = entry if len(entry) <= _LONGEST else f"...{entry[-_LONGEST:]}"
    if inventory.present == 1:
        return f"the only {inventory.entry} there, {end!r}, gives no face ({reason})"
    return f"{said} (mostly {reason}, such as {end!r})"


@runtime_checkable
class Inventoried(Protocol):
    """An opened dataset that knows what became of every entry."""

    @property
    def inventory(self) -> Inventory:
        """Every entry, and what became of it."""
        ...
