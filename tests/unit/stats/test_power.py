from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from prediction_tables import tally_of

from fer_audit.results import Outcome
from fer_audit.stats.differences.engine import compare
from fer_audit.stats.differences.moments import correlation, moments
from fer_audit.stats.planning.design import design_for
from fer_audit.stats.planning.gap import plan_gap
from fer_audit.stats.planning.power import simulate_power
from fer_audit.stats.planning.worlds import World, draw, enlarge
from fer_audit.stats.settings import Settings

if TYPE_CHECKING:
    from fer_audit.stats.tally import Tally


def layout(people: int, slices: int, images: int, *, paired: bool = False, labels: int = 1) -> Tally:
    units = people * slices
    person = [*range(people)] * slices if paired else [*range(units)]
    level = np.repeat(np.arange(slices), people).tolist()
    return tally_of(person, level, np.zeros((units, labels)), np.full((units, labels), float(images)))


def world(*rates: float, alike: float = 0.1, labels: int = 1) -> World:
    return World(np.repeat(np.array(rates)[:, None], labels, axis=1), alike)


def typical(base: Tally, truth: World, tolerance: float, seed: int) -> Tally:
    """Of many undecided tables the one that looks most like the truth."""
    drawn = draw(base, truth, 2000, np.random.default_rng(seed))
    found = compare(drawn, Settings())
    rate = truth.rate.mean(1)
    first, second = found.rate_first - rate[found.layout.first], found.rate_second - rate[found.layout.second]
    far = (
        np.maximum(np.abs(first), np.abs(second)).max(-1) / 0.02
        + np.abs(found.alike[:, 0] - truth.alike) / 0.1
    )
    decided = (found.lower > tolerance).any(-1) | (found.upper <= tolerance).all(-1)
    return replace(drawn, hits=drawn.hits[int(np.where(decided, np.inf, far).argmin())])


@pytest.mark.parametrize(
    ("base", "truth", "outcome"),
    [
        (layout(14, 2, 16), world(0.95, 0.75), Outcome.FAIL),
        (layout(15, 4, 2, labels=5), world(0.85, 0.85, 0.85, 0.85, labels=5), Outcome.PASS),
        (layout(16, 2, 1, paired=True, labels=7), world(0.6, 0.6, alike=0.3, labels=7), Outcome.PASS),
    ],
    ids=["two apart to FAIL", "four apart to PASS", "twins to PASS"],
)
def test_the_people_needed_have_the_power_that_is_promised(
    base: Tally, truth: World, outcome: Outcome
) -> None:
    """In the world as observed, with fresh randomness; and in the true one, which the table only resembles."""
    table, settings = typical(base, truth, 0.1, seed=2), Settings()
    found = compare(table, settings)
    plan = plan_gap(table, 0.1, settings)
    people = plan.people[0][1]
    assert f"about {people} people a slice would {outcome.name} 0.1 with 80 % power" in plan.notes[0]
    generator = np.random.default_rng(99)
    design = design_for(table, found, 0.1, settings)
    assert design is not None
    grown = enlarge(design.layout, people, generator)
    seen = simulate_power(
        grown,
        design.world,
        0.1,
        outcome,
        settings=settings,
        generator=generator,
        family=design.family,
        runs=1500,
    )
    assert 0.74 <= seen <= 0.86
    true = simulate_power(
        enlarge(base, people, generator),
        truth,
        0.1,
        outcome,
        settings=settings,
        generator=generator,
        runs=1000,
    )
    assert 0.7 <= true <= 0.9


def test_the_detectable_gap_would_fail_as_often_as_promised() -> None:
    table = typical(layout(20, 2, 8), world(0.8, 0.8), 0.1, seed=3)
    plan = plan_gap(table, 0.1, Settings())
    assert plan.detectable is not None
    truth = world(0.8 + plan.detectable / 2, 0.8 - plan.detectable / 2)
    if truth.rate.max() > 0.98:
        truth = world(0.98, 0.98 - plan.detectable)
    power = simulate_power(
        table, truth, 0.1, Outcome.FAIL, settings=Settings(), generator=np.random.default_rng(4), runs=1500
    )
    assert 0.7 <= power <= 0.9


def test_the_plan_is_a_function_of_the_table() -> None:
    table = typical(layout(12, 3, 4), world(0.8, 0.8, 0.8), 0.1, seed=5)
    assert plan_gap(table, 0.1, Settings()) == plan_gap(table, 0.1, Settings())


def test_a_gap_that_equals_the_tolerance_is_never_decided() -> None:
    hits = np.array([[4.0]] * 12 + [[3.0]] * 12)
    table = tally_of(range(24), [0] * 12 + [1] * 12, hits, np.full((24, 1), 5.0))
    plan = plan_gap(table, 0.2, Settings())
    assert plan.people == ()
    assert plan.notes[0] == "the observed gap equals the tolerance 0.2: no number of people decides that case"


def test_a_gap_too_near_the_tolerance_gets_a_sentence_instead_of_a_number() -> None:
    hits = np.array([[1.0]] * 25 + [[0.0]] * 16 + [[0.0], [1.0]] * 20)
    table = tally_of(range(81), [0] * 41 + [1] * 40, hits, np.ones((81, 1)))
    plan = plan_gap(table, 0.1, Settings())
    assert plan.people == ()
    assert plan.notes[0] == (
        "more than 3,000 people a slice would be needed to FAIL 0.1 with 80 % power if the true gap is 0.1098, as "
        "observed: it lies too near 0.1 to be decided with any practical number of people"
    )


def test_a_number_says_that_it_rests_on_what_was_observed() -> None:
    table = typical(layout(14, 2, 16), world(0.95, 0.75), 0.1, seed=2)
    note = plan_gap(table, 0.1, Settings()).notes[0]
    gap = float(np.abs(compare(table, Settings()).difference[0]))
    assert f"with 80 % power if the true gap is {gap:.3f}, as observed" in note
    assert "what was observed is an estimate, and another truth takes another number" in note


def test_where_nothing_is_compared_a_slice_of_many_people_keeps_no_rate_of_its_own() -> None:
    """Twenty people are read right in half their images, five always: 15 of 25 over everyone."""
    hits = np.array([[3.0]] * 20 + [[6.0]] * 5)
    table = tally_of(range(25), [0] * 20 + [1] * 5, hits, np.full((25, 1), 6.0))
    found = compare(table, Settings())
    assert not found.compared.any()
    design = design_for(table, found, 0.1, Settings())
    assert design is not None
    np.testing.assert_allclose(design.world.rate, 0.6)
    np.testing.assert_allclose(design.pair_rate, 0.6)


@pytest.mark.parametrize("slices", [12, 24, 44])
def test_many_slices_are_all_named_and_have_the_power_that_is_promised(slices: int) -> None:
    hits = np.tile([[7.0], [6.0]], (slices * 3, 1))[: slices * 5]
    table = tally_of(range(slices * 5), np.repeat(range(slices), 5).tolist(), hits, np.full_like(hits, 8.0))
    plan = plan_gap(table, 0.1, Settings())
    assert [name for name, _ in plan.people] == [f"s{s}" for s in range(slices)]
    (people,) = {number for _, number in plan.people}
    assert any("with 40 of the 44 slices" in note for note in plan.notes) is (slices > 40)
    if slices <= 40:
        rate = float(hits.mean() / 8)
        generator = np.random.default_rng(7)
        truth = world(*[rate] * slices, alike=Settings().fail_floor)
        grown = enlarge(table, people, generator)
        power = simulate_power(
            grown, truth, 0.1, Outcome.PASS, settings=Settings(), generator=generator, runs=600
        )
        assert 0.74 <= power <= 0.86


def test_without_any_comparison_the_number_rests_on_stated_assumptions() -> None:
    table = typical_small()
    plan = plan_gap(table, 0.1, Settings())
    assert [name for name, _ in plan.people] == ["s0", "s1", "s2", "s3"]
    assert all(people >= 8 for _, people in plan.people)
    assert plan.detectable is None
    assert "if all slices are alike at the rate observed overall, 0.83" in plan.notes[0]
    assert "(an assumption)" in plan.notes[0]


def typical_small() -> Tally:
    """Twelve people over four slices."""
    hits = np.array([[5.0], [6.0], [4.0]] * 4)
    return tally_of(range(12), np.repeat([0, 1, 2, 3], 3).tolist(), hits, np.full((12, 1), 6.0))


def test_drawn_answers_have_the_rates_and_correlation_of_their_world() -> None:
    base, truth = layout(30, 2, 6, labels=2), World(np.array([[0.9, 0.6], [0.7, 0.4]]), 0.2)
    drawn = draw(base, truth, 1500, np.random.default_rng(1))
    found = moments(drawn, np.array([0, 1]), np.arange(2))
    np.testing.assert_allclose(found.rate.mean(0), truth.rate.mean(1), atol=0.005)
    rates = (drawn.hits / base.images).mean(0)
    np.testing.assert_allclose([rates[:30].mean(0), rates[30:].mean(0)], truth.rate, atol=0.005)
    single = draw(layout(30, 2, 12), world(0.8, 0.8, alike=0.2), 1500, np.random.default_rng(1))
    alike = correlation(moments(single, np.array([0, 1]), np.array([0])))
    assert float(alike.mean()) == pytest.approx(0.2, abs=0.02)


def test_twins_share_as_much_of_a_person_and_of_a_picture_as_their_world_says() -> None:
    base = layout(40, 2, 5, paired=True)
    rates = np.full((2, 1), 0.7)

    def variance(person_shared: float, image_shared: float) -> float:
        truth = World(rates, 0.3, person_shared, image_shared)
        found = compare(draw(base, truth, 800, np.random.default_rng(2)), Settings())
        return float((found.error**2).mean() * 40)

    chance, effect = 0.21 / 5 * 0.7, 0.21 * 0.3
    assert variance(0, 0) == pytest.approx(2 * (chance + effect), rel=0.03)
    assert variance(1, 0) == pytest.approx(2 * chance, rel=0.03)
    assert variance(1, 1) == pytest.approx(0, abs=1e-9)
    assert variance(1, 0.5) == pytest.approx(2 * chance * 0.75, rel=0.04)


def test_people_with_very_many_images_are_drawn_too() -> None:
    drawn = draw(layout(10, 2, 200), world(0.6, 0.6), 50, np.random.default_rng(3))
    assert float(drawn.hits.mean()) == pytest.approx(120, abs=3)


def test_slices_grow_to_the_people_wanted_with_the_images_they_have() -> None:
    images = np.array([[1, 0], [2, 2], [3, 1], [4, 0], [5, 5]], dtype=float)
    base = tally_of(range(5), [0, 0, 0, 1, 1], images, images)
    grown = enlarge(base, 12, np.random.default_rng(0))
    assert np.bincount(grown.level).tolist() == [12, 12]
    assert len(np.unique(grown.person)) == 24
    for level, own in ((0, images[:3]), (1, images[3:])):
        rows, times = np.unique(grown.images[grown.level == level], axis=0, return_counts=True)
        np.testing.assert_array_equal(rows, np.unique(own, axis=0))
        assert set(times.tolist()) == {12 // len(own)}


def test_slices_that_share_people_grow_together() -> None:
    base = layout(9, 3, 2, paired=True)
    grown = enlarge(base, 20, np.random.default_rng(0))
    assert np.bincount(grown.level).tolist() == [20, 20, 20]
    assert len(np.unique(grown.person)) == 20
