"""Verdicts as a page shows them: every text ready, every name clean, nothing left to compute."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from fer_audit.report.clauses import NAMED, allowed, seen_briefly, size, subject, sure
from fer_audit.report.comparisons import (
    deciding,
    difference_allowed,
    is_association,
    joined,
    standing,
    worst_first,
)
from fer_audit.report.faces import Gallery, gallery
from fer_audit.report.family import run_words
from fer_audit.report.matrices import Matrix, matrices
from fer_audit.report.names import clean, group, level_words, shortened
from fer_audit.report.overall import alpha_of, anchor, ranked, unit_of
from fer_audit.report.phrases import confusion_of, phrase
from fer_audit.report.quantities import at_least, at_most, number, plural, probability, units
from fer_audit.report.remarks import remarks, worded
from fer_audit.report.sentences import sentence
from fer_audit.results import Aside, Comparison, Kind, Outcome, Record, RunResult, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fer_audit.report.cells import CellTable

__all__ = ["NumbersRow", "Section", "make_sections"]

_PAIRS = 6
_PAIRS_IN_ALL = 60
_NUMBERS = 100
_SCALE = {Kind.FLIPS: "points of excess"}


@dataclass(frozen=True, slots=True)
class NumbersRow:
    """One comparison in the table of all numbers.

    Attributes:
        standing: ``fail``, ``inconclusive`` or ``pass``.
        cells: the two slices, their values, the difference or ratio, bounds, the difference beside a ratio,
            p, people, images, labels.
    """

    standing: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """One verdict as the page shows it.

    Attributes:
        anchor: id of the section within the page.
        outcome: ``fail``, ``inconclusive`` or ``pass``.
        criterion: the demand as written.
        title: what is compared between which groups.
        where: model and data.
        test: the test that demanded it.
        sentence: the verdict in plain words.
        pair: the two slices of the deciding comparison, or empty.
        size: how far apart they are.
        sure: the bound that matters.
        allowed: the tolerance.
        seen: people behind it.
        unit: what they are called.
        record: the verdict itself, for charts.
        matrices: confusion matrices of the two slices, for a FAIL.
        gallery: the faces behind a FAIL, or None.
        gallery_told: what they are, in a sentence.
        level_a: slice of the first picture of each pair.
        level_b: slice of the second.
        scale: heading of the estimates.
        values: headings of the two rates behind each.
        beyond: what a comparison that stands out is, for the key of the chart.
        numbers: the comparisons, worst first.
        unlisted: how many comparisons the table leaves to ``report.json``.
        asides: small tables beside the verdict.
        facts: what could not be judged, what was left out.
        assumptions: reason, test and notes behind the numbers.
    """

    anchor: str
    outcome: str
    criterion: str
    title: str
    where: str
    test: str
    sentence: str
    pair: str
    size: str
    sure: str
    allowed: str
    seen: str
    unit: str
    record: Record
    matrices: tuple[Matrix, ...]
    gallery: Gallery | None
    gallery_told: str
    level_a: str
    level_b: str
    scale: str
    values: tuple[str, str]
    beyond: str
    numbers: tuple[NumbersRow, ...]
    unlisted: int
    asides: tuple[Aside, ...]
    facts: tuple[str, ...]
    assumptions: tuple[str, ...]


def make_sections(result: RunResult, cells: Sequence[CellTable]) -> tuple[Section, ...]:
    """Every verdict of a run, what failed first; pictures are spent on the first failures."""
    tables = {(table.model, table.dataset): table for table in cells}
    made: list[Section] = []
    pictures = _PAIRS_IN_ALL
    for position, record in enumerate(ranked(result)):
        table = tables.get((record.model, record.dataset))
        section = _section(result, record, table, anchor(position), min(_PAIRS, pictures))
        pictures -= len(section.gallery.shown) if section.gallery is not None else 0
        made.append(section)
    return tuple(made)


def _section(result: RunResult, record: Record, table: CellTable | None, name: str, pictures: int) -> Section:
    verdict = record.verdict
    unit = shortened(unit_of(result, record), 40)
    pair = deciding(verdict)
    illustrated = table if verdict.outcome is Outcome.FAIL else None
    # Of a scan the pictures show the confusion that the sentence is about.
    shown = replace(verdict, measure=pair.measure) if pair and pair.measure else verdict
    faces = gallery(illustrated, shown, pair, limit=pictures) if illustrated and pair else None
    ordered = worst_first(verdict)
    return Section(
        anchor=name,
        outcome=verdict.outcome.value,
        criterion=shortened(verdict.criterion, 120),
        title=subject(verdict),
        where=f"{shortened(record.model)} on {shortened(record.dataset)}",
        test=shortened(record.test, 160),
        sentence=sentence(record, unit, alpha=alpha_of(result)),
        pair=_pair(verdict, pair) if pair else _alone(verdict),
        size=size(verdict, pair) if pair else "",
        sure=sure(verdict, pair) if pair else "",
        allowed=allowed(verdict),
        seen=seen_briefly(pair) if pair else "",
        unit=plural(unit),
        record=record,
        matrices=matrices(illustrated, shown, pair) if illustrated and pair else (),
        gallery=faces,
        gallery_told=_told(shown, pair, faces, unit) if pair and faces else "",
        level_a=level_words(verdict.slicing, pair.a) if pair else "",
        level_b=level_words(verdict.slicing, pair.b) if pair else "",
        beyond="shown to differ" if is_association(verdict) else "beyond what is allowed",
        scale="ratio"
        if verdict.scale == "ratio"
        else _SCALE.get(verdict.kind, f"{units(verdict.scale)} apart".lstrip()),
        values=("changed", "identical") if verdict.kind is Kind.FLIPS else ("value a", "value b"),
        numbers=tuple(_numbers(verdict, c) for c in ordered[:_NUMBERS]),
        unlisted=max(len(ordered) - _NUMBERS, 0),
        asides=tuple(_worded(aside, verdict, unit) for aside in verdict.asides),
        facts=_facts(record, unit),
        assumptions=_assumptions(result, record, unit),
    )


def _pair(verdict: Verdict, pair: Comparison) -> str:
    return f"{confusion_of(pair)}{shortened(pair.a, 32)} {joined(verdict)} {shortened(pair.b, 32)}"


def _alone(verdict: Verdict) -> str:
    """What stands in place of a pair where there is none."""
    return "each group by itself" if verdict.kind is Kind.LEVEL else "nothing comparable"


def _told(verdict: Verdict, pair: Comparison, faces: Gallery, unit: str) -> str:
    what = phrase(verdict.measure)
    happens, does_not = {
        "correct": ("read correctly", "read wrongly"),
        "unanswered": ("left without an answer", "answered"),
        "confused": ("confused in this way", "not confused"),
    }.get(what.event.kind, ("", ""))
    a, b = group(verdict.slicing, pair.a), group(verdict.slicing, pair.b)
    return (
        f"Of {faces.pairs.total:,} pairs of the same {unit} with the same expression, "
        f"{faces.pairs.forward:,} are {happens} as {a} and {does_not} as {b}; "
        f"{faces.pairs.backward:,} the other way round."
    )


def _numbers(verdict: Verdict, comparison: Comparison) -> NumbersRow:
    ratio = verdict.scale == "ratio"

    limit, scale = verdict.tolerance, verdict.scale
    digits = {"ratio": 2, "score": 4}.get(scale, 1)
    what = phrase(comparison.measure or verdict.measure)
    beside: tuple[str, ...] = ()
    if ratio:
        beside = (_beside(verdict, comparison),)
    return NumbersRow(
        standing=standing(verdict, comparison).value,
        cells=(
            shortened(comparison.a, 40),
            shortened(comparison.b, 40),
            what.value(comparison.value_a),
            what.value(comparison.value_b),
            _observed(verdict, comparison),
            at_least(comparison.lower, limit, scale=scale, digits=digits),
            at_most(comparison.upper, limit, scale=scale, digits=digits),
            *beside,
            probability(comparison.p) if comparison.p is not None else "",
            seen_briefly(comparison),
            f"{comparison.images_a:,} + {comparison.images_b:,}",
            phrase(comparison.measure).noun
            if comparison.measure
            else ", ".join(shortened(label, 24) for label in comparison.labels),
        ),
    )


def _observed(verdict: Verdict, comparison: Comparison) -> str:
    if verdict.scale == "score":
        return number(comparison.estimate, 4)
    if verdict.scale == "difference":
        return number(100 * comparison.estimate, 1)
    if comparison.value_b == 0:
        return "some : none" if comparison.value_a > 0 else "none : none"
    return number(comparison.estimate, 2)


def _beside(verdict: Verdict, comparison: Comparison) -> str:
    """The difference that decides beside a ratio, with its bounds."""
    if comparison.difference is None:
        return ""
    estimate, lower, upper = comparison.difference
    limit = difference_allowed(verdict)
    low, high = at_least(lower, limit, digits=1), at_most(upper, limit, digits=1)
    return f"{number(100 * estimate, 1)} ({low} to {high})"


def _facts(record: Record, unit: str) -> tuple[str, ...]:
    """What no number says: who could not be judged, and who was left out."""
    verdict = record.verdict
    lost = [
        f"{shortened(entry.name)} ({worded(entry.reason, verdict, unit)})" for entry in verdict.not_assessable
    ]
    # The sentence names the first few; a longer list is told in full here.
    facts = [f"Not assessable: {'; '.join(lost)}."] if len(lost) > NAMED else []
    facts += [f"Left out: {shortened(level)} ({clean(why)})." for level, why in verdict.excluded]
    if verdict.labels_left_out:
        labels = ", ".join(shortened(label) for label in verdict.labels_left_out)
        facts.append(f"Labels that too few have: {labels}.")
    return tuple(facts)


def _worded(aside: Aside, verdict: Verdict, unit: str) -> Aside:
    """A table beside the verdict, safe to print, its observations called by their name."""

    def told(text: str) -> str:
        return shortened(worded(text, verdict, unit), 160)

    return Aside(
        told(aside.title),
        tuple(told(name) for name in aside.columns),
        tuple(tuple(told(cell) for cell in row) for row in aside.rows),
        worded(aside.note, verdict, unit),
    )


def _assumptions(result: RunResult, record: Record, unit: str) -> tuple[str, ...]:
    """What the numbers rest on, for who wants to check them."""
    verdict = record.verdict
    told = [worded(verdict.reason, verdict, unit)] if verdict.reason else []
    needed = ", ".join(f"{shortened(level)} {count:,}" for level, count in verdict.people_needed.items())
    told += [f"needed to decide: {needed}"] if needed else []
    told += [f"test of the criterion itself: {probability(verdict.p)}"] if verdict.p is not None else []
    told += [run_words(result, record)] if record.p_run is not None else []
    return (*told, *remarks(result, verdict, unit))
