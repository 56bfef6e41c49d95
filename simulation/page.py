"""Writes ``docs/error_rates`` from what was measured: first what a release manager asks, then the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulation.cells import bounds
from simulation.families import beyond, fair, people_needed, scan
from simulation.families.grids import PAIRED_SIZE
from simulation.families.register import all_cells
from simulation.peers.table import peers_section
from simulation.picture import draw_rates
from simulation.questions import Property
from simulation.results import read
from simulation.summary import explanations, summarise

if TYPE_CHECKING:
    from pathlib import Path

    from simulation.cells import Limit
    from simulation.summary import FamilySummary, Missed, Reading

__all__ = ["render", "write"]

_PICTURE = "rates.png"
_PAGE = "README.md"
# Rows of a family's table: its worst cells by each limit.
_WORST = 3
# What a family's row of the overview shows beside FAIL and PASS.
_OTHERS = (
    Property.DETECTED,
    Property.DECIDED,
    Property.FALSE_FINDING,
    Property.NAMED,
    Property.COVERED,
    Property.FILLED,
)
# More misses than this in one family are listed by their reason.
_LISTED = 12


def render(results: Path, scores: Path, folder: Path) -> tuple[Path, ...]:
    """Write page and picture.

    Args:
        results: what was measured.
        scores: what other tools said; the file may be absent.
        folder: where both go.

    Returns:
        What was written.
    """
    summaries = summarise(read(results), explanations())
    picture, page = folder / _PICTURE, folder / _PAGE
    draw_rates(summaries, picture)
    page.write_text(write(summaries, peers_section(scores)), encoding="utf-8")
    return page, picture


def write(summaries: tuple[FamilySummary, ...], peers: str) -> str:
    """The page as Markdown.

    Args:
        summaries: every family.
        peers: the section on other tools.
    """
    parts = [
        "# How often is the verdict wrong?",
        "<!-- Written by `python -m simulation page`; change the suite, not this file. -->",
        _opening(summaries),
        f"![Share of wrong verdicts of every cell, by family, against its limit]({_PICTURE})",
        _overview(summaries),
        _reading(summaries),
        _misses(summaries),
        peers,
        "## Family by family",
        *(_family(summary) for summary in summaries if summary.standings),
        _again(),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _opening(summaries: tuple[FamilySummary, ...]) -> str:
    """The first screen: four sentences without a table."""
    named = {summary.name: summary for summary in summaries}
    lines = []
    honest = named.get(fair.NAME)
    if honest is not None and honest.standings:
        failed, runs = honest.events(Property.FAIL), honest.runs
        lines.append(
            f"- **A fair model is called biased** (`Gap(accuracy, at_most=0.10)` says FAIL) in {failed:,} of "
            f"{runs:,} runs{_worst_of(honest, Property.FAIL)}."
        )
    edge = [summary for summary in summaries if not summary.name.startswith(beyond.NAME)]
    lines += [
        f"- **A model exactly at its tolerance**, the hardest case there is, gets {words} at most {limit} "
        f"of the time by design. Measured: {_within(edge, what)}."
        for what, words, limit in (
            (Property.FAIL, "FAIL", "5 %"),
            (Property.PASS, "PASS", "5 to 6 %"),
        )
    ]
    scanned = named.get(scan.NAME)
    if scanned is not None and scanned.standings:
        found = scanned.events(Property.FALSE_FINDING)
        lines.append(
            "- **A scan of every confusion between every two slices finds what is not there** (it says FAIL "
            f"over rates that are equal; at most 6 % by design) in {found:,} of "
            f"{scanned.runs:,} runs{_worst_of(scanned, Property.FALSE_FINDING)}."
        )
    both = sum(summary.events(Property.BOTH) for summary in summaries)
    runs = sum(
        known.measured.runs
        for summary in summaries
        for known in summary.standings
        if known.measured is not None and Property.BOTH in known.measured.events
    )
    lines.append(f"- **FAIL and PASS at once**: {both:,} of {runs:,} runs.")
    promised = named.get(people_needed.NAME)
    if promised is not None and promised.standings:
        rates = sorted(reading.rate for reading in promised.readings)
        lines.append(
            f"- **An undecided verdict says how many people would decide it** with 80 % power. With that "
            f"many people {_percent(rates[0])} to {_percent(rates[-1])} were decided, over {len(rates)} "
            "studies."
        )
    missed = sum(summary.missing_cells for summary in summaries)
    measured = sum(len(summary.standings) for summary in summaries)
    cells = sum(summary.cells for summary in summaries)
    lines.append(
        f"- **Cells that miss their limit**: {missed:,} of {measured:,} measured"
        f"{'; they are [listed below](#what-misses-its-limit)' if missed else ''}. "
        f"{cells - measured:,} of {cells:,} cells are not yet run."
    )
    stale = sum(summary.stale for summary in summaries)
    if stale:
        lines.append(
            f"- {stale:,} cells were measured with earlier code of the statistics, and have not "
            "been run since."
        )
    return "\n".join(lines)


def _worst_of(summary: FamilySummary, what: Property) -> str:
    worst = summary.worst(what)
    if worst is None or worst.events == 0:
        return ""
    return f"; in the worst of {len(summary.standings)} cells in {_percent(worst.rate)}"


def _within(summaries: list[FamilySummary], what: Property) -> str:
    """How many cells hold a limit, and the worst."""
    readings = [
        reading
        for summary in summaries
        for reading in summary.readings
        if reading.limit.what is what
        # What is published as outside of any claim has a limit far above.
        and (reading.limit.at_most or 1.0) <= PAIRED_SIZE
        and summary.name != fair.NAME
    ]
    if not readings:
        return "nothing yet"
    worst = max(readings, key=lambda reading: reading.rate)
    typical = sorted(reading.rate for reading in readings)[len(readings) // 2]
    return (
        f"{_percent(typical)} in the median of {len(readings):,} cells, {_percent(worst.rate)} in the worst "
        f"({worst.cell.name})"
    )


def _overview(summaries: tuple[FamilySummary, ...]) -> str:
    rows = [
        "## What was measured",
        "",
        "| family | cells | runs | worst FAIL | worst PASS | other worst | miss |",
        "|---|---|---|---|---|---|---|",
    ]
    for summary in summaries:
        others = [_against(worst) for what in _OTHERS if (worst := summary.worst(what)) is not None]
        measured = f"{len(summary.standings):,} of {summary.cells:,}"
        if summary.stale:
            measured += f" ({summary.stale:,} stale)"
        rows.append(
            f"| {summary.name} | {measured} | {summary.runs:,} | {_cell(summary.worst(Property.FAIL))} | "
            f"{_cell(summary.worst(Property.PASS))} | {'; '.join(others)} | {summary.missing_cells or '–'} |"
        )
    return "\n".join(rows)


def _cell(reading: Reading | None) -> str:
    return "" if reading is None else _against(reading)


def _against(reading: Reading) -> str:
    return f"{_percent(reading.rate)} ({_limit(reading.limit)})"


def _limit(limit: Limit) -> str:
    if limit.at_least is None:
        return f"≤ {_percent(limit.at_most or 0.0)}"
    if limit.at_most is None:
        return f"≥ {_percent(limit.at_least)}"
    return f"{_percent(limit.at_least)} to {_percent(limit.at_most)}"


def _reading(summaries: tuple[FamilySummary, ...]) -> str:
    tables = sum(summary.runs for summary in summaries)
    width = bounds(220, 4000)
    return (
        "## How to read this\n\n"
        "A *cell* is one world (people, images, true rates, how alike the images of one person are) and one "
        f"question. Tables of answers are drawn from it, {tables:,} in all so far, and judged by the "
        "functions that judge real predictions; a test holds the bounds of 200 random tables against the "
        "verdicts themselves. The worlds come from generators that the package itself does not use, and the "
        "seed of a cell follows from its name.\n\n"
        "*At the tolerance* means that the largest true gap equals the tolerance: there FAIL is wrong, and "
        "so is PASS for anyone who reads the tolerance strictly. Everywhere else both are rarer or right. A "
        "cell *misses* when the runs exclude its limit: the exact one-sided 99.9 % bound (Clopper and "
        f"Pearson 1934) lies beyond it. With 4,000 runs a cell at its limit of 5.5 % scatters between "
        f"{_percent(width.lower)} and {_percent(width.upper)}, so that the worst of hundreds of "
        "good cells lies above 5.5 %."
    )


def _misses(summaries: tuple[FamilySummary, ...]) -> str:
    missed = [(summary, item) for summary in summaries for item in summary.missed]
    if not missed:
        return ""
    lines = ["## What misses its limit"]
    for summary in summaries:
        own = summary.missed
        if not own:
            continue
        lines.append(f"\n**{summary.name}**\n")
        reasons = list(dict.fromkeys(item.because for item in own))
        for reason in reasons:
            group = sorted(
                (item for item in own if item.because == reason), key=lambda item: -abs(_beyond(item))
            )
            lines.append(f"{reason or '*Not explained yet.*'}\n")
            lines += [
                f"- {item.cell.name}: {item.miss.limit.what} in {_percent(item.miss.rate)} of "
                f"{item.miss.runs:,} ({_limit(item.miss.limit)})"
                for item in group[:_LISTED]
            ]
            if len(group) > _LISTED:
                lines.append(f"- and {len(group) - _LISTED} more, less far out")
            lines.append("")
    return "\n".join(lines).rstrip()


def _beyond(missed: Missed) -> float:
    limit, rate = missed.miss.limit, missed.miss.rate
    if limit.at_most is not None and rate > limit.at_most:
        return rate - limit.at_most
    return (limit.at_least or 0.0) - rate


def _family(summary: FamilySummary) -> str:
    lines = [f"### {summary.name[0].upper()}{summary.name[1:]}", "", summary.asks, ""]
    lines += ["| what | rate | limit | cell |", "|---|---|---|---|"]
    for what in Property:
        own = sorted(
            (reading for reading in summary.readings if reading.limit.what is what),
            key=lambda reading: (-reading.excess, reading.cell.name),
        )
        # Something that never happens needs one row, not its three worst cells.
        shown = own[: _WORST if any(reading.events for reading in own[:_WORST]) else 1]
        lines += [
            f"| {what} | {_percent(reading.rate)} | {_limit(reading.limit)} | {reading.cell.name}"
            f"{' (stale)' if reading.stale else ''} |"
            for reading in shown
        ]
    return "\n".join(lines)


def _again() -> str:
    cells = len(all_cells())
    return (
        "## To measure it again\n\n"
        "```\n"
        "python -m simulation run --jobs=2     # resumes where it was stopped\n"
        "python -m simulation peers            # other tools; needs `pip install --group peers`\n"
        "python -m simulation page\n"
        "```\n\n"
        f"{cells:,} cells of 4,000 runs (permutation tests 1,000 with 499 rearrangements; verdicts about "
        "images without an answer, which are given one by one, 1,000). `results.jsonl` "
        "beside this page holds one line a cell: its name, fingerprints of its definition and of the code "
        "that answered it (all modules of `fer_audit.stats` behind the question, without comments), runs, "
        "seconds, and counts. When that code changes, `run` measures again what it concerns; until then the "
        "old figures stay, counted as stale. `tests/simulation` runs a small form, 30 named cells, with "
        "every change."
    )


def _percent(rate: float) -> str:
    """A share as readers say it; what is not zero does not read as zero.

    >>> _percent(0.0), _percent(0.055), _percent(0.00025), _percent(0.8)
    ('0 %', '5.5 %', '0.03 %', '80 %')
    """
    if rate == 0:
        return "0 %"
    shown = 100 * rate
    digits = 2 if shown < 0.1 else 1  # noqa: PLR2004 - a tenth of a percent
    return f"{shown:.{digits}f}".rstrip("0").rstrip(".") + " %"
