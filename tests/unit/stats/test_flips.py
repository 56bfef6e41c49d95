from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd
import pytest

from fer_audit.predictions import Predictions
from fer_audit.records import Slicing
from fer_audit.stats.differences.engine import compare
from fer_audit.stats.flips.directions import list_directions
from fer_audit.stats.flips.excess import CHANGED, IDENTICAL, Excess, bound_excess, match_levels
from fer_audit.stats.flips.scenes import Scenes, list_scenes
from fer_audit.stats.flips.signs import flip_signs, largest_mean, person_table
from fer_audit.stats.flips.study import plan_flips, remark_blindness_to_flips
from fer_audit.stats.settings import Settings
from fer_audit.stats.wordings.repeats import agreement

TONE = Slicing("tone")
LABELS = ("anger", "fear", "sadness", "surprise")
SETTINGS = Settings()


def table(rows: list[dict[str, str]]) -> Predictions:
    frame = pd.DataFrame(rows)
    if "image" not in frame:
        frame["image"] = [str(row) for row in range(len(frame))]
    return Predictions.from_pandas(frame)


def face(who: int, tone: str, predicted: str, **more: str) -> dict[str, str]:
    usual = {"identity": f"p{who:02}", "expression": "anger", "predicted": predicted, "tone": tone}
    return {**usual, **more}


def found(rows: list[dict[str, str]]) -> Excess:
    scenes = list_scenes(table(rows), TONE)
    (excess,) = bound_excess(match_levels(scenes), SETTINGS)
    return excess


def test_a_flip_is_another_answer_to_the_same_face_at_another_level() -> None:
    rows = [face(i, tone, "fear" if i < 3 and tone == "8" else "anger") for i in range(10) for tone in "28"]
    excess = found(rows)
    assert float(excess.changed) == pytest.approx(0.3)
    assert float(excess.identical) == 0
    assert excess.people == 10
    np.testing.assert_allclose(np.sort(excess.each), np.sort([1.0] * 3 + [0.0] * 7), atol=0.06)


def test_a_non_answer_is_an_answer_of_its_own_kind() -> None:
    rows = [face(i, tone, "anger") for i in range(10) for tone in "28"]
    for row in rows[:4:2]:
        row.update(predicted="", answer="refused")
    rows[1].update(predicted="", answer="refused")
    frame = pd.DataFrame(rows)
    frame["predicted"] = frame["predicted"].where(frame["predicted"] != "", None)
    frame["image"] = [str(row) for row in range(len(frame))]
    (excess,) = bound_excess(match_levels(list_scenes(Predictions.from_pandas(frame), TONE)), SETTINGS)
    # The first person is refused at both levels, which is no change; the second at one of them.
    assert float(excess.changed) == pytest.approx(0.1)


def test_pictures_are_paired_with_those_that_differ_in_nothing_else() -> None:
    """Light decides every answer and the tone none: pairing across lights would find flips on half the faces."""
    rows = [
        face(i, tone, "anger" if light == "day" else "fear", light=light)
        for i, tone, light in product(range(10), "28", ("day", "night"))
    ]
    excess = found(rows)
    assert float(excess.changed) == 0
    assert not list_scenes(table(rows), TONE).measured.any()
    assert list_scenes(table(rows), TONE).others == ("light",)


def test_pictures_that_agree_in_everything_are_renders_of_one_face() -> None:
    rows = [
        face(i, tone, "anger" if number == "0" else "fear", image=f"{i}-{tone}-{number}")
        for i, tone, number in product(range(10), "28", "01")
    ]
    excess = found(rows)
    assert float(excess.identical) == pytest.approx(1.0)
    assert float(excess.changed) == pytest.approx(0.5)


def test_repeats_of_one_picture_measure_noise_and_copies_of_two_renders_change_nothing() -> None:
    once = [
        face(i, tone, "anger" if i % 2 else "fear", image=f"{i}-{tone}")
        for i, tone in product(range(10), "28")
    ]
    other = [{**row, "predicted": "fear"} for row in once]
    excess = found([*once, *other])
    # Odd people say two things of each picture, even people one.
    assert float(excess.identical) == pytest.approx(0.5)
    renders = [{**row, "image": f"{row['image']}b"} for row in other]
    two = found([*once, *renders])
    again = found([*once, *renders, *once, *renders, *renders])
    assert float(two.identical) == pytest.approx(0.5)
    for name in ("changed", "identical", "lower", "upper"):
        assert float(getattr(again, name)) == pytest.approx(float(getattr(two, name)))


def test_wordings_are_compared_each_with_itself_and_share_the_weight_of_a_face() -> None:
    rows = [
        face(i, tone, "anger" if prompt == "a" else "fear", prompt=prompt, image=f"{i}{tone}")
        for i, tone, prompt in product(range(10), "28", "ab")
    ]
    excess = found(rows)
    assert float(excess.changed) == 0
    assert excess.faces == 10
    assert float(excess.pair.weight.sum()) == 10


def test_another_name_of_the_level_does_not_part_the_pictures() -> None:
    rows = [
        face(i, tone, "anger", shade="light" if tone == "2" else "dark")
        for i, tone in product(range(9), "28")
    ]
    scenes = list_scenes(table(rows), TONE)
    assert (scenes.others, scenes.companions) == ((), ("shade",))
    assert len(match_levels(scenes)) == 1


def test_what_is_the_same_in_all_pictures_of_a_person_is_not_named() -> None:
    rows = [face(i, tone, "anger", sex="f" if i % 2 else "m") for i, tone in product(range(9), "28")]
    assert list_scenes(table(rows), TONE).others == ()


def test_what_numbers_the_pictures_leaves_nothing_to_compare() -> None:
    rows = [face(i, tone, "anger", file=f"f{i}{tone}") for i, tone in product(range(9), "28")]
    assert match_levels(list_scenes(table(rows), TONE)) == ()


def test_where_noise_was_measured_only_measured_faces_are_compared() -> None:
    rows = [face(i, tone, "anger", image=f"{i}{tone}") for i, tone in product(range(12), "28")]
    rows += [row for row in rows if row["identity"] < "p09"]
    excess = found(rows)
    assert excess.people == 9
    assert excess.pair.unmeasured == 3


@pytest.mark.parametrize("times", [2, 3])
def test_the_excess_is_unbiased_over_every_set_of_answers(times: int) -> None:
    """Enumerated: its mean is half the squared distance of the two distributions."""
    p = {0: np.array([0.7, 0.3]), 1: np.array([0.25, 0.75])}
    mean = 0.0
    for said in product(range(2), repeat=2 * times):
        sides = np.array(said).reshape(2, times)
        chance = float(np.prod([p[level][answer] for level in (0, 1) for answer in sides[level]]))
        counts = np.array([np.bincount(side, minlength=2) for side in sides])
        pair = match_levels(scenes_of(counts[None]))[0]
        mean += chance * float((pair.tally.hits[1] - pair.tally.hits[0])[0])
    assert mean == pytest.approx(((p[0] - p[1]) ** 2).sum() / 2)


def scenes_of(counts: np.ndarray[tuple[int, ...], np.dtype[np.int64]]) -> Scenes:
    """Of counts (people, levels, responses): one face each, repeats of one picture."""
    people, levels, width = counts.shape
    flat = counts.transpose(1, 0, 2).reshape(-1, width)
    return Scenes(
        person=np.arange(people),
        label=np.zeros(people, dtype=np.int64),
        face=np.arange(people),
        scene=np.tile(np.arange(people), levels),
        level=np.repeat(np.arange(levels), people),
        share=flat / flat.sum(1, keepdims=True),
        alike=agreement(flat),
        measured=flat.sum(1) > 1,
        levels=tuple(f"s{level}" for level in range(levels)),
        labels=("anger",),
        responses=tuple(f"r{r}" for r in range(width)),
    )


def random_scenes(seed: int, people: int = 12, levels: int = 3) -> Scenes:
    generator = np.random.default_rng(seed)
    return scenes_of(generator.multinomial(2, [0.6, 0.3, 0.1], (people, levels)))


def test_bounds_are_those_of_twins_where_the_excess_is_positive() -> None:
    """The same two slices through the engine of gaps: its error and its PASS bound, FAIL one-sided here."""
    tried = 0
    for seed in range(40):
        for excess in bound_excess(match_levels(random_scenes(seed)), SETTINGS):
            if float(excess.value) <= 0:
                continue
            tried += 1
            twins = compare(excess.pair.tally, SETTINGS)
            assert float(twins.error[0]) == pytest.approx(float(excess.error))
            assert float(twins.upper[0]) == pytest.approx(float(excess.upper))
            assert float(twins.rate_second[0]) == pytest.approx(float(excess.changed))
    assert tried > 20


def test_more_pairs_widen_the_fail_bound_alone() -> None:
    pairs = match_levels(random_scenes(3))
    alone, joined = bound_excess(pairs[:1], SETTINGS)[0], bound_excess(pairs, SETTINGS)[0]
    assert float(joined.lower) < float(alone.lower)
    assert float(joined.upper) == float(alone.upper)


@pytest.mark.parametrize("seed", range(4))
def test_the_p_of_random_signs_is_that_of_all_of_them(seed: int) -> None:
    """All 2^9 assignments, one sign a person, by a plain loop over the studentised means."""
    excesses = bound_excess(match_levels(random_scenes(seed, people=9)), SETTINGS)
    hits = np.stack([item.pair.tally.hits[:, 0].reshape(2, 9) for item in excesses])
    values = hits[:, CHANGED] - hits[:, IDENTICAL] - 0.05

    def largest(signs: tuple[float, ...]) -> float:
        moved = values * np.array(signs)
        return float((moved.mean(1) / (moved.std(1, ddof=1) / 3)).max())

    observed = largest((1.0,) * 9)
    exact = np.mean([largest(signs) >= observed - 1e-9 for signs in product((1.0, -1.0), repeat=9)])
    p = flip_signs(excesses, 0.05, 0.05, criterion="test")
    assert p == pytest.approx(exact, abs=4 * np.sqrt(exact * (1 - exact) / 9_999) + 2e-4)


def test_a_person_keeps_one_sign_in_all_pairs() -> None:
    beyond = np.array([[1.0, 2.0], [3.0, 1.0], [2.0, -1.0]])
    signs = np.array([[1.0, -1.0, 1.0]])
    moved = beyond * signs.T
    expected = (moved.mean(0) / np.sqrt(moved.var(0, ddof=1) / 3)).max()
    np.testing.assert_allclose(largest_mean(signs, beyond, np.ones((3, 2), dtype=bool)), [expected])


def test_names_of_people_and_levels_do_not_enter_the_random_numbers() -> None:
    scenes = random_scenes(7)
    order = np.random.default_rng(1).permutation(len(scenes.person))
    renamed = replace(scenes, person=order[scenes.person], level=2 - scenes.level)
    before, after = (bound_excess(match_levels(one), SETTINGS) for one in (scenes, renamed))
    assert flip_signs(before, 0.1, 0.05, criterion="c") == flip_signs(after, 0.1, 0.05, criterion="c")
    np.testing.assert_allclose(person_table(before).each, person_table(after).each, atol=1e-12)


def test_directions_count_faces_and_what_was_right() -> None:
    rows = []
    said = {
        0: ("anger", "neutral"),
        1: ("anger", "neutral"),
        2: ("neutral", "anger"),
        3: ("fear", "neutral"),
        4: ("fear", "fear"),
    }
    for i in range(9):
        first, second = said.get(i, ("anger", "anger"))
        rows += [face(i, "2", first), face(i, "8", second)]
    scenes = list_scenes(table(rows), TONE)
    found = list_directions(scenes, match_levels(scenes)[0])
    assert [(turn.before, turn.after, turn.faces, turn.answered, turn.back) for turn in found.turns] == [
        ("anger", "neutral", 2, 6, 1),
        ("fear", "neutral", 1, 2, 0),
        ("neutral", "anger", 1, 1, 2),
    ]
    # Who is wrong in the same way twice has not changed.
    assert (found.faces, found.lost, found.won, found.astray) == (9, 2, 1, 1)


def test_a_plan_finds_the_people_with_whom_observed_people_decide() -> None:
    rows = [face(i, tone, "fear" if i < 3 and tone == "8" else "anger") for i in range(12) for tone in "28"]
    excesses = bound_excess(match_levels(list_scenes(table(rows), TONE)), SETTINGS)
    plan = plan_flips(excesses, 0, 0.1, SETTINGS, criterion="c")
    assert plan.people is not None
    # By formula (t + .84)^2 p (1 - p) / (.25 - .1)^2, about 50.
    assert 35 <= plan.people <= 75
    assert plan.note.startswith(
        f"about {plan.people} people would FAIL 0.1 with 80 % power if the true excess is"
    )
    assert plan_flips(excesses, 0, 0.1, SETTINGS, criterion="c") == plan


def test_where_nobody_flips_a_plan_takes_nobody_never_to_flip() -> None:
    """Drawing people who never flipped again would promise a PASS as soon as its bound allows one at all."""
    rows = [face(i, tone, "anger", expression=label) for i in range(12) for tone in "28" for label in LABELS]
    excesses = bound_excess(match_levels(list_scenes(table(rows), TONE)), SETTINGS)
    plan = plan_flips(excesses, 0, 0.05, SETTINGS, criterion="c")
    assert plan.people is not None

    def upper(people: int) -> float:
        quiet = [
            face(i, tone, label, expression=label) for i in range(people) for tone in "28" for label in LABELS
        ]
        return float(bound_excess(match_levels(list_scenes(table(quiet), TONE)), SETTINGS)[0].upper)

    assert upper(plan.people - 3) <= 0.05


def test_a_plan_says_where_no_number_decides() -> None:
    rows = [face(i, tone, "fear" if i < 3 and tone == "8" else "anger") for i in range(12) for tone in "28"]
    excesses = bound_excess(match_levels(list_scenes(table(rows), TONE)), SETTINGS)
    at = plan_flips(excesses, 0, 0.25, SETTINGS, criterion="c")
    assert at.people is None
    assert at.note == "the observed excess equals the tolerance 0.25: no number decides it"
    near = plan_flips(excesses, 0, 0.249, SETTINGS, criterion="c")
    assert near.people is None
    assert near.note == (
        "more than 3,000 people would be needed to FAIL 0.249 with 80 % power if the true excess is 0.250, as "
        "observed: it lies too near to be decided with any practical number of people"
    )


def test_sides_are_in_the_order_their_names_say() -> None:
    pair = match_levels(random_scenes(0))[0]
    assert pair.tally.levels[IDENTICAL] == "identical"
    assert pair.tally.levels[CHANGED] == "changed"


def test_a_criterion_that_would_not_notice_twice_its_tolerance_says_so() -> None:
    few = [face(i, tone, "anger") for i in range(8) for tone in "28"]
    many = [face(i, tone, "anger", expression=label) for i in range(60) for tone in "28" for label in LABELS]

    def remark(rows: list[dict[str, str]]) -> tuple[str, ...]:
        excesses = bound_excess(match_levels(list_scenes(table(rows), TONE)), SETTINGS)
        return remark_blindness_to_flips(excesses, 0, 0.1, SETTINGS, criterion="c")

    assert remark(many) == ()
    (told,) = remark(few)
    assert told.startswith("positive control: an excess of 0.2, planted in one pair of levels, FAILs in ")
    assert told.endswith(" plantings; this criterion would probably not notice it in these data")
