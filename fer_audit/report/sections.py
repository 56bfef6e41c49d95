"""Verdicts as a page shows them: every text ready, every name clean, nothing left to compute."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fer_audit.report.clauses import allowed, missing, reason, seen_briefly, size, sure
from fer_audit.report.comparisons import deciding, is_association, standing, worst_first
from fer_audit.report.faces import Gallery, gallery
from fer_audit.report.matrices import Matrix, matrices
from fer_audit.report.names import clean, group, level_words, shortened
from fer_audit.report.overall import alpha_of, by_outcome, cell_of
from fer_audit.report.phrases import phrase
from fer_audit.report.quantities import number, people, percent, plural, probability
from fer_audit.report.sentences import sentence
from fer_audit.results import Comparison, Outcome, Record, RunResult, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fer_audit.report.cells import CellTable

__all__ = ["NumbersRow", "Section", "make_sections"]

_PAIRS = 6
_PAIRS_IN_ALL = 60
_NUMBERS = 100


@dataclass(frozen=True, slots=True)
class NumbersRow:
    """One comparison in the table of all numbers.

    Attributes:
        standing: ``fail``, ``inconclusive`` or ``pass``.
        cells: the two slices, their values, the difference or ratio, bounds, p, people, images, labels.
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
        measure: what is compared.
        slicing: the groups.
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
        numbers: the comparisons, worst first.
        unlisted: how many comparisons the table leaves to ``report.json``.
        facts: reason, what could not be judged, notes.
    """

    anchor: str
    outcome: str
    criterion: str
    measure: str
    slicing: str
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
    numbers: tuple[NumbersRow, ...]
    unlisted: int
    facts: tuple[str, ...]


def make_sections(result: RunResult, cells: Sequence[CellTable]) -> tuple[Section, ...]:
    """Every verdict of a run, what failed first; pictures are spent on the first failures."""
    tables = {(table.model, table.dataset): table for table in cells}
    made: list[Section] = []
    pictures = _PAIRS_IN_ALL
    for records in by_outcome(result).values():
        for record in records:
            table = tables.get((record.model, record.dataset))
            section = _section(result, record, table, f"v{len(made) + 1}", min(_PAIRS, pictures))
            pictures -= len(section.gallery.shown) if section.gallery is not None else 0
            made.append(section)
    return tuple(made)


def _section(
    result: RunResult, record: Record, table: CellTable | None, anchor: str, pictures: int
) -> Section:
    verdict = record.verdict
    cell = cell_of(result, record)
    unit = cell.unit if cell is not None else "person"
    pair = deciding(verdict)
    illustrated = table if verdict.outcome is Outcome.FAIL else None
    faces = gallery(illustrated, verdict, pair, limit=pictures) if illustrated and pair else None
    ordered = worst_first(verdict)
    return Section(
        anchor=anchor,
        outcome=verdict.outcome.value,
        criterion=shortened(verdict.criterion, 120),
        measure=shortened(verdict.measure, 80),
        slicing=shortened(verdict.slicing, 80),
        where=f"{shortened(record.model)} on {shortened(record.dataset)}",
        test=shortened(record.test, 160),
        sentence=sentence(record, cell, alpha=alpha_of(result)),
        pair=f"{shortened(pair.a, 32)} over {shortened(pair.b, 32)}" if pair else "nothing comparable",
        size=size(verdict, pair) if pair else "",
        sure=sure(verdict, pair) if pair else "",
        allowed=allowed(verdict),
        seen=seen_briefly(pair) if pair else "",
        unit=plural(unit),
        record=record,
        matrices=matrices(illustrated, verdict, pair) if illustrated and pair else (),
        gallery=faces,
        gallery_told=_told(verdict, pair, faces, unit) if pair and faces else "",
        level_a=level_words(verdict.slicing, pair.a) if pair else "",
        level_b=level_words(verdict.slicing, pair.b) if pair else "",
        scale="ratio" if verdict.scale == "ratio" else "points apart",
        numbers=tuple(_numbers(verdict, c) for c in ordered[:_NUMBERS]),
        unlisted=max(len(ordered) - _NUMBERS, 0),
        facts=_facts(record, unit),
    )


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
    shares = phrase(verdict.measure).event.kind != "other"

    def value(share: float) -> str:
        return percent(share) if shares else number(share, 3)

    def bound(x: float) -> str:
        return number(x, 2) if ratio else number(100 * x, 1) if shares else number(x, 3)

    return NumbersRow(
        standing=standing(verdict, comparison).value,
        cells=(
            shortened(comparison.a, 40),
            shortened(comparison.b, 40),
            value(comparison.value_a),
            value(comparison.value_b),
            bound(comparison.estimate),
            bound(comparison.lower),
            bound(comparison.upper),
            probability(comparison.p) if comparison.p is not None else "",
            seen_briefly(comparison),
            f"{comparison.images_a:,} + {comparison.images_b:,}",
            ", ".join(shortened(label, 24) for label in comparison.labels),
        ),
    )


def _facts(record: Record, unit: str) -> tuple[str, ...]:
    verdict = record.verdict
    # What failed or passed has said why in its sentence.
    open_or_tested = verdict.outcome is Outcome.INCONCLUSIVE or is_association(verdict)
    facts = [reason(verdict).strip()] if verdict.reason and open_or_tested else []
    facts += [missing(verdict).strip()] if verdict.not_assessable else []
    if verdict.people_needed:
        wanted = ", ".join(
            f"{shortened(level)} {people(count, unit)}" for level, count in verdict.people_needed.items()
        )
        facts.append(f"Needed to decide: {wanted}.")
    if verdict.p is not None:
        facts.append(f"The criterion's own test: {probability(verdict.p)}.")
    facts += [f"Left out: {shortened(level)} ({clean(why)})." for level, why in verdict.excluded]
    if verdict.labels_left_out:
        labels = ", ".join(shortened(label) for label in verdict.labels_left_out)
        facts.append(f"Labels that too few people have: {labels}.")
    return (*facts, *(clean(note) for note in verdict.notes))
