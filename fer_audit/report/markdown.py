"""``report.md``: the run as a comment on a pull request."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from fer_audit.report.clauses import allowed, seen, size, sure
from fer_audit.report.comparisons import deciding
from fer_audit.report.names import clean, shortened
from fer_audit.report.overall import RENDERED_CAVEAT, alpha_of, by_outcome, cell_of, gate, is_synthetic
from fer_audit.report.quantities import people
from fer_audit.report.sentences import sentence
from fer_audit.results import Outcome, Record, RunResult

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["SYMBOLS", "escape", "render_markdown"]

SYMBOLS = {Outcome.FAIL: "✕", Outcome.INCONCLUSIVE: "?", Outcome.PASS: "✓"}
"""A sign for each outcome, so that no reader depends on colour."""

_SYNTAX = re.compile(r"([\\`*_{}\[\]#|!~$^])")
_TAGS = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
# A mention or a bare address would act on the reader's repository: a word joiner stops it.
_ACTIVE = re.compile(r"@|:(?=//)|(?i:www)(?=\.)")
_SENTENCES = 20


def escape(text: str) -> str:
    r"""Text as Markdown shows it literally: no markup, no HTML, no mention, no link.

    >>> escape("<b>skin_tone</b>|x")
    '&lt;b&gt;skin\\_tone&lt;/b&gt;\\|x'
    """
    joined = _ACTIVE.sub(lambda found: f"{found[0]}\u2060", clean(text))
    return _SYNTAX.sub(r"\\\1", joined.translate(_TAGS))


def render_markdown(result: RunResult) -> str:
    """The text of ``report.md``: caveat, gate, table of verdicts, a sentence for each that did not pass."""
    return "\n".join(_lines(result)).rstrip() + "\n"


def _lines(result: RunResult) -> Iterator[str]:
    decision = gate(result)
    if is_synthetic(result):
        yield from (f"> {RENDERED_CAVEAT}", "")
    yield from (f"### Fairness audit: {decision.word}", "", escape(decision.sentence), "")
    if decision.undecided:
        yield from (f"**{decision.undecided}**", "")
    if result.partial:
        yield from ("Partial run: not every test on all people; it is no baseline.", "")
    if result.records:
        yield "| | criterion | groups | model, data | largest | sure | allowed | seen |"
        yield "|---|---|---|---|---|---|---|---|"
        for records in by_outcome(result).values():
            yield from (_row(result, record) for record in records)
        yield ""
    told = {
        outcome: [f"- {escape(sentence(r, cell_of(result, r), alpha=alpha_of(result)))}" for r in records]
        for outcome, records in by_outcome(result).items()
    }
    yield from _limited(told[Outcome.FAIL])
    for fault in result.faults:
        where = escape(shortened(fault.cell or fault.test))
        yield f"- ERROR {where}: {escape(shortened(fault.reason, 400))}"
    yield ""
    if told[Outcome.INCONCLUSIVE]:
        yield from ("<details><summary>What could not be decided</summary>", "")
        yield from _limited(told[Outcome.INCONCLUSIVE])
        yield from ("", "</details>", "")
    for cell in result.cells:
        origin = f"{shortened(cell.model)} on {shortened(cell.dataset)}: {people(cell.people, cell.unit)}, "
        origin += f"{cell.images:,} images, fingerprint {shortened(cell.fingerprint, 16)}"
        yield f"<sub>{escape(origin)}</sub>  "


def _limited(lines: list[str]) -> Iterator[str]:
    yield from lines[:_SENTENCES]
    if len(lines) > _SENTENCES:
        yield f"- and {len(lines) - _SENTENCES} more in `report.html`"


def _row(result: RunResult, record: Record) -> str:
    verdict = record.verdict
    cell = cell_of(result, record)
    pair = deciding(verdict)
    unit = cell.unit if cell is not None else "person"
    found = (
        ("nothing comparable", "", "")
        if pair is None
        else (
            f"{shortened(pair.a, 30)} over {shortened(pair.b, 30)}: {size(verdict, pair)}",
            sure(verdict, pair),
            seen(pair, unit),
        )
    )
    cells = (
        f"{SYMBOLS[verdict.outcome]} **{verdict.outcome.upper()}**",
        escape(shortened(verdict.criterion, 80)),
        escape(shortened(verdict.slicing)),
        escape(f"{shortened(record.model)}, {shortened(record.dataset)}"),
        escape(found[0]),
        escape(found[1]),
        escape(allowed(verdict)),
        escape(found[2]),
    )
    return f"| {' | '.join(cells)} |"
