"""Is the measure associated with the group at all? A permutation test over people.

The statistic is the largest studentised difference between two slices. People (or, for an attribute that
varies within a person, that person's levels) are rearranged and it is computed anew, so that no distribution
is assumed and the maximum over all pairs needs no further correction.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from fer_audit.stats.layout import lay_out
from fer_audit.stats.moments import correlation, moments
from fer_audit.stats.permutation import canonical, derived_generator, permutation_p, strata_of
from fer_audit.stats.studentised import largest_difference, prepare_contrasts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fer_audit.stats.permutation import Strata
    from fer_audit.stats.settings import Settings
    from fer_audit.stats.tally import Tally

__all__ = ["Association", "assess_association"]

# Beside alpha the test is run once more with so many times the rearrangements: 99,999 for 9,999.
_CLOSER = 10
# A p farther than this many Monte-Carlo standard errors from alpha changes sides in one run of 15,000.
_NEAR = 4.0
# Numbers in one block of rearrangements: enough for numpy, few enough for the processor's cache.
_BLOCK = 400_000
# Beyond these ratios slices differ in more than their rates, and a rearrangement no longer resembles them.
_LARGEST_IMAGES_RATIO = 2.0
_LARGEST_DISPERSION_RATIO = 4.0
# Weight of the pooled dispersion against a slice's own, in people; as in the bounds of a gap.
_PRIOR_PEOPLE = 10.0
_LEAST_DISPERSION = 0.5


@dataclass(frozen=True, slots=True)
class Association:
    """What the permutation test found.

    Attributes:
        p: permutation p-value; 1 where nothing could be compared.
        replicates: rearrangements behind it; 0 where nothing could be compared.
        statistic: the largest studentised difference observed.
        rearranged: who was rearranged, in words.
        unequal: why the p must not decide, in words; empty where it may.
    """

    p: float
    replicates: int
    statistic: float
    rearranged: str
    unequal: str


def assess_association(
    tally: Tally,
    alpha: float,
    settings: Settings,
    *,
    criterion: str,
    version: str,
    replicates: int = 9_999,
) -> Association:
    """Test "which slice a person belongs to makes no difference" by rearranging people.

    Args:
        tally: without replicate axes; slices with too few people take no part.
        alpha: level of the test; a p near it is computed once more with ten times the rearrangements.
        settings: for the fewest people.
        criterion: the demand as written; part of the seed.
        version: of the method; part of the seed.
        replicates: rearrangements of the first look.

    Source: Westfall and Young (1993), Resampling-Based Multiple Testing, for the maximum; Winkler et al.
    (2014), NeuroImage 92, 381-397, for exchanging whole people or within them.
    """
    compared = _compared(tally, settings)
    if compared is None:
        return Association(p=1.0, replicates=0, statistic=0.0, rearranged="nobody", unequal="")
    data = canonical(compared)
    contrasts = prepare_contrasts(data, settings)
    strata = strata_of(data, settings.least_people)
    generator = derived_generator(data, criterion, version)
    chunk = max(1, _BLOCK // sum(group.places.size * group.answers.shape[1] for group in contrasts))

    def statistic(arrangement: NDArray[np.int64]) -> NDArray[np.float64]:
        return largest_difference(contrasts, arrangement)

    p = permutation_p(statistic, strata, generator, replicates, chunk)
    if abs(p - alpha) < _NEAR * float(np.sqrt(alpha * (1.0 - alpha) / replicates)):
        replicates = _CLOSER * (replicates + 1) - 1
        p = permutation_p(statistic, strata, generator, replicates, chunk)
    return Association(
        p=p,
        replicates=replicates,
        statistic=float(statistic(np.arange(len(data.person))[None])[0]),
        rearranged=_describe(strata),
        unequal=_unequal(compared, settings),
    )


def _compared(tally: Tally, settings: Settings) -> Tally | None:
    """The units and labels that some pair compares; None where no pair can be."""
    layout = lay_out(tally, settings)
    if not layout.blocks:
        return None
    labels = np.unique(np.concatenate([block.labels for block in layout.blocks]))
    pairs = np.unique(np.concatenate([block.pairs for block in layout.blocks]))
    slices = np.unique(np.concatenate([layout.first[pairs], layout.second[pairs]]))
    units = np.isin(tally.level, slices) & (tally.images[:, labels] > 0).any(axis=1)
    return replace(
        tally,
        person=tally.person[units],
        level=tally.level[units],
        hits=tally.hits[units][:, labels],
        images=tally.images[units][:, labels],
        labels=tuple(tally.labels[label] for label in labels),
    )


def _describe(strata: Strata) -> str:
    share = f"{strata.exchanged:.0%} of them can move"
    if strata.by_labels:
        return f"people rearranged among those with the same labels ({share})"
    if strata.free:
        return f"people rearranged whatever labels they have, for few share the same ones ({share})"
    return f"people rearranged ({share})"


def _unequal(tally: Tally, settings: Settings) -> str:
    """Why slices are not exchangeable even if the group makes no difference; empty if they are.

    A permutation test of means keeps its size only between slices alike in everything else. Images a person
    are compared as counted. Dispersions are the variance of person values over what independent images
    would show at the slice's own rate, drawn with ten people's weight towards the pooled one, so that eight
    people do not raise the alarm by luck. Where everything or nothing was an event no dispersion shows.
    """
    people = np.bincount(tally.level, minlength=len(tally.levels)).astype(float)
    images = np.bincount(tally.level, tally.images.sum(axis=1), minlength=len(tally.levels))
    depth = images[people > 0] / people[people > 0]
    if depth.max() > _LARGEST_IMAGES_RATIO * depth.min():
        return f"images a person differ between slices by a factor of {depth.max() / depth.min():.1f}"
    layout = lay_out(tally, settings)
    widest = 1.0
    for labels in {tuple(block.labels.tolist()) for block in layout.blocks}:
        blocks = [block for block in layout.blocks if tuple(block.labels.tolist()) == labels]
        pairs = np.concatenate([block.pairs for block in blocks])
        slices = np.unique(np.concatenate([layout.first[pairs], layout.second[pairs]]))
        widest = max(widest, _dispersion_ratio(tally, slices, np.asarray(labels)))
    if widest > _LARGEST_DISPERSION_RATIO:
        return f"dispersions between people differ between slices by a factor of {widest:.1f}"
    return ""


def _dispersion_ratio(tally: Tally, slices: NDArray[np.int64], labels: NDArray[np.int64]) -> float:
    found = moments(tally, slices, labels)
    chance = found.rate * (1.0 - found.rate) / found.depth
    shows = chance > 1e-12  # noqa: PLR2004 - rates of 0 and 1 up to rounding
    if shows.sum() <= 1:
        return 1.0
    pooled = np.maximum(_LEAST_DISPERSION, 1.0 + correlation(found) * (found.depth - 1.0))[shows]
    degrees = found.people[shows] - 1.0
    own = found.variance[shows] / chance[shows]
    dispersion = (_PRIOR_PEOPLE * pooled + degrees * own) / (_PRIOR_PEOPLE + degrees)
    return float(dispersion.max() / dispersion.min())
