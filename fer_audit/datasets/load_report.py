"""What a copy of a dataset holds: who, how many pictures of which label, and what was not read and why."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fer_audit.datasets.inventory import Inventoried, Inventory

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fer_audit.datasets.inventory import Origin
    from fer_audit.datasets.specification import Dataset, DatasetSpec
    from fer_audit.records import Face, Slicing

__all__ = ["Group", "LoadReport", "load_report"]


@dataclass(frozen=True, slots=True)
class Group:
    """The people of one group.

    Attributes:
        name: its level, or levels of several attributes joined by ``*``.
        people: how many people; None where nobody knows who is in a picture.
        pictures: how many pictures.
        by_label: pictures of each label; a label without any is left out.
    """

    name: str
    people: int | None
    pictures: int
    by_label: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class LoadReport:
    """One dataset as it was read.

    Attributes:
        name: short name of the dataset.
        task: what the labels are of.
        unit: what one identity is, e.g. a person.
        whole: all of its pictures.
        groups: those of each slicing, by the slicing's name, in the order of their names.
        unrecorded: pictures without a value of some attribute of the slicing, by its name.
        details: what the dataset says of itself.
        origin: whose faces these are; None for faces of the user's own.
        inventory: every entry and what became of it; None where the dataset does not say.
    """

    name: str
    task: str
    unit: str
    whole: Group
    groups: Mapping[str, tuple[Group, ...]]
    unrecorded: Mapping[str, int]
    details: Mapping[str, str]
    origin: Origin | None
    inventory: Inventory | None


def load_report(spec: DatasetSpec, opened: Dataset, slicings: Sequence[Slicing] | None = None) -> LoadReport:
    """Count what was read; no picture is opened.

    Args:
        spec: the dataset.
        opened: the same, opened.
        slicings: how to group people; the dataset's own if left out.
    """
    wanted = spec.slicings if slicings is None else slicings
    everybody = _Tally()
    tallies: dict[str, dict[str, _Tally]] = {slicing.name: {} for slicing in wanted}
    unrecorded: Counter[str] = Counter()
    for face in opened.faces:
        everybody.add(face)
        for slicing in wanted:
            levels = [face.attributes.get(name) for name in slicing.attributes]
            known = [level for level in levels if level is not None]
            if len(known) < len(levels):
                unrecorded[slicing.name] += 1
            else:
                tallies[slicing.name].setdefault("*".join(known), _Tally()).add(face)
    return LoadReport(
        spec.name,
        spec.task,
        spec.unit,
        everybody.group("all", opened.labels, identified=spec.identified),
        {
            name: tuple(
                tally.group(level, opened.labels, identified=spec.identified)
                for level, tally in sorted(found.items())
            )
            for name, found in tallies.items()
        },
        dict(unrecorded),
        opened.details,
        spec.origin,
        opened.inventory if isinstance(opened, Inventoried) else None,
    )


@dataclass(slots=True)
class _Tally:
    people: set[str] = field(default_factory=set)
    labels: Counter[str] = field(default_factory=Counter)

    def add(self, face: Face) -> None:
        self.people.add(face.identity)
        self.labels[face.expression] += 1

    def group(self, name: str, labels: Sequence[str], *, identified: bool) -> Group:
        by_label = {label: self.labels[label] for label in labels if self.labels[label]}
        return Group(name, len(self.people) if identified else None, self.labels.total(), by_label)
