from __future__ import annotations

import math
from dataclasses import replace

import pytest
from sample_runs import FAILED, PASSED, UNDECIDED, association, comparison, gap, ratio, record

from fer_audit.report.sentences import brief, sentence, short, table
from fer_audit.results import Comparison, Outcome, Record, Unassessable, Verdict

# Confusions that nobody made: the ratio of nothing to nothing has no end, the difference of the two does.
NONE = comparison(1.0, 0.0, math.inf, value_a=0.0, value_b=0.0, difference=(0.0, -0.053, 0.0452))
OTHER = Unassessable("other", 1, "1 person with images that count here; 8 are needed")
TIMES = comparison(
    3.1,
    1.6,
    6.2,
    a="black*female",
    b="white*female",
    value_a=0.431,
    value_b=0.137,
    people_a=20,
    people_b=15,
    kind="apart",
    difference=(0.288, 0.071, 0.4),
)


@pytest.mark.parametrize(
    ("verdict", "told"),
    [
        pytest.param(
            FAILED,
            "On skin_tone, mini-xception reads faces of skin tone 2 correctly more often than faces of skin "
            "tone 8: 57 % against 23 %, 35 points apart (95 % sure of at least 24), 48 people seen in both. "
            "Allowed: 10 points. FAIL.",
            id="gap-fail",
        ),
        pytest.param(
            PASSED,
            "On gender, mini-xception reads faces correctly at a like rate in both groups: no two are more "
            "than 9.3 points apart (95 % sure). Largest difference seen: 3 points apart, 82 % for faces of "
            "gender female against 79 % for faces of gender male. 53 to 56 people a group. Allowed: 10 "
            "points. PASS.",
            id="gap-pass",
        ),
        pytest.param(
            UNDECIDED,
            "On group, mini-xception reads faces of group BF correctly more often than faces of group WM: "
            "71 % against 63 %, 8 points apart in these data (12 people against 15), but anything from −9 "
            "(the other way round) to 26 points agrees with them. Allowed: 10 points. About so many people "
            "would decide it with 80 % power, if the truth is as observed: 90 in group BF and 85 in group WM. "
            "These data had 80 % power to show a difference of 31 points. INCONCLUSIVE.",
            id="gap-inconclusive",
        ),
        pytest.param(
            gap(Outcome.FAIL, comparison(0.4, 0.2, 0.5, kind="apart", people_a=1200), measure="recall(fear)"),
            "On skin_tone, mini-xception recognises fear in faces of skin tone 2 more often than in faces of "
            "skin tone 8: 57 % against 23 %, 40 points apart (95 % sure of at least 20), 1,200 people against "
            "48. Allowed: 10 points. FAIL.",
            id="recall",
        ),
        pytest.param(
            gap(Outcome.FAIL, comparison(0.4, 0.2, 0.5, kind="partly shared"), measure="refusals"),
            "On skin_tone, mini-xception gives no answer for faces of skin tone 2 more often than for faces "
            "of skin tone 8: 57 % against 23 %, 40 points apart (95 % sure of at least 20), 48 people against "
            "48, some in both. Allowed: 10 points. FAIL.",
            id="refusals",
        ),
        pytest.param(
            gap(Outcome.FAIL, comparison(0.4, 0.2, 0.5), measure="accuracy.answered"),
            "On skin_tone, among answered images, mini-xception reads faces of skin tone 2 correctly more "
            "often than faces of skin tone 8: 57 % against 23 %, 40 points apart (95 % sure of at least 20), "
            "48 people seen in both. Allowed: 10 points. FAIL.",
            id="answered-only",
        ),
        pytest.param(
            ratio(Outcome.FAIL, TIMES),
            "On race*gender, mini-xception mistakes anger for disgust in faces of race black, gender female "
            "more often than in faces of race white, gender female: 43 % against 14 %, 3.1 times the rate "
            "(95 % sure of at least 1.6 times and 7 points apart), 20 people against 15. Allowed: 1.25 times "
            "or 5 points. FAIL.",
            id="ratio-fail",
        ),
        pytest.param(
            ratio(
                Outcome.PASS,
                replace(
                    TIMES, estimate=1.1, lower=0.8, upper=1.24, value_b=0.392, difference=(0.04, -0.1, 0.12)
                ),
            ),
            "On race*gender, mini-xception mistakes anger for disgust in faces at a like rate in both groups: "
            "no two are further apart than the allowed 1.25 times or 5 points (95 % sure). Largest difference "
            "seen: 1.1 times the rate, 43 % for faces of race black, gender female against 39 % for faces of "
            "race white, gender female. 15 to 20 people a group. Allowed: 1.25 times or 5 points. PASS.",
            id="ratio-pass",
        ),
        pytest.param(
            replace(
                ratio(
                    Outcome.INCONCLUSIVE,
                    replace(TIMES, estimate=float("inf"), lower=0.5, upper=float("inf"), value_b=0.0),
                ),
                people_needed={"black*female": 280, "white*female": 280},
                detectable=4.25,
            ),
            "On race*gender, mini-xception mistakes anger for disgust in faces of race black, gender female "
            "more often than in faces of race white, gender female: 43 % against 0 %, some against none in "
            "these data (20 people against 15), but anything from 7 to 40 points agrees with them. "
            "Allowed: 1.25 times or 5 points. About 280 people in each group would decide it "
            "with 80 % power, if the truth is as observed. These data had 80 % power to show a ratio of 4.25 "
            "times. INCONCLUSIVE.",
            id="ratio-inconclusive",
        ),
        pytest.param(
            replace(ratio(Outcome.PASS, NONE), slicing="skin_tone"),
            "On skin_tone, mini-xception mistakes anger for disgust in faces at a like rate in both groups: no "
            "two are more than 4.6 points apart (95 % sure). No difference was seen: 0 % in both groups. 48 "
            "people a group. Allowed: 1.25 times or 5 points. PASS.",
            id="none-in-either-pass",
        ),
        pytest.param(
            replace(
                ratio(Outcome.INCONCLUSIVE, replace(NONE, difference=(0.0, -1e-12, 0.0554))),
                slicing="skin_tone",
            ),
            "On skin_tone, mini-xception mistakes anger for disgust in faces of skin tone 2 as often as in "
            "faces of skin tone 8: 0 % against 0 %, none in either in these data (48 people seen in both), but "
            "anything from 0 to 6 points agrees with them. Allowed: 1.25 times or 5 points. INCONCLUSIVE.",
            id="none-in-either-inconclusive",
        ),
        pytest.param(
            replace(
                ratio(
                    Outcome.INCONCLUSIVE,
                    comparison(
                        math.inf, 1.87, math.inf, value_a=0.156, value_b=0.0, difference=(0.156, 0.069, 0.266)
                    ),
                ),
                slicing="skin_tone",
            ),
            "On skin_tone, mini-xception mistakes anger for disgust in faces of skin tone 2 more often than in "
            "faces of skin tone 8: 16 % against 0 %, some against none in these data, and anything from 6 to "
            "27 points agrees with them: beyond what is allowed, but seen in too few of the 48 people for a "
            "FAIL. Allowed: 1.25 times or 5 points. INCONCLUSIVE.",
            id="beyond-but-too-few",
        ),
        pytest.param(
            replace(
                ratio(
                    Outcome.INCONCLUSIVE,
                    comparison(
                        1.0, 0.16, 4.787, value_a=0.03125, value_b=0.03125, difference=(0, -0.09, 0.07)
                    ),
                ),
                slicing="skin_tone",
            ),
            "On skin_tone, mini-xception mistakes anger for disgust in faces of skin tone 2 as often as in "
            "faces of skin tone 8: 3 % against 3 %, the same rate in these data (48 people seen in both), but "
            "anything from 0.16 (the other way round) to 4.79 times agrees with them. Allowed: 1.25 times or 5 "
            "points. INCONCLUSIVE.",
            id="the-same-rate",
        ),
        pytest.param(
            association(Outcome.FAIL, comparison(0.346, 0.247, 0.447), p=0.0001),
            "On skin_tone, mini-xception reads faces of skin tone 2 correctly more often than faces of skin "
            "tone 8: 57 % against 23 %, 35 points apart, 48 people seen in both. When each person's own "
            "pictures are dealt to the groups by chance, differences between groups as sure as these are rare "
            "(p < 0.001): the outcome depends on the group. It is not shown to stay within 10 points. FAIL.",
            id="association-fail",
        ),
        pytest.param(
            association(Outcome.INCONCLUSIVE, comparison(0.06, -0.05, 0.13), p=0.31),
            "On skin_tone, mini-xception reads faces of skin tone 2 correctly more often than faces of skin "
            "tone 8: 57 % against 23 %, 6 points apart, 48 people seen in both. The test does not establish "
            "a dependence on the group (p = 0.31), nor rule one out: differences up to 13 points agree with these data. "
            "Not significant does not mean fair. Allowed: 10 points. INCONCLUSIVE.",
            id="association-inconclusive",
        ),
        pytest.param(
            replace(
                association(Outcome.INCONCLUSIVE, comparison(0.06, -0.05, 0.13), p=0.01, margin=None),
                reason="images per person differ by 3.1x between slices",
            ),
            "On skin_tone, mini-xception reads faces of skin tone 2 correctly more often than faces of skin "
            "tone 8: 57 % against 23 %, 6 points apart, 48 people seen in both. The test does not establish "
            "a dependence on the group (p = 0.01), nor rule one out: differences up to 13 points agree with these data. "
            "Not significant does not mean fair. Images per person differ by 3.1x between slices. "
            "INCONCLUSIVE.",
            id="association-guarded",
        ),
        pytest.param(
            association(Outcome.PASS, comparison(0.03, -0.05, 0.08), p=0.31),
            "On skin_tone, mini-xception reads faces correctly at a like rate in every group: any dependence "
            "is within 8 points (95 % sure). Allowed: 10 points. PASS.",
            id="association-pass",
        ),
        pytest.param(
            replace(
                gap(Outcome.INCONCLUSIVE),
                not_assessable=(OTHER,),
                reason="fewer than two slices can be assessed",
            ),
            "On skin_tone, no two groups could be compared for mini-xception. Fewer than two slices can be "
            "assessed. Not assessable: other (1 person with images that count here; 8 are needed). This says "
            "nothing about fairness. INCONCLUSIVE.",
            id="nothing-comparable",
        ),
        pytest.param(
            replace(PASSED, outcome=Outcome.INCONCLUSIVE, not_assessable=(OTHER,)),
            "On gender, for mini-xception the one comparison made is within the allowed 10 points (95 % "
            "sure), but not everything demanded could be judged. Not assessable: other (1 person with images "
            "that count here; 8 are needed). INCONCLUSIVE.",
            id="capped",
        ),
    ],
)
def test_a_verdict_is_told_in_plain_words(verdict: Verdict, told: str) -> None:
    assert sentence(record(verdict)) == told


@pytest.mark.parametrize("verdict", [FAILED, PASSED, UNDECIDED], ids=["fail", "pass", "inconclusive"])
def test_rendered_identities_are_never_called_people(verdict: Verdict) -> None:
    told = [sentence(record(verdict), "rendered identity"), table(record(verdict), "rendered identity")]
    for text in told:
        assert "rendered identities" in text
        assert "people" not in text


def test_how_sure_follows_from_the_error_rate() -> None:
    assert "(99 % sure of at least 24)" in sentence(record(FAILED), alpha=0.01)


def test_the_sentence_of_a_fail_is_about_the_pair_that_is_surest_beyond_the_tolerance() -> None:
    widest = comparison(0.5, 0.02, 0.9, a="1", b="10")
    surest = comparison(0.3, 0.2, 0.4, a="2", b="8")
    told = sentence(record(gap(Outcome.FAIL, widest, surest)))
    assert "faces of skin tone 2" in told
    assert "(95 % sure of at least 20)" in told
    assert "tone 10" not in told


def test_more_than_three_unassessable_slices_are_counted() -> None:
    lost = tuple(Unassessable(name, 3, "3 people") for name in "abcde")
    told = sentence(record(replace(gap(Outcome.INCONCLUSIVE), not_assessable=lost)))
    assert "Not assessable: a (3 people), b (3 people), c (3 people) and 2 more." in told


@pytest.mark.parametrize(
    ("verdict", "line"),
    [
        (
            FAILED,
            "accuracy by skin_tone, mini-xception on faces: 2 over 8, 35 points (at least 24, allowed 10); "
            "48 in both",
        ),
        (
            association(Outcome.FAIL, comparison(0.346, 0.247, 0.447), p=0.0021),
            "accuracy independent of skin_tone, mini-xception on faces: 2 over 8, 35 points (p = 0.0021, "
            "allowed 10); 48 in both",
        ),
        (
            ratio(Outcome.FAIL, TIMES),
            "anger read as disgust by race*gender, mini-xception on faces: black*female over white*female, "
            "3.1 times the rate (at least 1.6, allowed 1.25); 20 against 15",
        ),
        (
            ratio(Outcome.PASS, NONE),
            "anger read as disgust by race*gender, mini-xception on faces: 2 over 8, none in either (at "
            "most 4.6 points, allowed 5); 48 in both",
        ),
        (gap(Outcome.INCONCLUSIVE), "accuracy by skin_tone, mini-xception on faces: nothing comparable"),
    ],
    ids=["fail", "association", "ratio", "none-in-either", "nothing"],
)
def test_a_verdict_in_one_line(verdict: Verdict, line: str) -> None:
    assert short(record(verdict)) == line


def test_who_could_not_be_judged_ends_the_line() -> None:
    verdict = replace(FAILED, not_assessable=(OTHER, replace(OTHER, name="a / b")))
    assert short(record(verdict)) == f"{short(record(FAILED))}; not assessable: other and a / b"
    assert brief(record(verdict)) == f"{brief(record(FAILED))}; not assessable: other and a / b"


def test_a_run_of_one_cell_need_not_repeat_it() -> None:
    assert short(record(FAILED), with_cell=False).startswith("accuracy by skin_tone: 2 over 8, ")


def test_the_table_under_a_test_names_who_how_large_how_sure_and_how_many() -> None:
    assert table(record(FAILED)).splitlines() == [
        "FAIL  Gap(accuracy, at_most=0.1) by skin_tone, mini-xception on faces",
        "",
        "On skin_tone, mini-xception reads faces of skin tone 2 correctly more often than faces of skin",
        "tone 8: 57 % against 23 %, 35 points apart (95 % sure of at least 24), 48 people seen in both.",
        "Allowed: 10 points. FAIL.",
        "",
        "who       how large        how sure       how many people",
        "2 over 8  35 points apart  at least 24    48 in both",
        "5 over 8  23 points apart  at least 10.3  48 in both",
        "2 over 5  12 points apart  −3 to 20       48 in both",
    ]


def test_the_table_shows_the_worst_five_and_counts_the_rest() -> None:
    many = [comparison(0.2 + i / 100, 0.11 + i / 100, 0.4, a=f"t{i}", b="8") for i in range(7)]
    lines = table(record(gap(Outcome.FAIL, *many))).splitlines()
    assert [line.split("  ")[0] for line in lines[-6:-1]] == [f"t{i} over 8" for i in (6, 5, 4, 3, 2)]
    assert lines[-1] == "and 2 more comparisons, none worse"


def test_control_and_reversing_characters_reach_no_line() -> None:
    hostile = "tone\x1b[31m\u202e8\n\rx"
    verdict = gap(Outcome.FAIL, comparison(0.4, 0.3, 0.5, b=hostile), slicing="a\x07b")
    made = Record("t", "m\x1b]0;x", "d\u2066", verdict)
    for text in (sentence(made), short(made), table(made).replace("\n", "")):
        assert not any(char < " " or char in "\x1b\u202e\u2066\x07" for char in text)


def test_an_endless_name_is_cut_in_its_middle() -> None:
    verdict = gap(Outcome.FAIL, comparison(0.4, 0.3, 0.5, b="x" * 5000))
    assert len(sentence(record(verdict))) < 500
    assert max(map(len, table(record(verdict)).splitlines())) < 200


@pytest.mark.parametrize(
    ("verdict", "line"),
    [
        (UNDECIDED, "accuracy by group: 8 points (−9 to 26, allowed 10)"),
        (
            ratio(Outcome.INCONCLUSIVE, replace(NONE, difference=(0.0, -0.111, 0.068))),
            "anger read as disgust by race*gender: none in either (−12 to 7 points, allowed 5)",
        ),
        (
            association(Outcome.INCONCLUSIVE, comparison(0.06, -0.05, 0.13), p=0.31, margin=None),
            "accuracy independent of skin_tone: 6 points (p = 0.31)",
        ),
        (gap(Outcome.INCONCLUSIVE), "accuracy by skin_tone: nothing comparable"),
    ],
    ids=["gap", "ratio", "association", "nothing"],
)
def test_an_undecided_verdict_in_fewer_words(verdict: Verdict, line: str) -> None:
    assert brief(record(verdict), with_cell=False) == line


@pytest.mark.parametrize(
    "pair",
    [
        NONE,
        comparison(math.inf, 0.4, math.inf, value_b=0.0, difference=(0.5, -0.1, 0.7)),
        comparison(2.0, 0.0, math.inf, difference=(0.04, -0.04, 0.12)),
        comparison(2.0, 0.0, math.inf),
    ],
    ids=["none-in-either", "some-against-none", "no-upper-bound", "no-difference"],
)
@pytest.mark.parametrize("outcome", list(Outcome))
def test_no_reader_is_told_of_infinity(pair: Comparison, outcome: Outcome) -> None:
    made = record(ratio(outcome, pair))
    for text in (sentence(made), short(made), brief(made), table(made)):
        assert "∞" not in text
        assert "inf" not in text
        assert " 1 times" not in text


def test_a_rate_that_rounds_to_the_same_is_not_called_the_same() -> None:
    made = record(ratio(Outcome.PASS, comparison(1.004, 0.9, 1.1, value_a=0.502, value_b=0.5)))
    assert "nearly the same rate (at most 1.1, allowed 1.25)" in short(made)


def test_what_passes_by_its_difference_is_told_by_it() -> None:
    made = record(ratio(Outcome.PASS, comparison(1.2, 0.8, 1.6, difference=(0.01, -0.02, 0.049))))
    assert "1.2 times the rate (at most 4.9 points, allowed 5)" in short(made)


def test_reasons_of_the_statistics_speak_of_the_cells_observations() -> None:
    lost = Unassessable("other", 1, "1 people with images that count here; 8 are needed")
    verdict = replace(gap(Outcome.INCONCLUSIVE), not_assessable=(lost,), reason="too few people speak")
    told = sentence(record(verdict), "rendered identity")
    assert "Too few rendered identities speak." in told
    assert "other (1 rendered identity with images that count here; 8 are needed)" in told


def test_a_gap_too_near_the_tolerance_promises_no_number_of_people() -> None:
    note = "more than 3,000 people a slice: it lies too near 0.1 to be decided with any practical number of people"
    told = sentence(record(replace(gap(Outcome.INCONCLUSIVE, comparison(0.101, -0.02, 0.2)), notes=(note,))))
    assert "No practical number of people would decide it if the truth is as observed" in told


def test_the_permutation_is_told_as_it_was_made() -> None:
    apart = comparison(0.346, 0.247, 0.447, kind="apart")
    told = sentence(record(association(Outcome.FAIL, apart, p=0.0001)))
    assert "When people are dealt to the groups by chance" in told


def test_a_failed_independence_is_told_of_the_surest_pair_not_the_widest() -> None:
    wide = comparison(0.23, -0.098, 0.5, a="tiny2", b="tiny1", kind="apart")
    sure = comparison(0.10, 0.049, 0.15, a="big1", b="big2", kind="apart")
    told = sentence(record(association(Outcome.FAIL, wide, sure, p=0.0001)))
    assert "big1" in told
    assert "tiny" not in told
