"""Cells are measured once, resumed where a run was stopped, and known to be stale when the code changes."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from simulation.cells import Cell, Limit, misses
from simulation.code import fingerprint, modules_behind
from simulation.families.register import all_cells
from simulation.questions import AskAssociation, AskGap, AskRatio, Property
from simulation.results import Measurement, append, read, standing, tidy
from simulation.running import measure, run, waiting
from simulation.shapes import Strangers
from simulation.worlds import World

if TYPE_CHECKING:
    from pathlib import Path

FAIR = World(Strangers((10, 10), (2, 2)), (0.8, 0.8))
LIMITS = (Limit(Property.FAIL, at_most=0.05), Limit(Property.BOTH, at_most=0.0))
CELLS = tuple(Cell("family", f"cell {n}", FAIR, AskGap(0.1), LIMITS, runs=40) for n in range(4))


def test_a_run_that_was_stopped_goes_on_with_the_cells_that_are_missing(tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    assert run(CELLS[:2], path, jobs=1) == 2
    first = read(path)
    assert {item.cell for item in first} == {"cell 0", "cell 1"}
    assert {cell.name for cell in waiting(CELLS, path)} == {"cell 2", "cell 3"}
    assert run(waiting(CELLS, path), path, jobs=2) == 2
    assert waiting(CELLS, path) == ()
    assert read(path)[:2] == first


def test_no_cell_is_started_after_the_time_given(tmp_path: Path) -> None:
    assert run(CELLS, tmp_path / "results.jsonl", jobs=1, seconds=0.0) == 0


def test_a_process_measures_what_this_one_would(tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    run(CELLS[:1], path, jobs=1)
    assert replace(read(path)[0], seconds=0.0) == replace(measure(CELLS[0]), seconds=0.0)


def test_a_half_written_last_line_is_forgotten_and_a_broken_one_before_it_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    append(path, measure(CELLS[0]))
    whole = path.read_text(encoding="utf-8")
    path.write_text(whole + whole[:30], encoding="utf-8")
    assert [item.cell for item in read(path)] == ["cell 0"]
    tidy(path, CELLS)
    assert path.read_text(encoding="utf-8") == whole
    path.write_text(whole[:30] + "\n" + whole, encoding="utf-8")
    with pytest.raises(ValueError, match=r"line 1 of .*results\.jsonl is no JSON; remove it and run again"):
        read(path)


def test_results_of_other_code_are_kept_as_stale_until_they_are_measured_again(tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    old = replace(measure(CELLS[0]), code="0123456789ab")
    append(path, old)
    (known,) = standing(CELLS[:1], read(path))
    assert known.stale
    assert known.measured == old
    assert waiting(CELLS[:1], path) == CELLS[:1]
    append(path, measure(CELLS[0]))
    (known,) = standing(CELLS[:1], read(path))
    assert not known.stale
    assert known.measured is not None
    assert known.measured.code == CELLS[0].code
    tidy(path, CELLS)
    assert len(read(path)) == 1


def test_results_of_another_definition_do_not_count() -> None:
    found = measure(CELLS[0])
    (known,) = standing([replace(CELLS[0], runs=41)], [found])
    assert known.measured is None


def test_measurements_survive_a_file(tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    found = measure(CELLS[0])
    append(path, found)
    assert read(path) == (found,)
    assert json.loads(path.read_text(encoding="utf-8"))["events"]["FAIL"] == found.events[Property.FAIL]


def test_a_miss_is_what_the_runs_exclude() -> None:
    """By 4,000 runs a rate of 5.5 % is excluded from 267 events on, and one of 75 % up to 2,914."""
    limit = (Limit(Property.FAIL, at_most=0.055),)
    first = next(n for n in range(4000) if misses(limit, {Property.FAIL: n}, 4000))
    assert first == 267
    power = (Limit(Property.FAIL, at_least=0.75),)
    last = next(n for n in range(4000, 0, -1) if misses(power, {Property.FAIL: n}, 4000))
    assert last == 2914
    never = (Limit(Property.BOTH, at_most=0.0),)
    assert misses(never, {Property.BOTH: 1}, 4000)
    assert not misses(never, {Property.BOTH: 0}, 4000)


def test_a_fingerprint_knows_what_a_question_reaches_and_nothing_else() -> None:
    gap = modules_behind(AskGap(0.1).asks)
    assert "fer_audit.stats.differences.twins" in gap
    assert "fer_audit.stats.quantiles" in gap
    assert not any(name.startswith(("fer_audit.stats.ratios", "fer_audit.stats.planning")) for name in gap)
    assert gap < modules_behind(AskRatio().asks)
    assert "fer_audit.stats.association.permutation" in modules_behind(AskAssociation().asks)
    codes = {fingerprint(question.asks) for question in (AskGap(0.1), AskRatio(), AskAssociation())}
    assert len(codes) == 3


def test_every_cell_names_modules_that_exist() -> None:
    assert all(len(cell.code) == 12 for cell in all_cells())


def test_a_measurement_is_told_by_its_value() -> None:
    assert Measurement("a", "d", "c", 1, 0.0, {Property.FAIL: 1}) != Measurement(
        "a", "d", "c", 1, 0.0, {Property.FAIL: 0}
    )
