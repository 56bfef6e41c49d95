"""The verdict of a scan: is any label misread in some way more often in one slice than in another?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from fer_audit.errors import ConfigurationError
from fer_audit.results import Aside, Kind, Outcome, Verdict
from fer_audit.stats.differences.decision import list_gaps
from fer_audit.stats.differences.engine import compare
from fer_audit.stats.measures import Event, accuracy
from fer_audit.stats.scanning.family import NO_ANSWER
from fer_audit.stats.scanning.scan import scan_confusions
from fer_audit.stats.verdicts.comparisons import list_comparisons
from fer_audit.stats.verdicts.remarks import list_remarks, nothing_compared
from fer_audit.stats.verdicts.rounding import at_most, p_value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fer_audit.results import Comparison
    from fer_audit.stats.counts import Counts
    from fer_audit.stats.differences.decision import Gaps
    from fer_audit.stats.scanning.scan import Finding, Scan
    from fer_audit.stats.settings import Settings

__all__ = ["judge_scan"]

_ROUNDING = 1e-12
# 60 slices are 1,770 pairs of every confusion, rearranged ten thousand times: minutes. More would be hours.
_MOST_SLICES = 60
# A report names what matters, not everything that was looked at.
_MOST_SHOWN = 20
# Of what is listed as worth a look, so large a share may be chance.
_WORTH_A_LOOK = 0.10


def judge_scan(
    counts: Counts, *, alpha: float, margin: float | None, settings: Settings, criterion: str
) -> Verdict:
    """Judge "no label is misread in any way more often in one slice than in another".

    PASS: every difference of every confusion, tested or not, is shown to be at most the margin; without a
    margin there is no PASS. FAIL: some adjusted p is at most alpha, may be trusted
    (:attr:`fer_audit.stats.scanning.scan.Finding.doubt`), and its difference is not shown to be within the
    margin. INCONCLUSIVE otherwise.

    Args:
        counts: images per person, slice, label and response.
        alpha: level of the scan, over everything it looks at.
        margin: the difference that is negligible, or None.
        settings: floors and the fewest people.
        criterion: the demand as written; names the verdict and seeds the rearrangements.

    Raises:
        ConfigurationError: more slices than can be scanned.
    """
    if len(counts.levels) > _MOST_SLICES:
        raise ConfigurationError(
            f"{criterion} by {counts.slicing.name!r} would compare every confusion between "
            f"{len(counts.levels)} slices; at most {_MOST_SLICES} can be scanned. Scan a coarser slicing, "
            "such as one of its attributes"
        )
    tally = accuracy.tally(counts)
    layout = compare(tally, settings)
    gaps = list_gaps(tally, layout.layout, layout.labels, settings)
    scan = scan_confusions(counts, settings, criterion=criterion, alpha=alpha)
    deciding = tuple(finding for finding in scan.findings if finding.decides(alpha, margin))
    upper = max((finding.upper for finding in scan.findings), default=float("nan"))
    negligible = margin is not None and upper <= margin + _ROUNDING
    if negligible:
        outcome = Outcome.INCONCLUSIVE if gaps.unassessable else Outcome.PASS
    else:
        outcome = Outcome.FAIL if deciding else Outcome.INCONCLUSIVE
    if scan.findings:
        reason = _reason(scan, deciding, gaps, outcome, alpha=alpha, margin=margin, upper=upper)
    else:
        assessable = np.flatnonzero(layout.layout.assessable)
        reason = nothing_compared(tuple(tally.levels[level] for level in assessable))
    return Verdict(
        criterion=criterion,
        kind=Kind.SCAN,
        measure="confusions",
        scale="difference",
        slicing=counts.slicing.name,
        outcome=outcome,
        estimate=max((finding.rate_a - finding.rate_b for finding in scan.findings), default=float("nan")),
        lower=max((finding.lower for finding in scan.findings), default=float("nan")),
        upper=upper,
        tolerance=margin,
        p=scan.findings[0].adjusted if scan.findings else None,
        comparisons=_list_shown(counts, scan, deciding, alpha, settings),
        not_assessable=gaps.unassessable,
        labels_left_out=gaps.labels_left_out,
        excluded=counts.slicing.without,
        reason=reason,
        notes=(*list_remarks(counts, gaps, settings), *_notes(scan, alpha, settings)),
        asides=_asides(scan),
    )


def _list_shown(
    counts: Counts, scan: Scan, deciding: Sequence[Finding], alpha: float, settings: Settings
) -> tuple[Comparison, ...]:
    """What decides, what was detected, what is worth a look; and always the first and the widest."""
    if not scan.findings:
        return ()
    widest = max(scan.findings, key=lambda finding: finding.upper)
    detected = [f for f in scan.findings if f.adjusted is not None and f.adjusted <= alpha]
    curious = [f for f in scan.findings if f.q is not None and f.q <= _WORTH_A_LOOK]
    shown = list(dict.fromkeys([*deciding, *detected, *curious, scan.findings[0]]))[: _MOST_SHOWN - 1]
    if widest not in shown:
        shown.append(widest)
    known: dict[tuple[str, frozenset[str]], Comparison] = {}
    for measure in {finding.measure for finding in shown}:
        tally = measure.tally(counts)
        found = compare(tally, settings)
        for pair in list_comparisons(tally, found, np.ones(len(found.compared))):
            known[repr(measure), frozenset((pair.a, pair.b))] = pair
    return tuple(_comparison(finding, known) for finding in shown)


def _comparison(finding: Finding, known: dict[tuple[str, frozenset[str]], Comparison]) -> Comparison:
    pair = known[repr(finding.measure), frozenset((finding.a, finding.b))]
    return replace(pair, lower=finding.lower, p=finding.adjusted, measure=repr(finding.measure))


def _named(finding: Finding) -> str:
    seen = NO_ANSWER if finding.measure.event is Event.REFUSALS else finding.measure.predicted
    return f"{finding.measure.true} -> {seen}"


def _describe(finding: Finding) -> str:
    return (
        f"{_named(finding)}: {finding.a} {finding.rate_a:.3f} against {finding.b} {finding.rate_b:.3f}, "
        f"people {finding.people_a} and {finding.people_b}"
    )


def _reason(
    scan: Scan,
    deciding: Sequence[Finding],
    gaps: Gaps,
    outcome: Outcome,
    *,
    alpha: float,
    margin: float | None,
    upper: float,
) -> str:
    """One clause that says why the outcome is what it is."""
    if margin is not None and upper <= margin + _ROUNDING:
        if outcome is Outcome.PASS:
            return (
                f"no confusion is more than {at_most(upper, 3, margin)} apart in any two slices, "
                f"within {margin:g}"
            )
        names = ", ".join(item.name for item in gaps.unassessable)
        return f"what could be compared is within {margin:g}, but too few people speak for {names}"
    if not scan.comparisons:
        return "no confusion happened to enough people to be tested"
    unshown = "" if margin is None else f", and not shown to be within {margin:g}"
    among = f"over {scan.comparisons:,} comparisons"
    if outcome is Outcome.FAIL:
        p = f"adjusted p = {p_value(deciding[0].adjusted or 0.0, alpha)} {among}, at {alpha:g}"
        more = f"; and {len(deciding) - 1} more" if len(deciding) > 1 else ""
        return f"{_describe(deciding[0])}, {p}{unshown}{more}"
    first = scan.findings[0]
    p = f"adjusted p = {p_value(first.adjusted or 0.0, alpha)} {among}, at {alpha:g}"
    if first.adjusted is not None and first.adjusted <= alpha and first.doubt:
        return f"{_describe(first)}, {p}, which decides nothing: {first.doubt}"
    why = "; without a margin a scan can detect, never clear" if margin is None else unshown
    return f"no confusion stands out, the smallest {p}{why}"


def _notes(scan: Scan, alpha: float, settings: Settings) -> tuple[str, ...]:
    if not scan.findings:
        return ()
    notes = [
        f"scanned: {scan.confusions:,} confusions in pairs of slices, {scan.comparisons:,} comparisons "
        f"(Westfall-Young); {scan.rare:,} confusions happened to fewer than {settings.least_people} people "
        "and were not tested"
    ]
    if scan.replicates:
        notes.append(
            f"p from {scan.replicates:,} rearrangements of people among each other. {scan.rearranged}"
        )
    notes += [f"not tested: {label}" for label in scan.set_aside]
    doubtful = {
        finding.doubt
        for finding in scan.findings
        if finding.doubt and finding.adjusted is not None and finding.adjusted <= alpha
    }
    notes += [f"the p of some comparisons must not decide: {doubt}" for doubt in sorted(doubtful)]
    notes.append(
        "a scan names no number of people: it looks for what to ask, and a demand on one confusion is planned"
    )
    return tuple(notes)


def _asides(scan: Scan) -> tuple[Aside, ...]:
    """The exploratory list, where there is anything on it."""
    curious = [finding for finding in scan.findings if finding.q is not None and finding.q <= _WORTH_A_LOOK]
    if not curious:
        return ()
    rows = tuple(
        (
            _named(finding),
            f"{finding.a} {finding.rate_a:.3f}",
            f"{finding.b} {finding.rate_b:.3f}",
            f"{finding.p:.2g}",
            f"{finding.adjusted:.2g}",
            f"{finding.q:.2g}",
        )
        for finding in curious[:_MOST_SHOWN]
    )
    more = f" {len(curious) - len(rows)} more are not listed." if len(curious) > len(rows) else ""
    return (
        Aside(
            title="Exploratory: confusions worth a look (Benjamini-Hochberg q <= .10)",
            columns=("confusion", "more in", "less in", "p", "adjusted p", "q"),
            rows=rows,
            note=(
                f"Up to a tenth of the {len(curious)} listed is expected to be chance; the verdict rests on "
                f"the adjusted p.{more}"
            ),
        ),
    )
