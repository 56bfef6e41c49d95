from __future__ import annotations

import pandas as pd
import pytest

import fer_audit
from fer_audit.errors import ConfigurationError, UnknownNameError


def table(people: int, groups: tuple[str, ...], images: int = 4) -> fer_audit.Predictions:
    rows = [
        {
            "identity": f"{group}{person}",
            "expression": "anger",
            "predicted": "anger" if (person + image) % 5 else "fear",
            "gender": group,
        }
        for group in groups
        for person in range(people)
        for image in range(images)
    ]
    return fer_audit.Predictions.from_pandas(pd.DataFrame(rows))


def test_a_plan_answers_in_a_sentence_with_its_assumptions() -> None:
    found = fer_audit.plan(rate=0.9, slices=2, images=8, labels=2, correlation=0.05)
    assert found.people is not None
    assert found.answer == (
        f"{found.people} people in each of 2 groups ({2 * found.people} in all) PASS a gap of at most 0.1 in "
        f"80 % of audits of a fair model ({100 * found.needed.power:.0f} % of simulated audits did)."
    )
    assert found.assumptions == (
        "the rate is 0.9 in every group",
        "every person has 8 images of each of 2 expressions in a group",
        "images of one person correlate by 0.05",
        found.settings.note,
        "more images of the same people do not replace people",
    )


def test_a_gap_that_is_not_allowed_asks_for_fail() -> None:
    found = fer_audit.plan(rate=0.9, images=16, assumed=0.25, paired=True)
    assert found.answer.startswith(
        f"{found.people} people, the same in all 2 groups, FAIL a gap of at most 0.1 in 80 % of audits of a "
        "model that lies 25 points lower in one group"
    )
    assert "the rate is 0.9 in every group but one, where it is 0.65" in found.assumptions
    assert (
        "the same people are in all groups, and what makes a face hard to read is the same in each"
        in found.assumptions
    )


def test_a_ratio_is_planned_with_the_difference_that_goes_with_it() -> None:
    found = fer_audit.plan(ratio=1.25, rate=0.2, images=8, assumed=2.2, paired=True)
    assert "FAIL a ratio of at most 1.25 (or 5 points) in 80 % of audits" in found.answer
    assert "of a model whose rates differ by a factor of 2.2 in one group" in found.answer


def test_a_hopeless_question_gets_a_sentence_instead_of_a_number() -> None:
    found = fer_audit.plan(tolerance=0.01, curve=False)
    assert found.people is None
    assert found.answer == (
        "More than 3,000 people in each of 2 groups would be needed to PASS a gap of at most 0.01 in 80 % of "
        "audits of a fair model: assume a truth that lies farther from what is allowed, or allow another "
        "difference."
    )


def test_the_fewest_people_are_explained() -> None:
    found = fer_audit.plan(tolerance=0.4, rate=0.99, images=16)
    assert found.people == 8
    assert found.answer.endswith("Fewer than 8 people in a group are never assessed.")


def test_a_curve_holds_the_number_itself() -> None:
    found = fer_audit.plan(rate=0.9, images=8, paired=True, curve=True)
    assert found.people in [point.people for point in found.curve]
    assert fer_audit.plan(rate=0.9, images=8, paired=True).curve == ()


def test_given_people_could_show_something() -> None:
    found = fer_audit.prospect([30, 40], images=8)
    assert found.found.fails_from is not None
    assert found.found.passes_from is not None
    assert found.answer == (
        f"A true gap of {100 * found.found.fails_from:.1f} points between group 1 and the other groups would "
        "FAIL a gap of at most 0.1 in 80 % of audits; smaller ones mostly stay undecided. A fair model would "
        f"PASS in 80 % of audits where a gap of {100 * found.found.passes_from:.1f} points or more is allowed."
    )
    assert found.assumptions[:2] == (
        "people: group 1 30, group 2 40",
        "the rate is 0.85 in every group of a fair model, and images of one person correlate by 0.1 (assumed)",
    )


def test_a_table_brings_its_own_rate_and_correlation() -> None:
    found = fer_audit.prospect(table(30, ("f", "m")), by="gender")
    assert found.found.people == (("f", 30), ("m", 30))
    assert found.observed
    assert "the rate is 0.8 in every group of a fair model" in found.assumptions[1]
    assert found.assumptions[1].endswith("(as observed)")
    told = fer_audit.prospect(table(30, ("f", "m")), by="gender", rate=0.6)
    assert told.found.truth.rate == 0.6
    assert told.assumptions[1].endswith("(assumed)")


def test_a_table_with_a_small_group_can_pass_nothing() -> None:
    data = pd.concat(
        [
            pd.DataFrame(
                {
                    "identity": [f"{group}{i}" for i in range(people)],
                    "expression": "anger",
                    "predicted": "anger",
                    "race": group,
                }
            )
            for group, people in (("a", 20), ("b", 20), ("c", 3))
        ]
    )
    found = fer_audit.prospect(fer_audit.Predictions.from_pandas(data), by="race")
    assert "Nothing can PASS: fewer than 8 people speak for c." in found.answer


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"tolerance": 0.0},
            "Gap(at_most=0) can never pass: no finite number of people shows that two groups are exactly equal; name the difference that would still be acceptable, e.g. 0.1",
        ),
        (
            {"tolerance": -0.1},
            "Gap(at_most=-0.1) is no difference of two rates; give a number between 0 and 1, e.g. 0.1 for ten points",
        ),
        ({"alpha": 0.5}, "alpha is 0.5; it must lie between 0 and 0.5, e.g. 0.05"),
        ({"rate": 1.2}, "rate is 1.2; give a share of images strictly between 0 and 1, e.g. 0.85"),
        (
            {"correlation": -1.0},
            "correlation is -1; images of one person correlate by 0 to 0.95, e.g. 0.1 where nothing is known",
        ),
        ({"power": 0.0}, "power is 0; give a probability above alpha (0.05) and up to 0.99, e.g. 0.8"),
    ],
)
def test_bad_input_is_refused_with_the_cure_before_anything_is_computed(
    arguments: dict[str, float], message: str
) -> None:
    given = {"tolerance": 0.1, "alpha": 0.05, "rate": 0.8, "correlation": 0.1, "power": 0.8, **arguments}
    for ask in (
        lambda: fer_audit.plan(
            tolerance=given["tolerance"],
            alpha=given["alpha"],
            rate=given["rate"],
            correlation=given["correlation"],
            power=given["power"],
            on_step=lambda: pytest.fail("computed"),
        ),
        lambda: fer_audit.prospect(
            [20, 20],
            tolerance=given["tolerance"],
            alpha=given["alpha"],
            rate=given["rate"],
            correlation=given["correlation"],
            power=given["power"],
            on_step=lambda: pytest.fail("computed"),
        ),
    ):
        with pytest.raises(ConfigurationError) as refused:
            ask()
        assert str(refused.value) == message


@pytest.mark.parametrize(
    ("people", "paired", "message"),
    [
        ([], False, "0 groups of no people; give the people of two groups or more, e.g. 55,54"),
        ([20], False, "1 groups of 20 people; give the people of two groups or more, e.g. 55,54"),
        ([20, 0], False, "2 groups of 20, 0 people; give the people of two groups or more, e.g. 55,54"),
        ([20, 5], False, "5 people are too few for a group: fewer than 8 are never assessed"),
        ([20, 21], True, "the same people cannot be 20, 21 in number; give one number for all groups"),
    ],
)
def test_numbers_of_people_that_cannot_be_are_refused(people: list[int], paired: bool, message: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        fer_audit.prospect(people, paired=paired)
    assert str(refused.value) == message


def test_a_table_needs_a_slicing_that_it_has() -> None:
    with pytest.raises(ConfigurationError) as refused:
        fer_audit.prospect(table(10, ("f", "m")))
    assert str(refused.value) == ("a table has no groups of its own; say which: by='gender', or --by=gender")
    with pytest.raises(UnknownNameError):
        fer_audit.prospect(table(10, ("f", "m")), by="gendr")
    with pytest.raises(ConfigurationError) as refused:
        fer_audit.prospect(table(10, ("f",)), by="gender")
    assert str(refused.value).startswith("slicing 'gender' makes one slice only, 'f', and there is nothing")


def test_pictures_of_unknown_people_show_nothing_until_their_number_is_declared() -> None:
    frame = pd.DataFrame(
        {
            "identity": [""] * 40,
            "image": [f"{i}.png" for i in range(40)],
            "expression": "anger",
            "predicted": ["anger", "fear"] * 20,
            "gender": ["f"] * 20 + ["m"] * 20,
        }
    )
    unknown = fer_audit.Predictions.from_pandas(frame)
    with pytest.raises(ConfigurationError) as refused:
        fer_audit.prospect(unknown, by="gender")
    assert str(refused.value) == (
        "nobody knows who is in the pictures of this table, so no number of them shows anything: fill the "
        "column 'identity', or declare max_images_per_person"
    )
    once, often = (
        fer_audit.prospect(
            fer_audit.Predictions.from_pandas(frame.assign(max_images_per_person=most)), by="gender"
        ).found.passes_from
        for most in (1, 3)
    )
    assert once is not None
    assert often is not None
    assert once < often
