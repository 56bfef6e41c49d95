"""The scan against complete enumeration of a step-down written out by hand."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, permutations, product
from typing import TYPE_CHECKING

import numpy as np
import pytest
from count_tables import counts_from, random_counts

from fer_audit.stats.association.studentised import largest_difference, prepare_contrasts
from fer_audit.stats.scanning.family import Family, prepare_scan
from fer_audit.stats.scanning.scan import Finding, Scan, scan_confusions
from fer_audit.stats.scanning.statistics import _common, absolute_t, arrangements_a_block
from fer_audit.stats.scanning.stepdown import StepDown, step_down
from fer_audit.stats.settings import Settings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fer_audit.stats.counts import Counts

SETTINGS = Settings()
FEW = Settings(least_people=4)


def scan(counts: Counts, settings: Settings = SETTINGS, replicates: int = 499, criterion: str = "c") -> Scan:
    return scan_confusions(counts, settings, criterion=criterion, replicates=replicates)


def family_of(counts: Counts, settings: Settings = SETTINGS) -> Family:
    family = prepare_scan(counts, settings)
    assert family is not None
    return family


def written_out(counts: Counts, level: NDArray[np.int64]) -> NDArray[np.float64]:
    """|t| of every comparison between people of two slices, each with the same images of every label."""
    labels = len(counts.labels)
    answers = np.concatenate(
        [counts.cells[..., :labels], counts.cells[..., labels:].sum(-1, keepdims=True)], axis=-1
    )
    images = float(counts.cells[0, 0].sum())
    found = []
    for true in range(labels):
        for seen in [one for one in range(labels + 1) if one != true]:
            share = answers[:, true, seen] / images
            rate, chance = [], share.mean() * (1 - share.mean()) / images
            variance, people = [], []
            for s in range(level.max() + 1):
                mine = share[level == s]
                rate.append(mine.mean())
                variance.append(mine.var(ddof=1))
                people.append(len(mine))
            v, g = np.array(variance), np.array(people)
            if chance < 1e-12:
                found += [0.0] * len(list(combinations(g, 2)))
                continue
            alike = np.sum((g - 1) * (v / chance - 1)) / np.sum((g - 1) * (images - 1)) if images > 1 else 0.0
            phi = max(0.5, 1 + float(np.clip(alike, -1, 1)) * (images - 1))
            mixed = (10 * phi * chance + (g - 1) * v) / (9 + g)
            found += [
                abs(rate[s] - rate[t]) / np.sqrt(mixed[s] / g[s] + mixed[t] / g[t])
                for s, t in combinations(range(len(g)), 2)
            ]
    return np.array(found)


def step_down_by_hand(tables: list[NDArray[np.float64]], own: NDArray[np.float64]) -> StepDown:
    """Over all tables, the one of the data among them."""
    order = sorted(range(len(own)), key=lambda h: -own[h])
    adjusted, before = np.zeros(len(own)), 0.0
    for place, h in enumerate(order):
        rest = order[place:]
        reached = np.mean([max(table[k] for k in rest) >= own[h] - 1e-9 for table in tables])
        before = max(before, float(reached))
        adjusted[h] = before
    alone = np.mean([[table[h] >= own[h] - 1e-9 for h in range(len(own))] for table in tables], axis=0)
    return StepDown(alone, adjusted, len(tables) - 1)


@pytest.mark.parametrize(("twins", "missing"), [(False, 0.0), (True, 0.0), (False, 0.15), (True, 0.15)])
def test_each_statistic_is_that_of_a_test_of_no_association(twins: bool, missing: float) -> None:
    """Where the label is held by enough people in all slices, before and after any rearrangement."""
    generator = np.random.default_rng(1)
    for _ in range(5):
        counts = random_counts(generator, [20, 20, 20], labels=3, twins=twins, missing=missing)
        family = family_of(counts)
        t = absolute_t(family, np.arange(len(family.owner))[None])[0]
        start = 0
        for part in family.parts:
            for way in range(len(part.measures)):
                tally = replace(part.tally, hits=part.tally.hits[way])
                (contrasts,) = prepare_contrasts(tally, SETTINGS)
                expected = largest_difference(contrasts, np.arange(len(contrasts.units))[None])[0]
                assert t[start : start + len(part.first)].max() == pytest.approx(expected, rel=1e-9)
                start += len(part.first)
        assert start == family.size == len(t)


def test_p_between_people_are_those_of_complete_enumeration() -> None:
    """Eight people, all 40,320 orders of them."""
    generator = np.random.default_rng(2)
    level = np.repeat([0, 1], 4)
    orders = np.array(list(permutations(range(8))))
    for _ in range(3):
        counts = random_counts(generator, [4, 4], alike=0.4)
        family = family_of(counts, FEW)
        # The family's order of people is its own, so data and enumeration go through its data.
        ordered = counts_from(
            family.data.person, family.data.level, family.data.hits.reshape(8, len(counts.labels), -1)
        )
        tables = []
        for chosen in combinations(range(8), 4):
            other = np.ones(8, dtype=np.int64)
            other[list(chosen)] = 0
            tables.append(written_out(ordered, other))
        own = written_out(ordered, level)
        expected = step_down_by_hand(tables, own)
        observed = absolute_t(family, np.arange(8)[None])[0]
        np.testing.assert_allclose(observed, own, atol=1e-9)
        exact = step_down(observed, [absolute_t(family, orders[1:])])
        np.testing.assert_allclose(exact.p, expected.p, atol=1e-12)
        np.testing.assert_allclose(exact.adjusted, expected.adjusted, atol=1e-12)


def test_p_of_the_scan_come_close_to_those_of_complete_enumeration() -> None:
    generator = np.random.default_rng(3)
    orders = np.array(list(permutations(range(8))))
    for _ in range(3):
        counts = random_counts(generator, [4, 4], alike=0.4)
        family = family_of(counts, FEW)
        tested = np.repeat(np.concatenate([part.frequent for part in family.parts]), 1)
        everything = absolute_t(family, orders)[:, tested]
        exact = step_down(everything[0], [everything[1:]])
        found = scan(counts, FEW, replicates=9_999)
        p = sorted(f.p for f in found.findings if f.p is not None)
        adjusted = sorted(f.adjusted for f in found.findings if f.adjusted is not None)
        for seen, true in ((p, exact.p), (adjusted, exact.adjusted)):
            error = 5 * np.sqrt(np.sort(true) * (1 - np.sort(true)) / found.replicates) + 2e-4
            assert (np.abs(np.array(seen) - np.sort(true)) <= error).all()


def test_p_within_people_are_those_of_complete_enumeration() -> None:
    """Six people in both of two slices: 64 ways to exchange each person's two levels."""
    counts = random_counts(np.random.default_rng(4), [6, 6], labels=1, images=8, twins=True)
    family = family_of(counts, FEW)
    share = counts.cells[:, 0, 1:].sum(-1).reshape(2, 6) / 8

    def by_hand(table: NDArray[np.float64]) -> float:
        difference = table[0] - table[1]
        expected = np.square(difference).sum() / 36
        own = np.square(difference - difference.mean()).sum() / 36 * 6 / 5
        return float(abs(difference.mean()) / np.sqrt((10 * expected + 5 * own) / 15))

    signs = list(product([True, False], repeat=6))
    tables = [np.where(np.array(sign), share, share[::-1]) for sign in signs]
    exact = float(np.mean([by_hand(table) >= by_hand(share) - 1e-9 for table in tables]))
    assert absolute_t(family, np.arange(12)[None])[0, 0] == pytest.approx(by_hand(share))
    (found,) = scan(counts, FEW, replicates=9_999).findings
    assert found.p == found.adjusted
    assert found.p == pytest.approx(exact, abs=5 * np.sqrt(exact * (1 - exact) / 9999) + 2e-4)


def test_blocks_of_any_length_count_alike() -> None:
    generator = np.random.default_rng(5)
    observed, tables = generator.random(7) * 2, generator.random((50, 7)) * 2
    whole = step_down(observed, [tables])
    parts = step_down(observed, np.array_split(tables, 9))
    np.testing.assert_array_equal(whole.adjusted, parts.adjusted)
    np.testing.assert_array_equal(whole.p, parts.p)
    by_hand = step_down_by_hand([observed, *tables], observed)
    np.testing.assert_allclose(whole.adjusted, by_hand.adjusted)
    assert whole.replicates == 50


def key(finding: Finding) -> tuple[object, ...]:
    rates = round(finding.rate_a, 9), round(finding.rate_b, 9)
    return finding.measure, *rates, finding.p, finding.adjusted, finding.q, finding.doubt


@pytest.mark.parametrize("twins", [False, True])
def test_names_and_order_of_people_and_slices_change_nothing(twins: bool) -> None:
    generator = np.random.default_rng(6)
    for _ in range(3):
        counts = random_counts(generator, [14, 14, 14], twins=twins)
        order, people = generator.permutation(42), generator.permutation(42)
        renamed = replace(
            counts,
            person=people[counts.person][order],
            level=np.array([2, 0, 1])[counts.level][order],
            cells=counts.cells[order],
            people=tuple(f"q{one}" for one in range(42)),
        )
        first, second = scan(counts), scan(renamed)
        assert sorted(map(repr, map(key, first.findings))) == sorted(map(repr, map(key, second.findings)))


def test_the_draws_belong_to_the_criterion() -> None:
    counts = random_counts(np.random.default_rng(7), [20, 20])
    assert scan(counts) == scan(counts)
    assert scan(counts) != scan(counts, criterion="d")


def test_one_block_never_holds_a_large_table() -> None:
    family = family_of(random_counts(np.random.default_rng(8), [62] * 8, labels=7, images=2))
    assert family.size == 7 * 7 * 28
    assert 1 <= arrangements_a_block(family) * family.size <= 1_000_000


def test_what_people_have_in_common_is_summed_over_those_who_have_the_label_in_both() -> None:
    """Also where a rearrangement brings a person's pictures of the label into another slice."""
    generator = np.random.default_rng(9)
    family = family_of(random_counts(generator, [20, 20, 20], twins=True, missing=0.2))
    part = family.parts[0]
    assert len(part.slices) == 3
    places = len(family.person)
    arrangement = np.arange(places)[None].repeat(4, axis=0)
    for row in arrangement[1:]:
        for person in np.unique(family.person):
            mine = np.flatnonzero(family.person == person)
            row[mine] = generator.permutation(mine)
    rate = generator.normal(0, 0.1, (4, len(part.measures), 3))
    found = _common(family, part, arrangement, rate)
    held = family.has[:, part.label]
    for run, row in enumerate(arrangement):
        for s, t in combinations(range(3), 2):
            total = np.zeros(len(part.measures))
            for i, j in product(range(places), range(places)):
                same = family.person[i] == family.person[j]
                if same and family.owner[i] == s and family.owner[j] == t:
                    left = part.values[row[i]] - held[row[i]] * rate[run, :, s]
                    total += left * (part.values[row[j]] - held[row[j]] * rate[run, :, t])
            np.testing.assert_allclose(found[run, :, s, t], total, atol=1e-12)


def test_a_smallest_p_near_alpha_is_computed_from_ten_times_the_rearrangements() -> None:
    generator = np.random.default_rng(10)
    found = [scan(random_counts(generator, [12, 12], labels=1), replicates=199) for _ in range(40)]
    assert {one.replicates for one in found} == {199, 1999}
    for one in found:
        if one.replicates == 1999:
            assert one.findings[0].adjusted is not None
            assert one.findings[0].adjusted < 0.2
