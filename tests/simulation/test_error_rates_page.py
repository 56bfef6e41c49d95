"""The page says what was measured, what misses and what is missing, in words that hold for any results."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from fer_audit.stats.tally import Tally
from simulation.families.register import all_cells, cells_named
from simulation.page import render, write
from simulation.peers.contest import CONTESTS, Score, hold, read_scores
from simulation.peers.rules import RULES, rows_of
from simulation.peers.table import peers_section
from simulation.questions import Property
from simulation.results import Measurement, append
from simulation.running import measure
from simulation.summary import EXPLANATIONS, explanations, summarise
from simulation.worlds import draw

if TYPE_CHECKING:
    from pathlib import Path

NAMES = (
    "fair: 2 slices of 8, 1 image, accuracy .5, icc 0",
    "gap: 2 slices of 8, 2 images, accuracy .85/.75, icc .05 beta, one pair",
    "reference: 20 against 20, gap .2",
)


def measured(runs: int = 50) -> list[Measurement]:
    """A few cells with few runs, as if they were the full form."""
    return [replace(measure(cell, runs), runs=runs) for cell in cells_named(NAMES)]


def test_an_empty_suite_says_that_nothing_was_run() -> None:
    page = write(summarise((), {}), "")
    assert f"0 of 0 measured. {len(all_cells()):,} of {len(all_cells()):,} cells are not yet run." in page
    assert "## What misses its limit" not in page


def test_the_first_screen_counts_what_was_measured() -> None:
    results = measured()
    page = write(summarise(tuple(results), {}), "")
    failed = results[0].events[Property.FAIL]
    assert f"says FAIL) in {failed} of 50 runs" in page
    assert "**FAIL and PASS at once**: 0 of 150 runs." in page
    assert f"{len(all_cells()) - 3:,} of {len(all_cells()):,} cells are not yet run." in page
    assert "earlier code" not in page


def test_a_miss_is_published_with_its_reason_or_with_the_lack_of_one() -> None:
    results = measured()
    bad = replace(results[1], events={**results[1].events, Property.FAIL: 40})
    page = write(summarise((bad,), {}), "")
    assert "1 of 1 measured; they are [listed below]" in page
    assert f"*Not explained yet.*\n\n- {NAMES[1]}: FAIL in 80 % of 50 (≤ 5.5 %)" in page
    page = write(summarise((bad,), {NAMES[1]: "Because of the weather."}), "")
    assert f"Because of the weather.\n\n- {NAMES[1]}: FAIL in 80 % of 50 (≤ 5.5 %)" in page
    assert "Not explained" not in page


def test_stale_results_are_shown_and_said_to_be() -> None:
    old = replace(measured()[0], code="0123456789ab")
    page = write(summarise((old,), {}), "")
    assert "- 1 cells were measured with earlier code" in page
    assert "| fair models | 1 of 420 (1 stale) |" in page


def test_too_little_power_is_a_miss_as_well() -> None:
    results = measured()
    weak = replace(results[2], events={**results[2].events, Property.FAIL: 5})
    page = write(summarise((weak,), {}), "")
    assert f"- {NAMES[2]}: FAIL in 10 % of 50 (≥ 48 %)" in page


def test_page_and_picture_are_written_from_files_and_the_same_each_time(tmp_path: Path) -> None:
    results = tmp_path / "results.jsonl"
    for measurement in measured():
        append(results, measurement)
    written = render(results, tmp_path / "peers.jsonl", tmp_path / "page")
    assert [path.name for path in written] == ["README.md", "rates.png"]
    assert written[1].read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    first = [path.read_bytes() for path in written]
    render(results, tmp_path / "peers.jsonl", tmp_path / "page")
    assert [path.read_bytes() for path in written] == first


def test_every_explanation_is_of_a_cell_that_exists() -> None:
    assert set(explanations()) <= {cell.name for cell in all_cells()}


def test_a_cell_explained_twice_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / EXPLANATIONS.name
    path.write_text('[[explanation]]\nbecause = "one"\ncells = ["a", "a"]\n', encoding="utf-8")
    with pytest.raises(ValueError, match=r"explanations\.toml explains 'a' twice; keep one reason"):
        explanations(path)


def test_tools_get_the_rows_that_the_counts_say() -> None:
    tally = draw(CONTESTS[-1].fair, 1, np.random.default_rng(1))
    rows = rows_of(replace(tally, hits=tally.hits[0]))
    for level in range(len(tally.levels)):
        own = tally.level == level
        assert (rows.group == level).sum() == tally.images[own].sum()
        assert rows.correct[rows.group == level].sum() == tally.hits[0, own].sum()


def test_what_was_asked_once_is_not_asked_again_and_what_was_not_is_said(tmp_path: Path) -> None:
    """Only the rules that need no other tool run here."""
    path, own = tmp_path / "peers.jsonl", tuple(rule for rule in RULES if not rule.tool)
    hold(path, 2, own)
    scores = read_scores(path)
    assert len(scores) == len(CONTESTS) * len(own)
    assert all(0 <= score.accused <= score.runs == 2 for score in scores)
    before = path.read_bytes()
    hold(path, 2, own)
    assert path.read_bytes() == before
    path.write_text("".join(before.decode().splitlines(keepends=True)[:-1]), encoding="utf-8")
    section = peers_section(path)
    assert "not yet run" in section
    assert f"{scores[0].accused} / {scores[0].at_edge} / {scores[0].found} of 2" in section


def test_a_planted_gap_is_found_by_the_bootstrap_and_by_us_on_many_people(tmp_path: Path) -> None:
    path, own = tmp_path / "peers.jsonl", tuple(rule for rule in RULES if not rule.tool)
    (genders,) = (contest for contest in CONTESTS if contest.name == "two genders of 55 and 54 people")
    hold(path, 10, own, (genders,))
    scores = read_scores(path)
    assert {score.rule for score in scores} == {rule.name for rule in own}
    for score in scores:
        assert score.found >= 7
        assert score.accused == 0


def scores_of(rule: str, said: tuple[int, int, int]) -> str:
    """The same answer on every dataset."""
    return "".join(
        json.dumps(asdict(Score(contest.name, rule, "1", 100, *said, milliseconds=1.0))) + "\n"
        for contest in CONTESTS
    )


def test_where_another_tool_does_better_the_page_says_so(tmp_path: Path) -> None:
    path = tmp_path / "peers.jsonl"
    path.write_text(scores_of("fer_audit, Gap", (0, 1, 40)), encoding="utf-8")
    assert "finds more than we do" not in peers_section(path)
    path.write_text(path.read_text() + scores_of("fairpipe, interval", (1, 7, 80)), encoding="utf-8")
    section = peers_section(path)
    assert "it finds 80.0 % of the gaps of twice the tolerance, we 40.0 %" in section
    assert "At the tolerance it says biased in 7.0 % of runs, and in 7 % on the dataset" in section
    assert "| all of them | 0.0 % / 1.0 % / 40.0 % | 1.0 % / 7.0 % / 80.0 % |" in section
    assert "A bootstrap over people* knows" not in section


def test_a_bootstrap_over_people_draws_people_and_not_images() -> None:
    """Ten people who are always read right, or always wrong, are ten answers, however many images."""
    rules = {rule.name: rule.load() for rule in RULES if not rule.tool}
    hits = np.repeat([0.0, 30.0], [6, 4]), np.repeat([0.0, 30.0], [3, 7])
    tally = Tally(
        np.arange(20),
        np.repeat([0, 1], 10),
        np.concatenate(hits)[:, None],
        np.full((20, 1), 30.0),
        ("a", "b"),
        ("l",),
    )
    rows = rows_of(tally)
    assert rules["bootstrap of the maximum gap"](rows)
    assert not rules["bootstrap over people"](rows)


def test_the_first_screen_says_what_a_scan_finds_where_nothing_is() -> None:
    name = "scan: 2 slices of 20, 2 images of 7 labels, accuracy .75, icc .2 logit-normal"
    (cell,) = cells_named((name,))
    events = {Property.FALSE_FINDING: 40, Property.NAMED: 0}
    known = Measurement(cell.name, cell.definition, cell.code, 1000, 1.0, events)
    page = write(summarise((known,), {}), "")
    assert "at most 6 % by design) in 40 of 1,000 runs; in the worst of 1 cells in 4 %." in page
    assert "4 % (≤ 6 %)" in page
