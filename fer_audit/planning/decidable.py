"""Which criteria the people and pictures of a dataset could decide, before any model is asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fer_audit.errors import FerAuditError
from fer_audit.planning import prospect
from fer_audit.stats.measures import accuracy, recall

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from fer_audit.planning.answers import DataProspect
    from fer_audit.predictions import Predictions
    from fer_audit.records import Slicing
    from fer_audit.stats.measures import Measure

__all__ = ["Decidable", "decidable"]


@dataclass(frozen=True, slots=True)
class Decidable:
    """What one criterion could show.

    Attributes:
        measure: what is compared.
        slicing: between which groups.
        tolerance: the largest gap allowed.
        prospect: the gaps that would be shown; None where the criterion cannot be assessed.
        reason: why it cannot.
    """

    measure: str
    slicing: str
    tolerance: float
    prospect: DataProspect | None
    reason: str = ""

    @property
    def can_pass(self) -> bool:
        """Whether a fair model would be shown to be fair."""
        found = None if self.prospect is None else self.prospect.found
        return found is not None and found.passes_from is not None and found.passes_from <= self.tolerance

    @property
    def fails_from(self) -> float | None:
        """The smallest true gap that would be shown to exceed the tolerance; None where none would."""
        return None if self.prospect is None else self.prospect.found.fails_from


def decidable(
    data: Predictions,
    slicings: Sequence[Slicing],
    *,
    tolerance: float = 0.1,
    label_tolerance: float = 0.2,
    rate: float = 0.85,
    correlation: float = 0.1,
    power: float = 0.8,
    on_step: Callable[[], None] | None = None,
) -> Iterator[Decidable]:
    """The gap in accuracy, and that in the recall of each label, between the groups of each slicing.

    Args:
        data: the people and pictures; what was answered does not matter.
        slicings: how people are grouped.
        tolerance: the gap in accuracy that is allowed.
        label_tolerance: the gap in the recall of one label that is allowed.
        rate: of a fair model, in every group.
        correlation: between images of one person.
        power: probability of the right verdict.
        on_step: called after every power that was simulated.
    """
    measures: list[tuple[Measure, float]] = [(accuracy, tolerance)]
    measures += [(recall(label), label_tolerance) for label in data.true.levels]
    for slicing in slicings:
        for measure, allowed in measures:
            try:
                found = prospect(
                    data,
                    by=slicing,
                    measure=measure,
                    tolerance=allowed,
                    rate=rate,
                    correlation=correlation,
                    power=power,
                    on_step=on_step,
                )
            except FerAuditError as error:
                yield Decidable(repr(measure), slicing.name, allowed, None, str(error))
            else:
                yield Decidable(repr(measure), slicing.name, allowed, found)
