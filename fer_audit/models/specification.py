"""What makes a model known by name: how it is loaded, and what its answers depend on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from fer_audit.records import Recognizer, Scripted

__all__ = ["Describe", "Load", "ModelSpec"]

Load = Callable[[tuple[str, ...]], Recognizer | Scripted]
"""From the dataset's labels, in their order, to something that answers."""

Describe = Callable[[], Mapping[str, str]]
"""Everything the answers depend on, by name."""


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """A model under audit, by the short name that test ids and reports show; nothing is loaded yet.

    Attributes:
        name: short name.
        load: makes the model; called with the dataset's labels, and only when an answer is missing from the
            store.
        describe: everything the answers depend on, by name: checksum of the weights, input size, crop, order
            of the labels. It becomes part of every stored answer's key and is printed in the report, so it
            must be cheap (the model is not loaded for it) and must change whenever the answers may. None says
            that nothing tells when the model has changed: its answers are never stored.
        scripted: a stand-in that sees the truth (``Scripted``): never a model under audit, never stored.
    """

    name: str
    load: Load
    describe: Describe | None = None
    scripted: bool = False
