from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fer_audit.stats.planning.scores import _crowd, control_scores, plan_scores
from fer_audit.stats.planning.worlds import enlarge
from fer_audit.stats.scores.comparison import compare_scores
from fer_audit.stats.settings import Settings
from fer_audit.stats.tally import Tally

SETTINGS = Settings()


def table_of(
    means: tuple[float, ...], people: int, *, shared: bool = False, spread: float = 0.2, seed: int = 1
) -> Tally:
    """One label, four images a person; people vary evenly about exactly these means."""
    generator = np.random.default_rng(seed)
    even = spread * np.sqrt(3) * np.linspace(-1, 1, people)
    values = [mean + generator.permutation(even) for mean in means]
    level = np.repeat(np.arange(len(means)), people)
    person = np.tile(np.arange(people), len(means)) if shared else np.arange(len(level))
    images = np.full((len(level), 1), 4.0)
    names = tuple(f"s{place}" for place in range(len(means)))
    return Tally(person, level, np.concatenate(values)[:, None] * 4, images, names, ("l",))


def power(table: Tally, people: int, tolerance: float, *, fail: bool, runs: int = 2_000) -> float:
    """How often people drawn again decide, counted without the package's own drawing."""
    generator = np.random.default_rng(99)
    slices = len(table.levels)
    values = (table.hits / table.images).reshape(slices, -1)
    mean, size = values.mean(axis=1, keepdims=True), values.shape[1]
    # As variable as the people are by their sample variance.
    values = mean + (values - mean) * np.sqrt(size / (size - 1))
    shared = len(np.unique(table.person)) < len(table.person)
    drawn = [generator.integers(values.shape[1], size=(runs, people)) for _ in range(slices)]
    picked = [values[s][drawn[0 if shared else s]] for s in range(slices)]
    level = np.repeat(np.arange(slices), people)
    person = np.tile(np.arange(people), slices) if shared else np.arange(len(level))
    images = np.full((len(level), 1), 4.0)
    found = compare_scores(
        replace(
            table, person=person, level=level, images=images, hits=np.concatenate(picked, 1)[..., None] * 4
        ),
        SETTINGS,
    )
    if fail:
        return float((found.lower > tolerance).any(-1).mean())
    return float((found.upper <= tolerance).all(-1).mean())


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize(("means", "fail"), [((0.25, 0.0), True), ((0.02, 0.0), False), ((0.0,) * 4, False)])
def test_the_people_printed_decide_four_times_in_five(
    means: tuple[float, ...], *, fail: bool, shared: bool
) -> None:
    table = table_of(means, 12, shared=shared)
    plan = plan_scores(table, 0.1, SETTINGS)
    ((_, people), *_) = plan.people
    assert [name for name, _ in plan.people] == list(table.levels)
    assert power(table, people, 0.1, fail=fail) == pytest.approx(0.8, abs=0.06)
    assert plan.notes[0].startswith(
        f"about {people} people a slice would {'FAIL' if fail else 'PASS'} 0.1 with"
    )


def test_what_these_people_could_show_fails_four_times_in_five() -> None:
    plan = plan_scores(table_of((0.15, 0.0), 15), 0.1, SETTINGS)
    assert plan.detectable is not None
    shifted = table_of((plan.detectable, 0.0), 15)
    assert power(shifted, 15, 0.1, fail=True) == pytest.approx(0.8, abs=0.06)


def test_a_plan_follows_from_the_data_and_not_from_names_or_order() -> None:
    table = table_of((0.1, 0.0, 0.05), 12, seed=3)
    order = np.random.default_rng(0).permutation(len(table.person))
    other = replace(
        table,
        person=(table.person * 7 % 101)[order],
        level=table.level[order],
        hits=table.hits[order],
        images=table.images[order],
    )
    assert plan_scores(table, 0.2, SETTINGS) == plan_scores(table, 0.2, SETTINGS)
    assert plan_scores(other, 0.2, SETTINGS) == plan_scores(table, 0.2, SETTINGS)
    assert control_scores(other, 0.2, SETTINGS) == control_scores(table, 0.2, SETTINGS)


def test_a_gap_that_equals_the_tolerance_and_one_too_near_it_get_no_number() -> None:
    same = plan_scores(table_of((0.25, 0.0), 12, spread=0.0), 0.25, SETTINGS)
    assert same.people == ()
    assert (
        same.notes[0] == "the observed gap equals the tolerance 0.25: no number of people decides that case"
    )
    near = plan_scores(table_of((0.2, 0.0), 12, spread=0.3), 0.201, SETTINGS)
    assert near.people == ()
    assert "it lies too near 0.201 to be decided with any practical number of people" in near.notes[0]


def test_where_nothing_is_compared_no_number_is_made_up() -> None:
    plan = plan_scores(table_of((0.2, 0.0), 5), 0.1, SETTINGS)
    assert (plan.people, plan.detectable) == ((), None)
    assert plan.notes == (
        "no number of people is given: where nothing was compared, nothing is known of how people vary",
    )
    control = control_scores(table_of((0.2, 0.0), 5), 0.1, SETTINGS)
    assert control.note == (
        "positive control: nothing is compared, so that a gap of 0.2 would not be noticed"
    )


def test_the_control_is_blind_with_few_people_and_sees_with_many() -> None:
    few, many = (control_scores(table_of((0.0, 0.0), people), 0.1, SETTINGS) for people in (9, 80))
    assert few.blind
    assert not many.blind
    assert many.plantings == 200


def test_more_slices_than_are_imagined_are_asked_for_by_name() -> None:
    means = tuple(np.linspace(0, 0.02, 45).tolist())
    plan = plan_scores(table_of(means, 9), 0.5, SETTINGS)
    assert len(plan.people) == 45


def test_people_are_drawn_with_all_the_slices_they_are_in() -> None:
    """Half the people are in both slices, where their scores are the same: a difference of 0 stays one."""
    level = np.repeat([0, 1], 16)
    person = np.concatenate([np.arange(16), np.arange(16)])
    values = np.random.default_rng(2).normal(0, 1, 16)
    table = Tally(person, level, np.tile(values, 2)[:, None] * 2, np.full((32, 1), 2.0), ("a", "b"), ("l",))
    crowd = _crowd(table, np.array([0, 1]), np.array([0]))
    generator = np.random.default_rng(0)
    layout = enlarge(crowd.layout, 40, generator)
    drawn = crowd.draw(layout, np.array([0.0, 0.5]), 300, generator)
    found = compare_scores(drawn, SETTINGS)
    np.testing.assert_allclose(found.difference, -0.5)
    assert drawn.hits.mean() / 2 == pytest.approx(values.mean() + 0.25, abs=0.05)
