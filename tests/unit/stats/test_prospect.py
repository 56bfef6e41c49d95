from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from prediction_tables import tally_of

from fer_audit.errors import ConfigurationError
from fer_audit.results import Outcome
from fer_audit.stats.planning.power import simulate_power
from fer_audit.stats.planning.prospect import Truth, assume_truth, foresee
from fer_audit.stats.planning.study import Study
from fer_audit.stats.planning.worlds import World, draw
from fer_audit.stats.ratios.comparison import RatioClaim
from fer_audit.stats.settings import Settings

SETTINGS = Settings()
RATIO = RatioClaim(1.25, 0.05)
TRUTH = Truth(0.85, 0.1)


@pytest.mark.parametrize(
    ("study", "people"),
    [
        (Study(0.1, 0.85, 0.0, slices=3, images=8), [40, 25, 30]),
        (Study(0.1, 0.85, 0.0, slices=2, images=8, paired=True), [20, 20]),
        (Study(RATIO, 0.2, 1.0, slices=2, images=6), [60, 50]),
    ],
    ids=["three apart", "twins", "ratio"],
)
def test_what_could_be_shown_is_shown_as_often_as_promised(study: Study, people: list[int]) -> None:
    layout = study.layout(people)
    found = foresee(layout, study.claim, Truth(study.rate, 0.1), SETTINGS)
    assert found.fails_from is not None
    assert found.passes_from is not None
    is_ratio = isinstance(study.claim, RatioClaim)
    rate = np.full((study.slices, 1), study.rate)
    fair = World(rate.copy(), 0.1)
    harmed = int(np.argmin(people))
    rate[harmed] = study.rate * found.fails_from if is_ratio else study.rate - found.fails_from
    generator = np.random.default_rng(12)

    def power(world: World, outcome: Outcome, *, allowed: float) -> float:
        claim = RatioClaim(allowed, RATIO.difference) if is_ratio else allowed
        return simulate_power(
            layout, world, claim, outcome, settings=SETTINGS, generator=generator, runs=1500
        )

    tolerance = RATIO.at_most if is_ratio else 0.1
    assert power(World(rate, 0.1), Outcome.FAIL, allowed=tolerance) == pytest.approx(0.8, abs=0.05)
    assert power(fair, Outcome.PASS, allowed=found.passes_from) == pytest.approx(0.8, abs=0.05)


def test_more_people_show_smaller_differences() -> None:
    few, many = (foresee(Study(0.1, 0.85, 0.0).layout([n, n]), 0.1, TRUTH, SETTINGS) for n in (20, 80))
    assert few.fails_from is not None
    assert many.fails_from is not None
    assert many.fails_from < few.fails_from
    assert few.passes_from is not None
    assert many.passes_from is not None
    assert many.passes_from < few.passes_from


def test_the_curve_rises_from_a_fair_model_to_beyond_both_answers() -> None:
    found = foresee(Study(0.1, 0.85, 0.0, images=4).layout([40, 30]), 0.1, TRUTH, SETTINGS)
    sizes = [point.size for point in found.curve]
    assert sizes == sorted(sizes)
    assert found.fails_from is not None
    assert sizes[0] < 0.1 < found.fails_from < sizes[-1]
    for powers in ([point.passes for point in found.curve], [point.fails for point in found.curve]):
        assert powers[0] < 0.05
        assert powers[-1] > 0.8


def test_answers_on_the_table_do_not_matter_nor_does_its_order() -> None:
    layout = Study(0.1, 0.85, 0.0, images=4).layout([20, 20])
    answered = replace(layout, hits=np.full_like(layout.hits, 2.0))
    assert foresee(answered, 0.1, TRUTH, SETTINGS) == foresee(layout, 0.1, TRUTH, SETTINGS)


def test_a_slice_too_small_is_named_and_nothing_can_pass() -> None:
    layout = Study(0.1, 0.85, 0.0, slices=3).layout([30, 5, 20])
    found = foresee(layout, 0.1, TRUTH, SETTINGS)
    assert found.too_small == ("group 2",)
    assert found.people == (("group 1", 30), ("group 3", 20))
    assert found.harmed == "group 3"
    assert found.passes_from is None
    assert {point.passes for point in found.curve} == {0.0}


def test_where_not_even_the_largest_gap_would_fail_there_is_none() -> None:
    found = foresee(Study(0.1, 0.85, 0.0).layout([8, 8]), 0.7, TRUTH, SETTINGS)
    assert found.fails_from is None


def test_one_slice_of_enough_people_is_refused() -> None:
    with pytest.raises(ConfigurationError) as refused:
        foresee(Study(0.1, 0.85, 0.0).layout([30, 5]), 0.1, TRUTH, SETTINGS)
    assert str(refused.value) == (
        "1 of 2 slices have 8 people or more: nothing can be compared; "
        "ask more people, or divide them less finely"
    )


def test_slices_without_a_common_label_are_refused() -> None:
    images = np.zeros((20, 2))
    images[:10, 0] = images[10:, 1] = 1.0
    table = tally_of(range(20), [0] * 10 + [1] * 10, images, images)
    with pytest.raises(ConfigurationError) as refused:
        foresee(table, 0.1, TRUTH, SETTINGS)
    assert str(refused.value) == (
        "no two slices have a label that enough people have in both: nothing could be shown; "
        "a slice needs 8 people of each label"
    )


def test_the_truth_of_a_table_is_its_rate_and_its_correlation() -> None:
    study = Study(0.1, 0.8, 0.0, images=10, correlation=0.3)
    layout = study.layout([300, 300])
    table = replace(layout, hits=draw(layout, study.world(), 1, np.random.default_rng(3)).hits[0])
    truth = assume_truth(table, SETTINGS)
    assert truth.rate == pytest.approx(float(table.hits.mean() / 10), abs=1e-9)
    assert truth.correlation == pytest.approx(0.3, abs=0.05)


@pytest.mark.parametrize("hits", [0.0, 1.0])
def test_an_extreme_table_is_taken_for_nearly_so(hits: float) -> None:
    table = tally_of(range(20), [0] * 10 + [1] * 10, np.full((20, 1), hits), np.ones((20, 1)))
    truth = assume_truth(table, SETTINGS)
    assert truth.rate == pytest.approx(abs(hits - 0.5 / 21))
    assert truth.correlation == 0.0
    assert foresee(table, 0.1, truth, SETTINGS).curve[0].size > 0


def test_a_table_of_one_person_in_all_carries_the_floor() -> None:
    table = tally_of([0], [0], [[1.0]], [[1.0]])
    assert assume_truth(table, SETTINGS) == Truth(0.75, SETTINGS.fail_floor)
