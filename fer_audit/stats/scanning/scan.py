"""The scan: every confusion between every pair of slices, with p-values that know how much was looked at."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from fer_audit.stats.association.evenness import dispersion_ratio, is_uneven, why_unequal
from fer_audit.stats.association.permutation import derived_generator, draw
from fer_audit.stats.differences.engine import compare
from fer_audit.stats.differences.moments import moments
from fer_audit.stats.multiplicity import benjamini_hochberg
from fer_audit.stats.scanning.family import prepare_scan
from fer_audit.stats.scanning.statistics import absolute_t, arrangements_a_block
from fer_audit.stats.scanning.stepdown import StepDown, step_down

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fer_audit.stats.counts import Counts
    from fer_audit.stats.measures import Measure
    from fer_audit.stats.scanning.family import Family, LabelScan
    from fer_audit.stats.settings import Settings

__all__ = ["Finding", "Scan", "scan_confusions"]

# Part of the seed: raised when another draw would be made of the same data.
_VERSION = "scan-1"
# Beside alpha the scan is run once more with so many times the rearrangements: 99,999 for 9,999.
_CLOSER = 10
# A p farther than this many Monte-Carlo standard errors from alpha changes sides in one run of 15,000.
_NEAR = 4.0
# A bound that equals the margin on paper must read as equal.
_ROUNDING = 1e-12
_UNCONFIRMED = (
    "slices differ much in people, in images a person or in dispersion, and the bounds that let each have "
    "its own dispersion do not exclude that they are equal"
)
# Where few people make nearly all errors, dispersions cannot be told apart: between 28 and 20 people whose
# images correlate by .02 and .3 a scan alone finds, 14 times in 100, what is not there.
_UNSUPPORTED = "the bounds of a gap in this confusion by itself do not exclude that slices are equal in it"
_UNKNOWN = (
    "nobody knows who is in which picture, and the bounds that allow for it do not exclude that slices are "
    "equal"
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One way of misreading one true label, compared between two slices: a has it more often than b.

    Attributes:
        measure: the rate that is compared.
        a: slice with the larger rate.
        b: slice with the smaller one.
        rate_a: share of the images of the true label that were misread so in a, a person counting once.
        rate_b: the same in b.
        people_a: people of a who have the true label.
        people_b: people of b.
        lower: lower bound of the difference, simultaneous over everything that was scanned: that of a gap at
            the level divided by the number of confusions.
        upper: bound of the difference that decides PASS of a gap.
        doubt: why the p must not decide, in words; empty where it may.
        p: permutation p of this comparison by itself; None where it was not tested.
        adjusted: p over everything that was scanned (Westfall-Young); None where it was not tested.
        q: share of false findings to expect among those with as small a p (Benjamini-Hochberg).
    """

    measure: Measure
    a: str
    b: str
    rate_a: float
    rate_b: float
    people_a: int
    people_b: int
    lower: float
    upper: float
    doubt: str
    p: float | None = None
    adjusted: float | None = None
    q: float | None = None

    def decides(self, alpha: float, margin: float | None = None) -> bool:
        """Detected, trusted, and not shown to be negligible: enough for a FAIL.

        Args:
            alpha: level of the scan, over everything it looks at.
            margin: the difference that is negligible, or None.
        """
        negligible = margin is not None and self.upper <= margin + _ROUNDING
        detected = self.adjusted is not None and self.adjusted <= alpha
        return detected and not self.doubt and not negligible


@dataclass(frozen=True, slots=True)
class Scan:
    """What a scan found.

    Attributes:
        findings: every comparison, the most significant first; those that were not tested last.
        confusions: ways of misreading that were tested.
        comparisons: ways of misreading times pairs that were tested.
        rare: ways of misreading that happened to too few people to be tested.
        replicates: rearrangements behind the p-values; 0 where nothing was tested.
        rearranged: who was rearranged; empty where nobody was.
        set_aside: true labels whose confusions were not tested, each with the reason.
    """

    findings: tuple[Finding, ...]
    confusions: int
    comparisons: int
    rare: int
    replicates: int
    rearranged: str
    set_aside: tuple[str, ...]


def scan_confusions(
    counts: Counts,
    settings: Settings,
    *,
    criterion: str,
    alpha: float = 0.05,
    replicates: int = 9_999,
    version: str = _VERSION,
) -> Scan:
    """Look for any true label that is misread in some way more often in one slice than in another.

    Whole people are rearranged (or, for an attribute that varies within a person, that person's levels), so
    that what goes together in a person stays together. The adjusted p keeps the chance of any false finding
    where slices are alike in people, images a person and dispersion. Whether they are cannot always be seen,
    so that a finding also needs the lower bound of a gap above 0: the bound in that confusion by itself or,
    where slices are seen to be unlike, the one over all that was scanned. :attr:`Finding.doubt` says what is
    missing. Where only some slices of several differ, those that do not are held against rearrangements of
    all, which is approximate.

    Args:
        counts: images per person, slice, label and response.
        settings: for the fewest people, and the floors of the bounds.
        criterion: the demand as written; part of the seed.
        alpha: level of the adjusted p; where the smallest lies near it, the scan is run once more with ten
            times the rearrangements.
        replicates: rearrangements of the first look.
        version: of the method; part of the seed.

    Source: Westfall and Young (1993), Resampling-Based Multiple Testing; Benjamini and Hochberg (1995) for q.
    """
    family = prepare_scan(counts, settings)
    if family is None:
        return Scan((), 0, 0, 0, 0, rearranged="", set_aside=())
    unequal = tuple(why_unequal(family.strata, part.images, 1.0) for part in family.parts)
    # What is set aside is not tested, so it costs nothing; with all set aside the p are only shown.
    trusted = [not reason for reason in unequal] if not all(unequal) else [True] * len(unequal)
    frequent = [part.frequent for part in family.parts]
    tested = np.concatenate(
        [
            np.repeat(enough & trust, len(part.first))
            for part, enough, trust in zip(family.parts, frequent, trusted, strict=True)
        ]
    )
    if tested.any():
        generator = derived_generator(family.data, criterion, version)
        found = _rearrange(family, tested, generator, replicates=replicates, alpha=alpha)
    else:
        found = StepDown(np.full(family.size, np.nan), np.full(family.size, np.nan), 0)
    return Scan(
        findings=_list_findings(family, found, unequal, replace(settings, alpha=alpha)),
        confusions=sum(int(enough.sum()) for enough, trust in zip(frequent, trusted, strict=True) if trust),
        comparisons=int(tested.sum()),
        rare=sum(int((~enough).sum()) for enough in frequent),
        replicates=found.replicates,
        rearranged=f"{family.strata.kept} ({family.strata.exchanged:.0%} can move)" if tested.any() else "",
        set_aside=tuple(
            f"{family.parts[index].tally.labels[0]}: {unequal[index]}"
            for index, trust in enumerate(trusted)
            if not trust
        ),
    )


def _rearrange(
    family: Family,
    tested: NDArray[np.bool_],
    generator: np.random.Generator,
    *,
    replicates: int,
    alpha: float,
) -> StepDown:
    """P-values of the comparisons that are tested; nan for the others."""
    chunk = arrangements_a_block(family)
    observed = absolute_t(family, np.arange(len(family.owner))[None])[0, tested]

    def look(times: int) -> StepDown:
        blocks = draw(family.strata, generator, times, chunk)
        return step_down(observed, (absolute_t(family, block)[:, tested] for block in blocks))

    found = look(replicates)
    error = float(np.sqrt(alpha * (1.0 - alpha) / replicates))
    if abs(found.adjusted.min() - alpha) < _NEAR * error:
        found = look(_CLOSER * (replicates + 1) - 1)
    p, adjusted = np.full(len(tested), np.nan), np.full(len(tested), np.nan)
    p[tested], adjusted[tested] = found.p, found.adjusted
    return StepDown(p, adjusted, found.replicates)


def _list_findings(
    family: Family, found: StepDown, unequal: tuple[str, ...], settings: Settings
) -> tuple[Finding, ...]:
    """Every comparison by name, the most significant first."""
    described = [
        finding
        for part, reason in zip(family.parts, unequal, strict=True)
        for finding in _describe(family, part, reason, settings)
    ]
    q = benjamini_hochberg(found.p)
    known = [
        replace(finding, p=float(p), adjusted=float(adjusted), q=float(share)) if p <= 1 else finding
        for finding, p, adjusted, share in zip(described, found.p, found.adjusted, q, strict=True)
    ]
    difference = np.array([finding.rate_a - finding.rate_b for finding in known])
    # nan, for what was not tested, sorts last.
    return tuple(known[index] for index in np.lexsort((-difference, found.p, found.adjusted)))


def _describe(family: Family, part: LabelScan, reason: str, settings: Settings) -> list[Finding]:
    """Every comparison of one true label, with the bounds of its gap and before any p."""
    gaps = compare(part.tally, settings)
    # Bounds are simultaneous over the pairs of one confusion, and there are many of those. The upper ones at
    # that level are of no use, and a tolerance of 1 spares them.
    confusions = sum(len(other.measures) for other in family.parts)
    stricter = replace(settings, alpha=settings.alpha / confusions)
    lower = compare(part.tally, stricter, allowed=1.0).lower
    unconfirmed = _UNCONFIRMED if part.tally.inflation == 1 else _UNKNOWN
    spread = dispersion_ratio(moments(part.tally, family.levels[part.slices], np.array([0])))
    findings = []
    for way, measure in enumerate(part.measures):
        dispersion = float(spread[way])
        doubt = reason or why_unequal(family.strata, part.images, dispersion)
        # Pictures of one person may be taken for several people: exchanging them tells nothing of people.
        uneven = is_uneven(part.people, part.images, dispersion) or part.tally.inflation > 1
        for pair, levels in enumerate(zip(gaps.layout.first, gaps.layout.second, strict=True)):
            rates = float(gaps.rate_first[way, pair]), float(gaps.rate_second[way, pair])
            more, less = (0, 1) if rates[0] >= rates[1] else (1, 0)
            alone = "" if gaps.lower[way, pair] > 0 else _UNSUPPORTED
            together = unconfirmed if uneven and lower[way, pair] <= 0 else ""
            findings.append(
                Finding(
                    measure=measure,
                    a=part.tally.levels[levels[more]],
                    b=part.tally.levels[levels[less]],
                    rate_a=rates[more],
                    rate_b=rates[less],
                    people_a=int(gaps.people[pair, more]),
                    people_b=int(gaps.people[pair, less]),
                    lower=float(lower[way, pair]),
                    upper=float(gaps.upper[way, pair]),
                    doubt=doubt or together or alone,
                )
            )
    return findings
