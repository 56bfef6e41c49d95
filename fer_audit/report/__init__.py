"""The reports of a run: one result told in a terminal, on a page, in a pull request and to machines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fer_audit.report.files import check_writable, replace_file

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from fer_audit.report.cells import CellTable
    from fer_audit.results import RunResult

__all__ = ["ReportFiles", "check_writable", "write_reports"]


@dataclass(frozen=True, slots=True)
class ReportFiles:
    """Where the reports of one run lie.

    Attributes:
        html: the page for people.
        json: everything, for machines.
        markdown: the comment for a pull request.
        counts: the baseline of a later run.
    """

    html: Path
    json: Path
    markdown: Path
    counts: Path


def write_reports(result: RunResult, cells: Sequence[CellTable], directory: Path) -> ReportFiles:
    """Write report.html, report.json, report.md and counts.parquet; each appears whole or not at all.

    Everything is rendered before the first file is replaced, so that no file tells of another run.

    Args:
        result: what the run found.
        cells: the answers behind it.
        directory: made if it is missing.

    Raises:
        ReportError: the folder or a file cannot be written; the message names it and a cure.
    """
    # Drawing and tables load matplotlib, Jinja and pyarrow; whoever only wants a sentence pays for none.
    from fer_audit.report.counts import render_counts  # noqa: PLC0415 - see above
    from fer_audit.report.html import render_html  # noqa: PLC0415
    from fer_audit.report.json import render_json  # noqa: PLC0415
    from fer_audit.report.markdown import render_markdown  # noqa: PLC0415

    slicings: dict[tuple[str, str], list[str]] = {}
    for record in result.records:
        known = slicings.setdefault((record.model, record.dataset), [])
        if record.verdict.slicing not in known:
            known.append(record.verdict.slicing)
    files = ReportFiles(
        html=directory / "report.html",
        json=directory / "report.json",
        markdown=directory / "report.md",
        counts=directory / "counts.parquet",
    )
    contents = {
        files.html: render_html(result, cells).encode(),
        files.json: render_json(result, cells).encode(),
        files.markdown: render_markdown(result, cells).encode(),
        files.counts: render_counts(cells, slicings, partial=result.partial),
    }
    check_writable(directory)
    for path, content in contents.items():
        replace_file(path, content)
    return files
