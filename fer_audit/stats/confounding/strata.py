"""A measure within strata: every label counts stratum by stratum, so that slices are compared like with like.

The engine compares slices label by label and averages over the labels that enough people have in both. With
"anger in light from the left" for "anger" the same average is direct standardisation over exact strata: equal
weight to each, nobody compared across them, and a stratum that one slice lacks is named and left out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from fer_audit.stats.counts import count

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fer_audit.predictions import Predictions
    from fer_audit.records import Slicing
    from fer_audit.stats.confounding.factors import Factor
    from fer_audit.stats.counts import Counts
    from fer_audit.stats.measures import Measure
    from fer_audit.stats.tally import Tally

__all__ = ["Stratified", "stratify"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Stratified:
    """A measure that looks at each stratum for itself.

    Attributes:
        measure: the rate.
        names: of the strata.
        parts: the counts of each stratum, people and slices numbered or named as in the whole.
    """

    measure: Measure
    names: tuple[str, ...]
    parts: tuple[Counts, ...]

    def __repr__(self) -> str:
        return repr(self.measure)

    @property
    def is_proportion(self) -> bool:
        """Whether it is a share of images."""
        return self.measure.is_proportion

    @property
    def scale(self) -> str:
        """The unit of differences."""
        return self.measure.scale

    @property
    def answered(self) -> Stratified:
        """The same over answered images only.

        Raises:
            ConfigurationError: the measure is not accuracy or recall.
        """
        return replace(self, measure=self.measure.answered)

    def tally(self, counts: Counts) -> Tally:
        """Hits and images per unit of the whole, and label in each stratum.

        Args:
            counts: of all strata together, which say who the units are.

        Raises:
            UnknownNameError: a label that is neither the data's nor an expression.
        """
        whole = self.measure.tally(counts)
        within = [self.measure.tally(part) for part in self.parts]
        units = [_units(part, counts) for part in self.parts]
        hits = [_placed(part.hits, unit, len(whole.person)) for part, unit in zip(within, units, strict=True)]
        images = [
            _placed(part.images, unit, len(whole.person)) for part, unit in zip(within, units, strict=True)
        ]
        return replace(
            whole,
            hits=np.concatenate(hits, axis=1),
            images=np.concatenate(images, axis=1),
            labels=tuple(f"{label} ({name})" for name in self.names for label in whole.labels),
            conditional=False,
        )

    def unanswered(self, counts: Counts) -> NDArray[np.float64]:
        """Shape (U, labels x strata): images without an answer that the measure counts as wrong."""
        return np.concatenate(
            [
                _placed(self.measure.unanswered(part), _units(part, counts), len(counts.person))
                for part in self.parts
            ],
            axis=1,
        )


def stratify(predictions: Predictions, slicing: Slicing, measure: Measure, strata: Factor) -> Stratified:
    """Count every stratum for itself.

    Args:
        predictions: the rows.
        slicing: how people are grouped.
        measure: the rate that is compared.
        strata: the stratum of every row; rows of none are left out.
    """
    codes = np.asarray(strata.codes)
    parts = tuple(count(predictions.take(codes == place), slicing) for place in range(len(strata.levels)))
    return Stratified(measure, strata.levels, parts)


def _units(part: Counts, whole: Counts) -> NDArray[np.int64]:
    """Where the units of a stratum are among those of the whole; both are sorted by person, then slice."""
    place = {name: level for level, name in enumerate(whole.levels)}
    level = np.array([place[name] for name in part.levels], dtype=np.int64)[part.level]
    slices = max(len(whole.levels), 1)
    return np.searchsorted(whole.person * slices + whole.level, part.person * slices + level)


def _placed(values: NDArray[np.float64], units: NDArray[np.int64], size: int) -> NDArray[np.float64]:
    placed = np.zeros((size, values.shape[1]))
    placed[units] = values
    return placed
