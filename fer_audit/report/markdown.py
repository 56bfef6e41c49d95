"""``report.md``: the run as a comment on a pull request, which a forge accepts up to a length."""

from __future__ import annotations

import re
from itertools import accumulate, takewhile
from typing import TYPE_CHECKING

from fer_audit.report.asides import told_asides
from fer_audit.report.family import family_words
from fer_audit.report.names import clean, shortened
from fer_audit.report.overall import (
    RENDERED_CAVEAT,
    alpha_of,
    by_outcome,
    errors,
    gate,
    is_synthetic,
    partial_words,
    unit_of,
)
from fer_audit.report.overview import make_grid
from fer_audit.report.quantities import people
from fer_audit.report.sentences import sentence, short
from fer_audit.report.unanswered import answer_kinds
from fer_audit.results import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fer_audit.report.cells import CellTable
    from fer_audit.report.overview import Mark
    from fer_audit.results import RunResult, Verdict

__all__ = ["LIMIT", "escape", "render_markdown"]

LIMIT = 65_000
"""The most characters of a report; a comment on GitHub holds 65,536."""

_ROOM = (16_000, 18_000, 5_000, 4_000, 4_000, 3_000)  # grid, what failed, errors, what passed, kinds, cells
_FRAME = 1_000  # headings of the folded parts, empty lines, and how many more there are
_SYNTAX = re.compile(r"([\\`*_{}\[\]#|!~$^])")
_TAGS = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
# A mention or a bare address would act on the reader's repository: a word joiner stops it.
_ACTIVE = re.compile(r"@|:(?=//)|(?i:www)(?=\.)")
_WORDS = {Outcome.FAIL: "**FAIL**", Outcome.INCONCLUSIVE: "inconclusive", Outcome.PASS: "pass"}


def escape(text: str) -> str:
    r"""Text as Markdown shows it literally: no markup, no HTML, no mention, no link.

    >>> escape("<b>skin_tone</b>|x")
    '&lt;b&gt;skin\\_tone&lt;/b&gt;\\|x'
    """
    joined = _ACTIVE.sub(lambda found: f"{found[0]}\u2060", clean(text))
    return _SYNTAX.sub(r"\\\1", joined.translate(_TAGS))


def render_markdown(result: RunResult, cells: Sequence[CellTable] = ()) -> str:
    """The text of ``report.md``: caveat, gate, grid, what failed; what did not is folded away.

    It holds at most ``LIMIT`` characters; what is left out is counted.

    Args:
        result: what the run found.
        cells: the answers behind it, for kinds of answer by slice; without them it tells of none.
    """
    parts = [
        list(_head(result)),
        _fitting(list(_grid(result)), _ROOM[0], "demands"),
        _fitting(list(_sentences(result, Outcome.FAIL)), _ROOM[1], "that FAILED"),
        _fitting(list(_errors(result)), _ROOM[2], "errors"),
    ]
    passed = _fitting(list(_passed(result)), _ROOM[3], "that passed")
    kinds = _fitting(list(_kinds(result, cells)), _ROOM[4], "lines")
    last = [
        _folded(passed, _counted(result, Outcome.PASS)),
        _folded(kinds, "Answers without a label"),
        _fitting(list(_origins(result)), _ROOM[5], "cells"),
    ]
    # The undecided get what the others leave.
    room = LIMIT - _FRAME - sum(len(line) + 1 for part in (*parts, *last) for line in part)
    undecided = _fitting(list(_sentences(result, Outcome.INCONCLUSIVE)), room, "that are undecided")
    parts += [_folded(undecided, _counted(result, Outcome.INCONCLUSIVE)), *last]
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def _head(result: RunResult) -> Iterator[str]:
    decision = gate(result)
    if is_synthetic(result):
        yield from (f"> {RENDERED_CAVEAT}", "")
    yield from (f"### Fairness audit: {decision.word}", "", escape(decision.sentence))
    if decision.undecided:
        yield from ("", f"**{decision.undecided}**")
    if family := family_words(result):
        yield from ("", escape(family))
    if result.partial:
        yield from ("", escape(partial_words(result)))


def _grid(result: RunResult) -> Iterator[str]:
    if not result.records:
        return
    grid = make_grid(result)
    several = len(grid.parts) > 1
    heads = ["demand", *(["model, data"] if several else []), *map(escape, grid.slicings)]
    yield f"| {' | '.join(heads)} |"
    yield f"|{'---|' * (len(heads) - len(grid.slicings))}{':-:|' * len(grid.slicings)}"
    for part in grid.parts:
        for row in part.rows:
            cells = [escape(row.demand), *([escape(part.where)] if several else [])]
            cells += [_marks(marks) for marks in row.marks]
            yield f"| {' | '.join(cells)} |"


def _marks(marks: Sequence[Mark]) -> str:
    return ", ".join(f"{mark.symbol} {_WORDS[mark.outcome]}" for mark in marks) or "–"


def _sentences(result: RunResult, outcome: Outcome) -> Iterator[str]:
    for record in by_outcome(result)[outcome]:
        told = f"- {escape(sentence(record, unit_of(result, record), alpha=alpha_of(result)))}"
        yield "\n".join([told, *_beside(record.verdict)])


def _beside(verdict: Verdict) -> Iterator[str]:
    """The tables told with a verdict, indented under the sentence they belong to."""
    for aside in told_asides(verdict):
        yield ""
        for position, row in enumerate([aside.columns, *aside.rows]):
            yield f"  | {' | '.join(escape(shortened(cell, 40)) for cell in row)} |"
            if position == 0:
                yield f"  |{'---|' * len(row)}"
        if aside.told:
            yield f"\n  {escape(aside.note)}"


def _passed(result: RunResult) -> Iterator[str]:
    for record in by_outcome(result)[Outcome.PASS]:
        yield f"- {escape(short(record, with_cell=len(result.cells) != 1))}"


def _errors(result: RunResult) -> Iterator[str]:
    for error in errors(result):
        yield f"- ERROR {escape(shortened(error.where, 100))}: {escape(shortened(error.reason, 400))}"


def _origins(result: RunResult) -> Iterator[str]:
    for cell in result.cells:
        origin = f"{shortened(cell.model)} on {shortened(cell.dataset)}: {people(cell.people, cell.unit)}, "
        origin += f"{cell.images:,} images, fingerprint {shortened(cell.fingerprint, 16)}"
        yield f"<sub>{escape(origin)}</sub>  "


def _kinds(result: RunResult, cells: Sequence[CellTable]) -> Iterator[str]:
    for kinds in answer_kinds(result, cells):
        yield from (f"{escape(kinds.where)}, {escape(kinds.told)}", "")
        yield f"| | {' | '.join(kinds.heads)} |"
        yield f"|---|{'--:|' * len(kinds.heads)}"
        yield from (f"| {' | '.join(map(escape, row))} |" for row in kinds.shown)
        yield f"\n{kinds.unlisted} more slices, in `report.json`\n" if kinds.unlisted else ""


def _counted(result: RunResult, outcome: Outcome) -> str:
    count = len(by_outcome(result)[outcome])
    return f"{count} {'passed' if outcome is Outcome.PASS else 'could not be decided'}"


def _folded(lines: list[str], title: str) -> list[str]:
    return [f"<details><summary>{title}</summary>", "", *lines, "", "</details>"] if lines else []


def _fitting(lines: list[str], room: int, what: str) -> list[str]:
    """As many of the lines as fit, and how many do not."""
    kept = list(takewhile(lambda total: total <= room, accumulate(len(line) + 1 for line in lines)))
    if len(kept) == len(lines):
        return lines
    return [*lines[: len(kept)], "", f"and {len(lines) - len(kept)} more {what}, in `report.html`"]
