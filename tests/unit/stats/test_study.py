from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fer_audit.errors import ConfigurationError
from fer_audit.results import Outcome
from fer_audit.stats.differences.engine import compare
from fer_audit.stats.planning.gap import plan_gap
from fer_audit.stats.planning.power import Claim, rate_beyond, simulate_power
from fer_audit.stats.planning.search import Needed, cross, find_people
from fer_audit.stats.planning.study import Study, people_needed, power_curve
from fer_audit.stats.planning.worlds import World, draw
from fer_audit.stats.ratios.comparison import RatioClaim
from fer_audit.stats.settings import Settings
from fer_audit.stats.tally import Tally

SETTINGS = Settings()
RATIO = RatioClaim(1.25, 0.05)


@pytest.mark.parametrize(
    "study",
    [
        Study(0.1, 0.85, 0.0, slices=4, images=4),
        Study(0.1, 0.5, 0.2, slices=2, images=2, correlation=0.2),
        Study(0.15, 0.99, 0.3, slices=8, images=16, correlation=0.0),
        Study(0.1, 0.9, 0.0, slices=2, images=8, paired=True),
        Study(RATIO, 0.15, 1.0, slices=2, images=4),
        Study(RATIO, 0.2, 2.0, slices=2, images=8, correlation=0.2, paired=True),
    ],
    ids=[
        "four to PASS",
        "two to FAIL",
        "eight to FAIL",
        "twins to PASS",
        "ratio to PASS",
        "twins' ratio to FAIL",
    ],
)
def test_the_number_has_the_power_that_is_promised_on_fresh_tables(study: Study) -> None:
    needed = people_needed(study, SETTINGS)
    assert needed.people is not None
    assert study.outcome is not None
    power = simulate_power(
        study.layout([needed.people] * study.slices),
        study.world(),
        study.claim,
        study.outcome,
        settings=SETTINGS,
        generator=np.random.default_rng(8),
        runs=1500,
    )
    assert 0.75 <= power <= 0.87
    assert needed.power == pytest.approx(power, abs=0.05)


def test_the_same_arguments_give_the_same_number() -> None:
    study = Study(0.1, 0.9, 0.0, slices=3, images=4)
    assert people_needed(study, SETTINGS) == people_needed(study, SETTINGS)


def test_a_wider_tolerance_a_lower_power_and_twins_need_fewer_people() -> None:
    base = Study(0.1, 0.85, 0.0, images=4)
    people = people_needed(base, SETTINGS).people
    assert people is not None
    for easier, power in ((replace(base, claim=0.15), 0.8), (base, 0.6), (replace(base, paired=True), 0.8)):
        fewer = people_needed(easier, SETTINGS, power=power).people
        assert fewer is not None
        assert fewer < people
    more = people_needed(replace(base, slices=4), SETTINGS).people
    assert more is not None
    assert more > people


def test_the_number_is_that_of_an_undecided_table_of_the_same_design() -> None:
    """One slice of 40 people and one of 40 others, exactly alike, correlated as the study takes them."""
    study = Study(0.1, 0.8, 0.0, images=5)
    hits = np.tile([[5.0], [5.0], [4.0], [4.0], [2.0]], (16, 1))
    layout = study.layout([40, 40])
    table = replace(layout, hits=hits)
    found = compare(table, SETTINGS)
    observed = replace(study, correlation=float(found.alike[0]))
    plan = plan_gap(table, 0.1, SETTINGS)
    needed = people_needed(observed, SETTINGS).people
    assert needed is not None
    assert plan.people[0][1] == pytest.approx(needed, rel=0.08)


def test_images_of_several_labels_say_what_as_many_of_one_label_say() -> None:
    """The claim by which a study is drawn with one label."""
    study = Study(0.1, 0.8, 0.0, images=2, labels=3)
    one = draw(study.layout([12, 12]), study.world(), 40, np.random.default_rng(1))
    parts = np.stack([np.minimum(np.maximum(one.hits[..., 0] - 2 * k, 0), 2) for k in range(3)], axis=-1)
    three = Tally(one.person, one.level, parts, np.full((24, 3), 2.0), one.levels, ("a", "b", "c"))
    joined, apart = compare(one, SETTINGS), compare(three, SETTINGS)
    np.testing.assert_allclose(apart.lower, joined.lower, atol=1e-12)
    np.testing.assert_allclose(apart.upper, joined.upper, atol=1e-9)


def test_power_grows_with_people_for_both_verdicts() -> None:
    curve = power_curve(Study(0.1, 0.85, 0.0, images=4), [20, 60, 180], SETTINGS)
    assert [point.people for point in curve] == [20, 60, 180]
    for powers in ([point.passes for point in curve], [point.fails or 0.0 for point in curve]):
        assert powers[0] < powers[1] < powers[2]
        assert powers[2] > 0.9


def test_where_no_rate_lies_twice_the_tolerance_away_no_fail_is_drawn() -> None:
    (point,) = power_curve(Study(0.3, 0.5, 0.0), [20], SETTINGS)
    assert rate_beyond(0.5, 0.3) is None
    assert point.fails is None
    assert point.passes > 0.1


def test_a_truth_next_to_the_tolerance_gets_no_number() -> None:
    assert people_needed(Study(0.01, 0.8, 0.0), SETTINGS).people is None


def test_the_fewest_people_are_never_undercut() -> None:
    needed = people_needed(Study(0.4, 0.99, 0.0, images=16), SETTINGS)
    assert needed.people == 8
    assert needed.power > 0.9


def test_every_trial_is_reported_to_whom_it_concerns() -> None:
    steps: list[int] = []
    people_needed(Study(0.1, 0.9, 0.0), SETTINGS, on_step=lambda: steps.append(1))
    assert len(steps) >= 2


@pytest.mark.parametrize(
    ("claim", "rate", "effect", "outcome", "other"),
    [
        (0.1, 0.85, 0.0, Outcome.PASS, 0.85),
        (0.1, 0.85, 0.05, Outcome.PASS, 0.8),
        (0.1, 0.85, 0.2, Outcome.FAIL, 0.65),
        (RATIO, 0.1, 1.0, Outcome.PASS, 0.1),
        (RATIO, 0.1, 2.0, Outcome.FAIL, 0.2),
        (RATIO, 0.01, 2.0, Outcome.PASS, 0.02),
        (RATIO, 0.9, 1.5, Outcome.FAIL, 0.6),
    ],
)
def test_the_right_verdict_follows_from_claim_and_truth(
    claim: Claim, rate: float, effect: float, outcome: Outcome, other: float
) -> None:
    """Rates of 1 and 2 in a hundred are within five points, whatever their ratio."""
    study = Study(claim, rate, effect)
    assert study.outcome is outcome
    assert study.other_rate == pytest.approx(other)


@pytest.mark.parametrize(
    ("study", "message"),
    [
        ({"rate": 1.0}, "rate is 1; give a share of images strictly between 0 and 1, e.g. 0.85"),
        ({"slices": 1}, "slices is 1; give a number from 2 to 100"),
        ({"images": 0}, "images is 0; give a number from 1 to 10,000"),
        ({"labels": 0}, "labels is 0; give a number from 1 to 10,000"),
        (
            {"correlation": 1.5},
            "correlation is 1.5; images of one person correlate by 0 to 0.95, e.g. 0.1 where nothing is known",
        ),
        (
            {"effect": -0.1},
            "the gap assumed true is -0.1; it is 0 for a fair model, and larger for an unfair one",
        ),
        (
            {"effect": 0.9},
            "a gap of 0.9 cannot be true at a rate of 0.8: one group would have -0.1; assume a smaller gap, or another rate",
        ),
        (
            {"effect": 0.1},
            "the gap assumed true, 0.1, lies on the edge of what is allowed: no number of people decides that case; assume more, which would FAIL, or less, which would PASS",
        ),
    ],
)
def test_a_study_that_makes_no_sense_is_refused_with_the_cure(study: dict[str, float], message: str) -> None:
    given = {"rate": 0.8, "effect": 0.0, **study}
    with pytest.raises(ConfigurationError) as refused:
        Study(
            0.1,
            given["rate"],
            given["effect"],
            slices=int(given.get("slices", 2)),
            images=int(given.get("images", 1)),
            labels=int(given.get("labels", 1)),
            correlation=given.get("correlation", 0.1),
        )
    assert str(refused.value) == message


@pytest.mark.parametrize("power", [0.05, 1.0])
def test_a_power_that_is_none_is_refused_before_anything_is_computed(power: float) -> None:
    with pytest.raises(ConfigurationError) as refused:
        people_needed(Study(0.1, 0.8, 0.0), SETTINGS, power=power, on_step=lambda: pytest.fail("computed"))
    assert str(refused.value) == (
        f"power is {power:g}; give a probability above alpha (0.05) and up to 0.99, e.g. 0.8"
    )


def test_the_search_finds_where_a_known_power_crosses_its_target() -> None:
    found = cross(lambda x: x / 10, 1.0, 0.0, 100.0, origin=0.0, target=0.6, near=0.005)
    assert found == pytest.approx(6.0, abs=0.06)
    assert cross(lambda x: x / 1000, 1.0, 0.0, 100.0, origin=0.0) is None
    assert cross(lambda _: 0.99, 5.0, 2.0, 100.0, origin=0.0) == 2.0


@pytest.mark.parametrize("leap", range(20, 60, 3))
def test_where_power_leaps_over_the_target_no_less_is_promised(leap: int) -> None:
    layout = Study(0.1, 0.8, 0.0).layout([1, 1])

    def power(table: Tally, _: np.random.Generator) -> float:
        return 0.95 if len(table.person) >= 2 * leap else 0.3

    found = find_people(layout, power, 30.0, fewest=8, seed=1)
    assert found is not None
    assert found.people is not None
    assert leap <= found.people <= leap + 4


def test_tables_too_large_to_imagine_are_told_by_formula_rounded_up() -> None:
    layout = Study(0.1, 0.8, 0.0, slices=50).layout([1] * 50)
    needed = find_people(layout, lambda *_: 0.0, 1234.0, fewest=8, seed=1)
    assert needed == Needed(1300, simulated=False)


def test_a_world_in_which_people_do_not_help_has_no_number() -> None:
    layout = Study(0.1, 0.8, 0.0).layout([1, 1])
    assert find_people(layout, lambda *_: 0.1, 20.0, fewest=8, seed=1) is None


def test_the_layout_of_twins_holds_the_same_people_in_every_slice() -> None:
    study = Study(0.1, 0.8, 0.0, slices=3, paired=True)
    layout = study.layout([9, 9, 9])
    assert len(np.unique(layout.person)) == 9
    assert np.bincount(layout.level).tolist() == [9, 9, 9]
    assert isinstance(study.world(), World)
