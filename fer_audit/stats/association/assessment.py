"""Is the measure associated with the group at all? A permutation test over people.

The statistic is the largest studentised difference between two slices. People (or, for an attribute that
varies within a person, that person's levels) are rearranged and it is computed anew, so that no distribution
is assumed and the maximum over all pairs needs no further correction.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from fer_audit.stats.association.evenness import dispersion_ratio, images_ratio, why_unequal
from fer_audit.stats.association.permutation import derived_generator, permutation_p, strata_of
from fer_audit.stats.association.studentised import largest_difference, prepare_contrasts
from fer_audit.stats.differences.engine import compare
from fer_audit.stats.differences.layout import PairKind
from fer_audit.stats.differences.moments import moments
from fer_audit.stats.quantiles import range_quantile
from fer_audit.stats.tally import canonical

if TYPE_CHECKING:
    from fer_audit.stats.association.permutation import Strata
    from fer_audit.stats.association.studentised import Contrasts
    from fer_audit.stats.settings import Settings
    from fer_audit.stats.tally import Tally

__all__ = ["Association", "assess_association"]

# Beside alpha the test is run once more with so many times the rearrangements: 99,999 for 9,999.
_CLOSER = 10
# A p farther than this many Monte-Carlo standard errors from alpha changes sides in one run of 15,000.
_NEAR = 4.0
# Numbers in one block of rearrangements: enough for numpy, few enough for the processor's cache.
_BLOCK = 400_000
_APART = list(PairKind).index(PairKind.APART)


@dataclass(frozen=True, slots=True)
class Association:
    """What the permutation test found.

    Attributes:
        p: permutation p-value over the pairs it can be trusted with, or over all where it can with none; 1
            where nothing could be compared.
        replicates: rearrangements behind it; 0 where nothing could be compared.
        rearranged: who was rearranged, one entry a set of labels.
        unequal: why the p must not decide, in words; empty where it may.
        set_aside: pairs the p does not speak of although they are compared, each with the reason.
        unconfirmed: the p is small, but bounds that let each slice have its own dispersion do not exclude
            that all are equal.
        detected: the p is at most alpha, and nothing above speaks against it.
    """

    p: float
    replicates: int
    rearranged: tuple[str, ...]
    unequal: str
    set_aside: tuple[str, ...]
    unconfirmed: bool
    detected: bool


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """The test over the pairs that are compared by one set of labels."""

    contrasts: Contrasts
    strata: Strata
    unequal: str
    labels: str

    def p(self, generator: np.random.Generator, replicates: int) -> float:
        chunk = max(1, _BLOCK // self.contrasts.answers.size)
        return permutation_p(
            lambda arrangement: largest_difference(self.contrasts, arrangement),
            self.strata,
            generator,
            replicates,
            chunk,
        )


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

    Pairs that are compared over the same labels are tested together, by the maximum. Where pairs have
    different labels in common, each set of labels is a test of its own among the people who have them, and
    the smallest p is multiplied by their number (Bonferroni): people without a label could not stand in for
    people with it. A small p must be confirmed by bounds that let each slice have its own dispersion.

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
    data = canonical(tally)
    parts = tuple(_part(data, contrasts, settings) for contrasts in prepare_contrasts(data, settings))
    if not parts:
        return Association(1.0, 0, (), unequal="", set_aside=(), unconfirmed=False, detected=False)
    # Pairs that are set aside are not tested, so they cost nothing; with all set aside the p is only shown.
    trusted = tuple(part for part in parts if not part.unequal)
    tested = trusted or parts
    share = alpha / len(tested)
    generator = derived_generator(data, criterion, version)
    found = [part.p(generator, replicates) for part in tested]
    smallest = int(np.argmin(found))
    p, used = found[smallest], replicates
    if abs(p - share) < _NEAR * float(np.sqrt(share * (1.0 - share) / replicates)):
        used = _CLOSER * (replicates + 1) - 1
        p = tested[smallest].p(generator, used)
    p = min(1.0, p * len(tested))
    unconfirmed = p <= alpha and not _bounded_away(data, alpha, settings)
    return Association(
        p=p,
        replicates=used,
        rearranged=tuple(
            f"{part.labels}: {part.strata.kept} ({part.strata.exchanged:.0%} can move)" for part in tested
        ),
        unequal="" if trusted else parts[0].unequal,
        set_aside=tuple(f"{part.labels}: {part.unequal}" for part in parts if part.unequal and trusted),
        unconfirmed=unconfirmed,
        detected=p <= alpha and bool(trusted) and not unconfirmed,
    )


def _bounded_away(tally: Tally, alpha: float, settings: Settings) -> bool:
    """Some difference is above 0 by the simultaneous bound of a gap, and by each slice's own variance alone.

    Exchanging people takes slices for alike in everything but their rates. The bound of a gap allows for
    more, but draws the variance of a small slice towards that of the others, which is too little where the
    small one is the noisier; Welch's test (1947) does not, and is liberal where few people were misread.
    """
    found = compare(tally, replace(settings, alpha=alpha))
    slices = int(found.layout.assessable.sum())
    for pair in np.flatnonzero(found.compared & (found.lower > 0)):
        if found.kind[pair] != _APART:
            return True
        levels = np.array([found.layout.first[pair], found.layout.second[pair]])
        own = moments(tally, levels, np.flatnonzero(found.labels[pair]))
        parts = own.variance / own.people
        if not parts.any():
            return True
        freedom = parts.sum() ** 2 / (parts**2 / (own.people - 1)).sum()
        reach = range_quantile(slices, freedom, alpha) / np.sqrt(2.0) * np.sqrt(parts.sum())
        if abs(own.rate[0] - own.rate[1]) > reach:
            return True
    return False


def _part(data: Tally, contrasts: Contrasts, settings: Settings) -> _Part:
    has = data.images[np.ix_(contrasts.units, contrasts.labels)] > 0
    strata = strata_of(data.person[contrasts.units], contrasts.owner, has, settings.least_people)
    names = ", ".join(data.labels[label] for label in contrasts.labels)
    images = images_ratio(data.images[np.ix_(contrasts.units, contrasts.labels)].sum(axis=1), contrasts.owner)
    dispersion = float(dispersion_ratio(moments(data, contrasts.slices, contrasts.labels)))
    unequal = why_unequal(strata, images, dispersion)
    return _Part(contrasts, strata, unequal, names)
