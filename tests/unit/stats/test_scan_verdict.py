"""The verdict of a scan: detected, cleared, or open, and what is shown of so many comparisons."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from count_tables import counts_from, random_counts

from fer_audit.criteria import Criterion, Scan
from fer_audit.errors import ConfigurationError
from fer_audit.report.sentences import sentence, table
from fer_audit.results import Kind, Outcome, Record, Verdict, decode_record, encode_record
from fer_audit.stats.evidence import Evidence
from fer_audit.stats.scanning.scan import scan_confusions
from fer_audit.stats.settings import Settings

if TYPE_CHECKING:
    from fer_audit.stats.counts import Counts

SETTINGS = Settings()


def judge(counts: Counts, margin: float | None = None) -> Verdict:
    return Scan(margin=margin).decide(Evidence(counts), SETTINGS)


def planted(counts: Counts, level: int, true: int, seen: int) -> Counts:
    cells = counts.cells.copy()
    mine = counts.level == level
    cells[mine, true, seen] += cells[mine, true, true]
    cells[mine, true, true] = 0
    return replace(counts, cells=cells)


def fair(people: int = 20, *, slices: int = 3, seed: int = 1, accuracy: float = 0.6) -> Counts:
    return random_counts(np.random.default_rng(seed), [people] * slices, labels=3, accuracy=accuracy)


def test_a_planted_confusion_fails_by_name() -> None:
    verdict = judge(planted(fair(), 1, 0, 2))
    assert verdict.outcome is Outcome.FAIL
    assert verdict.kind is Kind.SCAN
    assert verdict.measure == "confusions"
    assert verdict.people_needed == {}
    first = verdict.comparisons[0]
    assert (first.measure, first.a) == ("misclassification(l0->l2)", "s1")
    assert first.p == verdict.p == 1e-4
    assert re.fullmatch(
        r"l0 -> l2: s1 0\.\d{3} against s\d 0\.\d{3}, people 20 and 20, "
        r"adjusted p = 0.0001 over 27 comparisons, at 0.05; and 1 more",
        verdict.reason,
    )


def test_a_finding_that_is_shown_negligible_does_not_fail() -> None:
    counts = random_counts(np.random.default_rng(2), [300, 300], labels=2, images=8, alike=0.05, accuracy=0.9)
    cells = counts.cells.copy()
    moved = (counts.level == 1) & (cells[:, 0, 0] > 0) & (counts.person % 3 == 0)
    cells[moved, 0, 0] -= 1
    cells[moved, 0, 1] += 1
    other = replace(counts, cells=cells)
    assert judge(other).outcome is Outcome.FAIL
    assert judge(other, margin=0.02).outcome is Outcome.FAIL
    # Few people have the other label: nothing of it is detected, and nothing shown to be within the margin.
    few = cells.copy()
    few[counts.person % 300 >= 10, 1] = 0
    open_ = judge(replace(counts, cells=few), margin=0.15)
    assert open_.outcome is Outcome.INCONCLUSIVE
    assert open_.p is not None
    assert open_.p <= 0.05
    cleared = judge(other, margin=0.15)
    assert cleared.outcome is Outcome.PASS
    assert cleared.p is not None
    assert cleared.p <= 0.05
    assert cleared.upper <= 0.15
    assert cleared.reason.startswith("no confusion is more than 0.")
    assert cleared.reason.endswith("apart in any two slices, within 0.15")


def test_a_pass_needs_every_confusion_even_those_that_were_not_tested() -> None:
    """Eight people a slice: nothing happened to anybody, but so few people show nothing."""
    table_ = np.zeros((16, 1, 2))
    table_[..., 0] = 2
    few = counts_from(range(16), np.repeat([0, 1], 8), table_)
    verdict = judge(few, margin=0.1)
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert verdict.p is None
    assert verdict.reason == "no confusion happened to enough people to be tested"
    many = counts_from(range(160), np.repeat([0, 1], 80), np.tile(table_, (10, 1, 1)))
    assert judge(many, margin=0.1).outcome is Outcome.PASS
    assert judge(many).outcome is Outcome.INCONCLUSIVE


def test_without_a_margin_nothing_passes() -> None:
    verdict = judge(fair())
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert verdict.tolerance is None
    assert verdict.reason.startswith("no confusion stands out, the smallest adjusted p = ")
    assert verdict.reason.endswith(
        " over 27 comparisons, at 0.05; without a margin a scan can detect, never clear"
    )
    assert judge(fair(), margin=0.05).reason.endswith("at 0.05, and not shown to be within 0.05")


def test_too_few_people_cap_what_would_pass_and_not_what_fails() -> None:
    counts = random_counts(
        np.random.default_rng(3), [90, 90, 3], labels=2, images=6, alike=0.05, accuracy=0.9
    )
    capped = judge(counts, margin=0.3)
    assert capped.outcome is Outcome.INCONCLUSIVE
    assert capped.reason == "what could be compared is within 0.3, but too few people speak for s2"
    assert judge(planted(counts, 1, 0, 1), margin=0.3).outcome is Outcome.FAIL


def test_a_small_p_between_uneven_slices_decides_nothing_unless_the_bounds_confirm_it() -> None:
    generator = np.random.default_rng(4)
    for _ in range(40):
        counts = random_counts(generator, [36, 10], labels=2, images=4, alike=0.3)
        verdict = judge(counts)
        assert verdict.outcome is Outcome.INCONCLUSIVE
        if verdict.p is not None and verdict.p <= 0.05:
            assert ", which decides nothing: slices differ much in people" in verdict.reason
            return
    pytest.fail("no table with a small p was drawn")


def test_bounds_and_rates_are_those_of_the_scan_and_the_widest_is_always_shown() -> None:
    counts = fair(slices=4)
    verdict = judge(counts)
    found = scan_confusions(counts, SETTINGS, criterion=verdict.criterion).findings
    known = {(repr(f.measure), f.a, f.b): f for f in found}
    assert len(found) == 54
    assert 1 <= len(verdict.comparisons) <= 20
    for shown in verdict.comparisons:
        one = known[shown.measure, shown.a, shown.b]
        assert (shown.lower, shown.p) == (one.lower, one.adjusted)
        assert shown.upper == pytest.approx(one.upper)
        assert shown.estimate == pytest.approx(one.rate_a - one.rate_b)
    assert verdict.upper == max(f.upper for f in found)
    assert verdict.upper == pytest.approx(max(c.upper for c in verdict.comparisons))
    assert verdict.lower == max(f.lower for f in found)


def test_no_more_is_shown_than_matters() -> None:
    counts = fair(40, slices=6)
    for true in range(3):
        counts = planted(counts, true, true, (true + 1) % 3)
    verdict = judge(counts)
    detected = [f for f in scan_confusions(counts, SETTINGS, criterion=verdict.criterion).findings if f.p]
    assert sum((f.adjusted or 1) <= 0.05 for f in detected) == 15
    assert 15 <= len(verdict.comparisons) <= 20
    (aside,) = verdict.asides
    assert aside.title == "Exploratory: confusions worth a look (Benjamini-Hochberg q <= .10)"
    assert 15 <= len(aside.rows) <= 20
    assert all(len(row) == len(aside.columns) for row in aside.rows)
    assert float(aside.rows[-1][-1]) <= 0.10
    assert judge(fair(seed=5)).asides == ()


def test_the_notes_say_how_much_was_scanned() -> None:
    notes = judge(fair()).notes
    assert (
        "scanned: 9 confusions in pairs of slices, 27 comparisons (Westfall-Young); 0 confusions happened to "
        "fewer than 8 people and were not tested"
    ) in notes
    assert any(note.startswith("p from ") for note in notes)
    assert any(note.startswith("a scan names no number of people") for note in notes)


def test_pictures_of_unknown_people_decide_nothing_unless_their_number_is_declared() -> None:
    counts = replace(planted(fair(30, slices=2), 1, 0, 2), identified=False)
    open_ = judge(counts)
    assert open_.outcome is Outcome.INCONCLUSIVE
    assert "it would FAIL if no person occurs in more than " in open_.reason
    assert judge(replace(counts, most_images=1)).outcome is Outcome.FAIL
    assert judge(replace(counts, most_images=500)).outcome is Outcome.INCONCLUSIVE


@pytest.mark.parametrize("people", [0, 1, 7])
def test_nothing_to_compare_says_so(people: int) -> None:
    verdict = judge(counts_from(range(2 * people), np.repeat([0, 1], people), np.ones((2 * people, 2, 3))))
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert verdict.p is None
    assert verdict.comparisons == ()
    assert verdict.asides == ()
    assert np.isnan(verdict.upper)
    assert verdict.reason == "no two slices have enough people to be compared"


def test_a_scan_is_told_by_its_first_confusion() -> None:
    record = Record("test", "m", "d", judge(planted(fair(), 1, 0, 2)))
    assert "m mistakes l0 for l2 in faces of group s1 more often than in faces of group" in sentence(record)
    assert "a difference as sure as this, of any confusion between any two groups, is rare" in sentence(
        record
    )
    assert "l0 read as l2: s1 over s" in table(record)
    refused = Record("test", "m", "d", judge(planted(fair(), 2, 1, 3)))
    assert "m gives no answer to l1 in faces of group s2 more often than" in sentence(refused)
    assert decode_record(encode_record(record)) == record


@pytest.mark.parametrize(
    ("alpha", "margin", "message"),
    [
        (0.0, None, "Scan(alpha=0.0) is no level of a test"),
        (0.05, 1.0, "Scan(margin=1.0) is no difference of two rates that could be shown"),
    ],
)
def test_levels_and_margins_that_mean_nothing_are_refused(
    alpha: float, margin: float | None, message: str
) -> None:
    with pytest.raises(ConfigurationError, match=re.escape(message)):
        Scan(alpha=alpha, margin=margin)


def test_a_scan_is_a_value_that_prints_as_it_is_written() -> None:
    assert repr(Scan()) == "Scan(alpha=0.05)"
    assert repr(Scan(margin=0.2)) == "Scan(alpha=0.05, margin=0.2)"
    assert isinstance(Scan(), Criterion)
    assert hash(Scan(margin=0.2)) == hash(Scan(0.05, 0.2))
    assert judge(fair()).criterion == "Scan(alpha=0.05)"
