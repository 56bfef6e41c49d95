"""The permutation test against complete enumeration, and the verdict it leads to."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import combinations, product
from typing import TYPE_CHECKING

import numpy as np
import pytest
from prediction_tables import Row, predictions_of, tally_of
from scipy import stats

from fer_audit.criteria import Criterion, NoAssociation
from fer_audit.errors import ConfigurationError
from fer_audit.records import Slicing
from fer_audit.results import Outcome, Verdict
from fer_audit.stats.association.assessment import Association, assess_association
from fer_audit.stats.association.permutation import Kept, derived_generator, draw, strata_of
from fer_audit.stats.association.studentised import largest_difference, prepare_contrasts
from fer_audit.stats.counts import Counts, count
from fer_audit.stats.differences.engine import compare
from fer_audit.stats.evidence import Evidence
from fer_audit.stats.measures import accuracy
from fer_audit.stats.settings import Settings
from fer_audit.stats.tally import Tally, canonical
from fer_audit.stats.verdicts.association import judge_association

if TYPE_CHECKING:
    from numpy.typing import NDArray

SETTINGS = Settings()
FEW = Settings(least_people=4)


def assess(tally: Tally, settings: Settings = SETTINGS, replicates: int = 9_999) -> Association:
    return assess_association(tally, 0.05, settings, criterion="c", version="v", replicates=replicates)


def largest_t(tally: Tally) -> float:
    """The statistic written out for slices without common people, every label held by enough in each."""
    levels, labels = range(len(tally.levels)), range(len(tally.labels))
    has = tally.images > 0
    share = np.where(has, tally.hits / np.where(has, tally.images, 1), 0.0)
    centre = np.mean([share[has[:, label], label].mean() for label in labels])
    rate, variance, depth, people = [], [], [], []
    for s in levels:
        mine = tally.level == s
        holders = [has[mine, label].sum() for label in labels]
        mean = [share[mine & has[:, label], label].mean() for label in labels]
        g = int(mine.sum())
        values, thin = [], []
        for unit in np.flatnonzero(mine):
            value = thinness = 0.0
            for label in labels:
                if has[unit, label]:
                    n = holders[label]
                    value += g / n * (share[unit, label] - mean[label]) * np.sqrt(n / (n - 1)) / len(labels)
                    thinness += (g / n) ** 2 / tally.images[unit, label] / len(labels) ** 2
            values.append(value)
            thin.append(thinness)
        rate.append(np.mean(mean))
        variance.append(np.mean(np.square(values)))
        depth.append(1 / np.mean(thin))
        people.append(g)
    v, m, g_s = np.array(variance), np.array(depth), np.array(people)
    chance = centre * (1 - centre) / m
    repeated = ((g_s - 1) * (m - 1)).sum()
    r = np.clip(((g_s - 1) * (v / chance - 1)).sum() / repeated, -1, 1) if repeated > 1e-9 else 0.0
    phi = np.maximum(0.5, 1 + r * (m - 1))
    moderated = (10 * phi * chance + (g_s - 1) * v) / (9 + g_s)
    studentised = [
        abs(rate[s] - rate[t]) / np.sqrt(moderated[s] / g_s[s] + moderated[t] / g_s[t])
        for s, t in combinations(levels, 2)
    ]
    return float(max(studentised))


def observed(tally: Tally, settings: Settings = SETTINGS) -> float:
    """The package's statistic of the data as they are."""
    (group,) = prepare_contrasts(tally, settings)
    return float(largest_difference(group, np.arange(len(group.units))[None])[0])


def apart(
    generator: np.random.Generator, sizes: list[int], images: NDArray[np.float64], rate: float = 0.6
) -> Tally:
    level = [s for s, size in enumerate(sizes) for _ in range(size)]
    hits = generator.binomial(images.astype(int), generator.beta(4 * rate, 4 * (1 - rate), (len(level), 1)))
    return tally_of(list(range(len(level))), level, hits, images)


@pytest.mark.parametrize("missing", [0.0, 0.15])
def test_the_statistic_is_the_one_written_out(missing: float) -> None:
    generator = np.random.default_rng(1)
    for _ in range(30):
        images = generator.integers(1, 4, (70, 3)).astype(float)
        images[generator.random((70, 3)) < missing] = 0
        images[images.sum(axis=1) == 0, 0] = 1
        tally = apart(generator, [25, 20, 25], images)
        assert observed(tally) == pytest.approx(largest_t(tally), rel=1e-10)


def test_p_between_people_is_that_of_complete_enumeration() -> None:
    generator = np.random.default_rng(2)
    for _ in range(5):
        tally = apart(generator, [4, 5], np.full((9, 2), 3.0))
        own = largest_t(tally)
        reached = []
        for chosen in combinations(range(9), 4):
            level = np.ones(9, dtype=np.int64)
            level[list(chosen)] = 0
            reached.append(largest_t(replace(tally, level=level)) >= own - 1e-9)
        exact = float(np.mean(reached))
        assert len(reached) == 126
        assert assess(tally, FEW).p == pytest.approx(
            exact, abs=5 * np.sqrt(exact * (1 - exact) / 9999) + 2e-4
        )


def test_p_within_people_is_that_of_complete_enumeration() -> None:
    """Six people in both of two slices: 64 ways to exchange each person's two levels."""
    generator = np.random.default_rng(3)
    hits = generator.binomial(8, [0.75, 0.4], (6, 2)).astype(float)
    images = np.full((12, 1), 8.0)
    person = [0, 1, 2, 3, 4, 5] * 2

    def twins(table: NDArray[np.float64]) -> Tally:
        return tally_of(person, [0] * 6 + [1] * 6, table.T.reshape(-1, 1), images)

    def written_out(table: NDArray[np.float64]) -> float:
        difference = (table[:, 0] - table[:, 1]) / 8
        # Exchanging levels at random gives the mean difference the variance sum(D^2) / G^2.
        expected = np.square(difference).sum() / 36
        centred = difference - difference.mean()
        own = np.square(centred).sum() / 36 * 6 / 5
        return float(abs(difference.mean()) / np.sqrt((10 * expected + 5 * own) / 15))

    exchanged = [
        np.where(np.array(signs)[:, None], hits, hits[:, ::-1]) for signs in product([True, False], repeat=6)
    ]
    for table in exchanged:
        assert observed(twins(table), FEW) == pytest.approx(written_out(table), rel=1e-10)
    exact = float(np.mean([written_out(table) >= written_out(hits) - 1e-9 for table in exchanged]))
    p = assess(twins(hits), FEW).p
    assert p == pytest.approx(exact, abs=5 * np.sqrt(exact * (1 - exact) / 9999) + 2e-4)


def test_p_keeps_people_with_different_labels_apart() -> None:
    """Eight have two labels, eight one; a person may only take the place of someone with the same labels."""
    images = np.array([[2.0, 2.0]] * 8 + [[2.0, 0.0]] * 8)
    level = np.array([0, 1] * 8)
    strata = strata_of(np.arange(16), level, images > 0, 4)
    assert strata.kept is Kept.LABELS
    assert strata.exchanged == 1.0
    assert set(strata.of[:8].tolist()).isdisjoint(strata.of[8:].tolist())
    for block in draw(strata, np.random.default_rng(4), 50, 20):
        assert (images[block] == images).all()
        assert (np.sort(block, axis=1) == np.arange(16)).all()


def test_where_everybody_has_a_pattern_of_his_own_people_with_as_many_labels_change_places() -> None:
    has = np.array(
        [[a, b, c, d] for a, b, c, d in product([True, False], repeat=4) if a + b + c + d == 2] * 2
    )
    level = np.repeat([0, 1], 6)
    assert strata_of(np.arange(12), level, has, 4).kept is Kept.LABELS
    one_sided = np.concatenate([has[:3], has[:3], has[3:6], has[3:6]])
    assert strata_of(np.arange(12), level, one_sided, 4).kept is Kept.NUMBER


def test_availability_that_goes_with_the_group_is_not_told_apart_from_it() -> None:
    images = np.array([[2.0, 2.0]] * 12 + [[2.0, 0.0], [0.0, 2.0]] * 12)
    generator = np.random.default_rng(5)
    tally = apart(generator, [12, 24], images)
    tally = replace(tally, hits=np.where(tally.level[:, None] == 0, images, 0.0))
    found = assess(tally, replicates=499)
    assert not found.detected
    assert "hardly anyone has as many labels" in found.unequal


def test_a_person_in_several_slices_keeps_to_himself() -> None:
    person = np.array([0, 0, 1, 1, 2, 3])
    strata = strata_of(person, np.array([0, 1, 0, 1, 0, 1]), np.ones((6, 1), dtype=np.bool_), 2)
    assert strata.of[0] == strata.of[1] != strata.of[2] == strata.of[3]
    assert strata.of[4] == strata.of[5] not in set(strata.of[:4].tolist())


def random_case(generator: np.random.Generator) -> Tally:
    images = generator.integers(0, 3, (40, 3)).astype(float)
    images[images.sum(axis=1) == 0, 0] = 1
    return apart(generator, [20, 20], images)


def test_names_and_order_of_people_and_slices_do_not_change_p() -> None:
    generator = np.random.default_rng(6)
    for _ in range(5):
        tally = random_case(generator)
        order = generator.permutation(40)
        renamed = replace(
            tally,
            person=generator.permutation(1000)[:40][tally.person][order],
            level=1 - tally.level[order],
            hits=tally.hits[order],
            images=tally.images[order],
        )
        assert assess(renamed, replicates=499).p == assess(tally, replicates=499).p


def test_the_draws_belong_to_data_criterion_and_version() -> None:
    tally = canonical(random_case(np.random.default_rng(7)))
    other = replace(tally, hits=tally.images - tally.hits)
    first = [
        derived_generator(data, criterion, version).random()
        for data, criterion, version in (
            (tally, "c", "1"),
            (tally, "c", "1"),
            (tally, "d", "1"),
            (tally, "c", "2"),
            (other, "c", "1"),
        )
    ]
    assert first[0] == first[1]
    assert len(set(first)) == 4


def test_a_p_near_alpha_is_computed_from_ten_times_the_rearrangements() -> None:
    generator = np.random.default_rng(8)
    found = [assess(apart(generator, [12, 12], np.full((24, 1), 4.0)), replicates=999) for _ in range(60)]
    near = [one for one in found if one.replicates == 9999]
    assert all(one.replicates in {999, 9999} for one in found)
    assert all(abs(one.p - 0.05) < 0.06 for one in near)
    assert 0 < len(near) < 30


@pytest.mark.parametrize("right", [0.0, 1.0])
def test_nothing_varies_nothing_is_detected(right: float) -> None:
    tally = tally_of(list(range(20)), [0] * 10 + [1] * 10, np.full((20, 1), 3 * right), np.full((20, 1), 3.0))
    assert assess(tally, replicates=99).p == 1.0


def test_slices_of_other_numbers_of_images_a_person_are_not_exchangeable() -> None:
    images = np.array([2.0] * 12 + [5.0] * 12)[:, None]
    tally = tally_of(list(range(24)), [0] * 12 + [1] * 12, np.where(images == 2, 0.0, images), images)
    found = assess(tally, replicates=499)
    assert found.p < 0.01
    assert not found.detected
    assert found.unequal == "images a person differ between slices by a factor of 2.5"


def test_slices_of_other_dispersions_are_not_exchangeable() -> None:
    loud = np.array([0.0] * 10 + [16.0] * 20)
    quiet = np.full(30, 11.0) + np.array([0, 1] * 15)
    tally = tally_of(
        list(range(60)), [0] * 30 + [1] * 30, np.concatenate([loud, quiet])[:, None], np.full((60, 1), 16.0)
    )
    found = assess(tally, replicates=99)
    assert re.fullmatch(
        r"dispersions between people differ between slices by a factor of \d+\.\d", found.unequal
    )


def test_pairs_with_other_labels_in_common_are_tested_by_themselves() -> None:
    """Two slices have only neutral faces; the other two have two labels, one of which shows the gap."""
    generator = np.random.default_rng(9)
    images = np.array([[2.0, 0.0]] * 30 + [[2.0, 2.0]] * 30)
    rates = np.array([[0.5, 0.9]] * 45 + [[0.5, 0.02]] * 15)
    level = np.repeat([0, 1, 2, 3], 15)
    tally = tally_of(list(range(60)), level.tolist(), generator.binomial(images.astype(int), rates), images)
    found = assess(tally)
    assert len(found.rearranged) == 2
    assert found.detected


def group(race: str, people: int, right: list[int], images: int = 4) -> list[Row]:
    return [
        Row(
            f"{race}{person}",
            "anger",
            "anger" if image < right[person % len(right)] else "fear",
            f"{race}{person}.{image}",
            {"race": race},
        )
        for person in range(people)
        for image in range(images)
    ]


def counts_of(*groups: list[Row]) -> Counts:
    return count(predictions_of([row for rows in groups for row in rows]), Slicing(("race",)))


def judge(counts: Counts, margin: float | None = None, *, plan: bool = False) -> Verdict:
    return judge_association(
        counts, accuracy, alpha=0.05, margin=margin, settings=SETTINGS, criterion="c", plan=plan
    )


def test_a_clear_difference_is_detected() -> None:
    verdict = judge(counts_of(group("x", 20, [4, 4, 3]), group("y", 20, [1, 2])), margin=0.1)
    assert verdict.outcome is Outcome.FAIL
    assert verdict.p == 1e-4
    assert verdict.tolerance == 0.1
    assert verdict.comparisons[0].a == "x"
    assert verdict.comparisons[0].p is None
    assert verdict.reason == "an association is detected, p = 0.0001 at 0.05, and not shown to be within 0.1"
    assert any(note.startswith("p from 9,999 rearrangements of people") for note in verdict.notes)


def test_without_a_margin_nothing_passes() -> None:
    alike = counts_of(group("x", 200, [4, 4, 4, 3]), group("y", 200, [4, 4, 4, 3]))
    verdict = judge(alike, plan=True)
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert verdict.tolerance is None
    assert verdict.p == 1.0
    assert verdict.reason == (
        "no association is detected, p = 1 at 0.05; without a margin a test can detect, never clear"
    )
    assert judge(alike, margin=0.1).outcome is Outcome.PASS


def test_a_difference_that_is_detected_and_shown_negligible_passes() -> None:
    counts = counts_of(group("x", 400, [4, 4, 4, 4, 3]), group("y", 400, [4, 4, 3, 3, 3]))
    verdict = judge(counts, margin=0.2)
    assert verdict.p is not None
    assert verdict.p <= 0.05
    assert verdict.upper <= 0.2
    assert verdict.outcome is Outcome.PASS
    assert judge(counts).outcome is Outcome.FAIL


def test_too_few_people_cap_what_would_pass_and_not_what_fails() -> None:
    alike = [group("x", 100, [4, 4, 4, 3]), group("y", 100, [4, 4, 4, 3])]
    capped = judge(counts_of(*alike, group("z", 3, [4])), margin=0.1)
    assert capped.outcome is Outcome.INCONCLUSIVE
    assert capped.reason == "what could be compared is within 0.1, but too few people speak for z"
    failed = judge(counts_of(group("x", 20, [4]), group("y", 20, [0, 1]), group("z", 3, [4])))
    assert failed.outcome is Outcome.FAIL


def test_an_undecided_test_says_how_many_people_would_detect_what_is_seen() -> None:
    verdict = judge(counts_of(group("x", 10, [4, 3]), group("y", 10, [3, 3, 4, 2])), plan=True)
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert min(verdict.people_needed.values()) > 10
    assert any("would be detected with 80 % power by approximately" in note for note in verdict.notes)


def test_unequal_images_a_person_leave_the_verdict_open_and_show_p() -> None:
    verdict = judge(counts_of(group("x", 20, [2], images=2), group("y", 20, [1, 2], images=8)))
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert verdict.p is not None
    assert verdict.p < 0.05
    assert "images a person differ between slices by a factor of 4.0" in verdict.reason


def test_a_small_slice_against_a_large_one_must_be_confirmed_by_the_bounds_of_a_gap() -> None:
    many = group("x", 60, [7, 6, 8, 7], images=8)
    few = group("y", 10, [6, 7, 5, 7, 7], images=8)
    verdict = judge(counts_of(many, few))
    assert verdict.p is not None
    assert verdict.p <= 0.05
    assert verdict.lower <= 0
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert "bounds that let each slice have its own dispersion" in verdict.reason


def test_a_small_slice_that_is_the_noisier_one_must_be_confirmed_by_its_own_variance() -> None:
    """60 people alike and 10 who are not: the bound of a gap draws the variance of the ten towards the others."""
    generator = np.random.default_rng(299)
    chances = np.concatenate([generator.beta(41.65, 7.35, 60), generator.beta(0.85 * 7 / 3, 0.35, 10)])
    hits = generator.binomial(16, chances).astype(np.float64)
    table = Tally(
        person=np.arange(70),
        level=np.repeat([0, 1], [60, 10]),
        hits=hits[:, None],
        images=np.full((70, 1), 16.0),
        levels=("x", "y"),
        labels=("anger",),
        conditional=True,
    )
    rates = hits[:60] / 16, hits[60:] / 16
    assert compare(table, SETTINGS).lower[0] > 0
    assert stats.ttest_ind(*rates, equal_var=False).pvalue > 0.05
    found = assess(table, replicates=999)
    assert found.p <= 0.05
    assert found.unconfirmed
    assert not found.detected


def test_few_images_against_more_must_be_confirmed_by_the_bounds_of_a_gap() -> None:
    """About as many people; only the images of each differ, by less than the limit of two."""
    few = group("x", 24, [4, 4, 5, 4, 4, 5], images=5)
    more = group("y", 28, [8, 8, 8, 7, 8, 7, 7], images=8)
    found = judge(counts_of(few, more))
    assert found.p is not None
    assert found.p <= 0.05
    assert found.lower <= 0
    assert found.outcome is Outcome.INCONCLUSIVE
    assert "bounds that let each slice have its own dispersion" in found.reason


def test_rows_without_a_value_are_counted_in_a_note() -> None:
    stray = [Row("s", "anger", "anger", f"s{i}") for i in range(3)]
    verdict = judge(counts_of(group("x", 10, [4, 3]), group("y", 10, [4, 3]), stray))
    assert "3 rows have no value of race and belong to no slice" in verdict.notes


def test_the_bound_in_the_reason_is_rounded_up() -> None:
    for people in (150, 160, 170, 180):
        groups = group("x", people, [4, 4, 4, 3]), group("y", people, [4, 4, 4, 3])
        passed = judge(counts_of(*groups), margin=0.1)
        told = re.search(r"more than (\S+) apart", passed.reason)
        assert told is not None
        assert passed.upper <= float(told[1]) < passed.upper + 0.001


def test_a_difference_too_small_to_be_detected_gets_a_sentence_instead_of_a_number() -> None:
    one_more = group("x", 40, [2] * 39 + [3])
    verdict = judge(counts_of(one_more, group("y", 40, [2, 1, 3, 2])), plan=True)
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert verdict.people_needed == {}
    assert any("only by more than 3,000 people a slice" in note for note in verdict.notes)
    open_ = judge(counts_of(group("x", 12, [4, 2]), group("y", 3, [4])), plan=True)
    assert open_.people_needed == {}
    assert any(note.startswith("nothing was compared") for note in open_.notes)


def test_one_slice_has_nothing_to_be_compared_with() -> None:
    verdict = judge(counts_of(group("x", 12, [4, 2]), group("y", 3, [4])), plan=True)
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert verdict.p is None
    assert np.isnan(verdict.estimate)
    assert verdict.reason == "only one slice can be assessed, x: there is nothing to compare it with"


@pytest.mark.parametrize(
    ("alpha", "margin", "message"),
    [
        (0.0, None, "NoAssociation(alpha=0.0) is no level of a test"),
        (0.5, None, "NoAssociation(alpha=0.5) is no level of a test"),
        (0.05, 0.0, "NoAssociation(margin=0.0) is no difference of two rates that could be shown"),
        (0.05, 1.0, "NoAssociation(margin=1.0) is no difference of two rates that could be shown"),
    ],
)
def test_levels_and_margins_that_mean_nothing_are_refused(
    alpha: float, margin: float | None, message: str
) -> None:
    with pytest.raises(ConfigurationError, match=re.escape(message)):
        NoAssociation(accuracy, alpha=alpha, margin=margin)


def test_no_association_is_a_value_that_prints_as_it_is_written() -> None:
    assert repr(NoAssociation(accuracy)) == "NoAssociation(accuracy, alpha=0.05)"
    assert repr(NoAssociation(accuracy, margin=0.1)) == "NoAssociation(accuracy, alpha=0.05, margin=0.1)"
    one = NoAssociation(accuracy, margin=0.1)
    assert isinstance(one, Criterion)
    assert hash(one) == hash(NoAssociation(accuracy, 0.05, 0.1))
    counts = counts_of(group("x", 20, [4]), group("y", 20, [1, 0]))
    assert one.decide(Evidence(counts), SETTINGS).criterion == repr(one)
