"""What a scan finds, what it leaves out, and what it does not trust itself with."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from count_tables import counts_from, random_counts

from fer_audit.criteria import Scan as ScanCriterion
from fer_audit.errors import ConfigurationError
from fer_audit.stats.differences.engine import compare
from fer_audit.stats.evidence import Evidence
from fer_audit.stats.measures import Event, Measure, misclassification
from fer_audit.stats.scanning.scan import Finding, Scan, scan_confusions
from fer_audit.stats.settings import Settings

if TYPE_CHECKING:
    from fer_audit.stats.counts import Counts

SETTINGS = Settings()
UNSUPPORTED = "the bounds of a gap in this confusion by itself do not exclude that slices are equal in it"


def scan(counts: Counts, settings: Settings = SETTINGS, replicates: int = 499) -> Scan:
    return scan_confusions(counts, settings, criterion="c", replicates=replicates)


def planted(counts: Counts, level: int, true: int, seen: int) -> Counts:
    """In one slice every correct answer to one label becomes another response."""
    cells = counts.cells.copy()
    mine = counts.level == level
    cells[mine, true, seen] += cells[mine, true, true]
    cells[mine, true, true] = 0
    return replace(counts, cells=cells)


def test_a_planted_confusion_is_the_first_finding() -> None:
    counts = planted(random_counts(np.random.default_rng(1), [20, 20, 20], labels=3), 1, 0, 2)
    found = scan(counts, replicates=9_999)
    first, second = found.findings[:2]
    assert first.measure == second.measure == misclassification("l0", "l2")
    assert {first.a, second.a} == {"s1"}
    assert first.adjusted == first.p == 1e-4
    assert first.q is not None
    assert first.q <= 0.01
    assert first.doubt == ""
    assert first.people_a == first.people_b == 20
    ranks = [one.adjusted for one in found.findings if one.adjusted is not None]
    assert ranks == sorted(ranks)


def test_not_answering_is_a_confusion_like_any_other() -> None:
    counts = planted(random_counts(np.random.default_rng(2), [20, 20]), 0, 1, 2)
    first = scan(counts).findings[0]
    assert first.measure == Measure(Event.REFUSALS, "l1")
    assert repr(first.measure) == "refusals(l1)"


def test_rates_and_bounds_are_those_of_a_gap_in_the_same_measure() -> None:
    counts = random_counts(np.random.default_rng(3), [12, 20, 16], labels=3, missing=0.1)
    for finding in scan(counts).findings:
        tally = finding.measure.tally(counts)
        gaps, strict = (compare(tally, Settings(alpha=alpha)) for alpha in (0.05, 0.05 / 9))
        levels = [tally.levels.index(name) for name in (finding.a, finding.b)]
        (pair,) = np.flatnonzero((gaps.layout.first == min(levels)) & (gaps.layout.second == max(levels)))
        assert finding.rate_a - finding.rate_b == pytest.approx(abs(gaps.difference[pair]))
        assert finding.lower == pytest.approx(strict.lower[pair])
        assert finding.upper == pytest.approx(gaps.upper[pair])


def test_how_much_was_looked_at_is_counted() -> None:
    found = scan(random_counts(np.random.default_rng(4), [20, 20, 20], labels=3))
    assert found.confusions == 9
    assert found.comparisons == 27
    assert found.rare == 0
    assert found.rearranged == "everybody has the same labels (100% can move)"


def test_what_happened_to_few_people_is_not_tested_whatever_slice_they_are_in() -> None:
    table = np.zeros((40, 1, 2))
    table[:, 0, 0] = 3
    level = np.repeat([0, 1], 20)
    for unlucky in ([0, 1, 2, 3, 4, 5, 6], [0, 1, 2, 20, 21, 22, 23]):
        few = table.copy()
        few[unlucky, 0] = [0, 3]
        found = scan(counts_from(range(40), level, few))
        assert (found.comparisons, found.rare, found.replicates) == (0, 1, 0)
        (only,) = found.findings
        assert only.p is only.adjusted is only.q is None
        few[7, 0] = [0, 3]
        assert scan(counts_from(range(40), level, few)).comparisons == 1


def test_people_count_once_however_many_slices_they_are_in() -> None:
    table = np.zeros((24, 1, 2))
    table[:, 0, 0] = 3
    table[[0, 1, 2, 3, 4, 12, 13, 14, 15, 16], 0] = [1, 2]
    twins = counts_from(list(range(12)) * 2, np.repeat([0, 1], 12), table)
    assert scan(twins).rare == 1
    assert scan(replace(twins, person=np.arange(24), people=tuple(map(str, range(24))))).rare == 0


def test_labels_with_other_numbers_of_images_are_set_aside_and_cost_nothing() -> None:
    counts = random_counts(np.random.default_rng(5), [20, 20], labels=2, images=2)
    more = counts.cells.copy()
    more[counts.level == 1, 0] *= 3
    found = scan(replace(counts, cells=more))
    assert found.set_aside == ("l0: images a person differ between slices by a factor of 3.0",)
    assert found.comparisons == 2
    assert all((one.p is None) == (one.measure.true == "l0") for one in found.findings)
    everything = scan(replace(counts, cells=counts.cells * np.where(counts.level == 1, 3, 1)[:, None, None]))
    assert everything.set_aside == ()
    assert everything.comparisons == 4
    assert all("by a factor of 3.0" in one.doubt for one in everything.findings)


def test_a_small_slice_against_a_large_one_must_be_confirmed_by_the_bounds_of_a_gap() -> None:
    counts = random_counts(np.random.default_rng(6), [40, 10])
    doubts = {(one.lower > 0, one.doubt[:24]) for one in scan(counts).findings}
    assert doubts == {(False, "slices differ much in pe")}
    confirmed = scan(planted(random_counts(np.random.default_rng(6), [40, 10]), 1, 0, 1)).findings[0]
    assert confirmed.lower > 0
    assert confirmed.doubt == ""


def test_noisier_people_in_one_slice_make_its_p_doubtful() -> None:
    table = np.zeros((60, 1, 2))
    table[:, 0, 0], table[:, 0, 1] = 11, 5
    table[:30, 0] = np.array([[16, 0], [0, 16]])[np.arange(30) % 3 // 2]
    (only,) = scan(counts_from(range(60), np.repeat([0, 1], 30), table)).findings
    assert only.doubt.startswith("dispersions between people differ between slices by a factor of ")


@pytest.mark.parametrize("right", [True, False])
@pytest.mark.parametrize("twins", [True, False])
def test_nothing_varies_nothing_is_found(right: bool, twins: bool) -> None:
    table = np.zeros((20, 2, 3))
    table[..., 0 if right else 2] = 2
    person = list(range(10)) * 2 if twins else list(range(20))
    found = scan(counts_from(person, np.repeat([0, 1], 10), table))
    assert all(one.adjusted in {None, 1.0} for one in found.findings)
    assert len(found.findings) == 4


@pytest.mark.parametrize("people", [0, 1, 7])
def test_too_few_people_make_an_empty_scan(people: int) -> None:
    table = np.ones((2 * people, 2, 3))
    assert scan(counts_from(range(2 * people), np.repeat([0, 1], people), table)) == Scan(
        (), 0, 0, 0, 0, rearranged="", set_aside=()
    )


def test_a_label_that_one_slice_lacks_is_compared_among_the_others() -> None:
    counts = random_counts(np.random.default_rng(7), [20, 20, 20])
    cells = counts.cells.copy()
    cells[counts.level == 2, 1] = 0
    found = scan(replace(counts, cells=cells))
    pairs = {(one.measure.true, frozenset((one.a, one.b))) for one in found.findings}
    assert {pair for true, pair in pairs if true == "l1"} == {frozenset(("s0", "s1"))}
    assert len([pair for true, pair in pairs if true == "l0"]) == 3


def test_an_image_asked_twice_is_one_image() -> None:
    counts = random_counts(np.random.default_rng(8), [20, 20])
    halves = replace(counts, cells=(counts.cells * 0.5) + (counts.cells * 0.5), repeats=120)
    assert scan(halves) == scan(counts)


def test_more_slices_than_can_be_scanned_are_refused_before_anything_is_computed() -> None:
    counts = counts_from(range(61), range(61), np.ones((61, 2, 3)))
    with pytest.raises(
        ConfigurationError, match=r"between 61 slices; at most 60 can be scanned\. Scan a coarser"
    ):
        ScanCriterion().decide(Evidence(counts), Settings())


def test_a_finding_needs_the_bound_of_a_gap_in_its_confusion() -> None:
    seen = set()
    for seed in range(12):
        generator = np.random.default_rng(seed)
        counts = random_counts(generator, [20, 20], accuracy=0.8)
        cells = counts.cells.copy()
        # Some people of one slice are taken for the other label a little more often.
        moved = np.minimum(cells[:12, 0, 0], 1)
        cells[:12, 0, 0] -= moved
        cells[:12, 0, 1] += moved
        for one in scan(replace(counts, cells=cells)).findings:
            bound = compare(one.measure.tally(replace(counts, cells=cells)), SETTINGS).lower[0]
            if not one.doubt.startswith(("slices differ", "dispersions")):
                assert one.doubt == ("" if bound > 0 else UNSUPPORTED)
                seen.add((one.doubt, one.lower > 0))
    assert seen == {("", True), ("", False), (UNSUPPORTED, False)}


def test_a_finding_decides_if_it_is_detected_trusted_and_not_negligible() -> None:
    finding = Finding(
        misclassification("l0", "l1"),
        "a",
        "b",
        0.4,
        0.1,
        20,
        20,
        lower=0.1,
        upper=0.5,
        doubt="",
        adjusted=0.05,
    )
    assert finding.decides(0.05)
    assert finding.decides(0.05, margin=0.499)
    assert not finding.decides(0.05, margin=0.5)
    assert not finding.decides(0.049)
    assert not replace(finding, doubt="slices differ").decides(0.05)
    assert not replace(finding, adjusted=None).decides(0.05)
