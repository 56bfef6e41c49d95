"""What reports say of verdicts with control factors."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from sample_runs import association, comparison, gap, record, run

from fer_audit.report.html import render_html
from fer_audit.report.json import render_json
from fer_audit.report.markdown import render_markdown
from fer_audit.report.sentences import brief, sentence, short, table
from fer_audit.results import Adjustment, Aside, Outcome, Verdict

ASIDES = (
    Aside("Crude and adjusted", ("analysis", "verdict"), (("crude", "FAIL"), ("given light", "PASS"))),
    Aside("Balance", ("held fixed", "a"), (("light = left", "69%"),)),
    Aside("Something else", ("x",), (("y",),)),
)


def adjusted(verdict: Verdict, crude: Outcome, found: Outcome, *given: str) -> Verdict:
    outcome = found if crude is found else Outcome.INCONCLUSIVE
    return replace(
        verdict, outcome=outcome, adjustment=Adjustment(given or ("light",), crude, found), asides=ASIDES
    )


WITHIN = adjusted(gap(Outcome.PASS, comparison(0.03, -0.02, 0.08, kind="apart")), Outcome.FAIL, Outcome.PASS)
BEYOND = adjusted(gap(Outcome.FAIL, comparison(0.3, 0.2, 0.4)), Outcome.INCONCLUSIVE, Outcome.FAIL)
OPEN = adjusted(
    gap(Outcome.INCONCLUSIVE, comparison(0.1, -0.05, 0.2)), Outcome.PASS, Outcome.INCONCLUSIVE, "light", "age"
)
AGREED = adjusted(gap(Outcome.FAIL, comparison(0.3, 0.2, 0.4)), Outcome.FAIL, Outcome.FAIL)
TESTED = adjusted(
    association(Outcome.INCONCLUSIVE, comparison(0.1, -0.05, 0.2), p=0.2), Outcome.FAIL, Outcome.INCONCLUSIVE
)


@pytest.mark.parametrize(
    ("verdict", "told"),
    [
        pytest.param(
            WITHIN,
            "On skin_tone, given light, mini-xception reads faces of skin tone 2 correctly more often than faces of "
            "skin tone 8: 57 % against 23 %, 3 points apart (48 people against 48), and anything from −2 (the other "
            "way round) to 8 points agrees with these data. Confounded: without light the verdict is FAIL, given "
            "light PASS, so that the difference may come from light and not from the group. Allowed: 10 points. "
            "INCONCLUSIVE.",
            id="crude-fails",
        ),
        pytest.param(
            BEYOND,
            "On skin_tone, given light, mini-xception reads faces of skin tone 2 correctly more often than faces of "
            "skin tone 8: 57 % against 23 %, 30 points apart (48 people seen in both), and anything from 20 to 40 "
            "points agrees with these data. Confounded: without light the verdict is INCONCLUSIVE, given light "
            "FAIL, so that light may hide a difference between the groups, or stand for them. Allowed: 10 points. "
            "INCONCLUSIVE.",
            id="adjusted-fails",
        ),
        pytest.param(
            OPEN,
            "On skin_tone, given light and age, mini-xception reads faces of skin tone 2 correctly more often than "
            "faces of skin tone 8: 57 % against 23 %, 10 points apart (48 people seen in both), and anything from "
            "−5 (the other way round) to 20 points agrees with these data. Confounded: without light and age the "
            "verdict is PASS, given light and age INCONCLUSIVE, and only one of the two shows that the groups are "
            "alike. Allowed: 10 points. INCONCLUSIVE.",
            id="crude-passes",
        ),
        pytest.param(
            AGREED,
            "On skin_tone, given light, mini-xception reads faces of skin tone 2 correctly more often than faces of "
            "skin tone 8: 57 % against 23 %, 30 points apart (95 % sure of at least 20), 48 people seen in both. "
            "Allowed: 10 points. FAIL.",
            id="both-fail",
        ),
        pytest.param(
            TESTED,
            "On skin_tone, given light, mini-xception reads faces of skin tone 2 correctly more often than faces of "
            "skin tone 8: 57 % against 23 %, 10 points apart (48 people seen in both), and anything from −5 (the "
            "other way round) to 20 points agrees with these data. Confounded: without light the verdict is FAIL, "
            "given light INCONCLUSIVE, so that the difference may come from light and not from the group. Allowed: "
            "10 points. INCONCLUSIVE.",
            id="association",
        ),
        pytest.param(
            replace(AGREED, outcome=Outcome.INCONCLUSIVE, reason="light is unknown for 25 of 960 rows"),
            "On skin_tone, given light, mini-xception reads faces of skin tone 2 correctly more often than faces of "
            "skin tone 8: 57 % against 23 %, 30 points apart (48 people seen in both), and anything from 20 to 40 "
            "points agrees with these data. Light is unknown for 25 of 960 rows. Allowed: 10 points. INCONCLUSIVE.",
            id="too-little-known",
        ),
    ],
)
def test_the_sentence_says_what_is_held_fixed_and_why_nothing_is_decided(verdict: Verdict, told: str) -> None:
    assert sentence(record(verdict)) == told


def test_a_line_of_the_terminal_names_both_verdicts() -> None:
    for tell in (short, brief):
        line = tell(record(WITHIN), with_cell=False)
        assert line.startswith("accuracy by skin_tone, given light: ")
        assert "confounded: crude FAIL, adjusted PASS" in line
        assert "confounded" not in tell(record(AGREED), with_cell=False)


def test_the_table_under_a_test_holds_crude_against_adjusted_and_the_balance() -> None:
    told = table(record(AGREED))
    assert "Crude and adjusted\nanalysis     verdict\ncrude        FAIL\ngiven light  PASS" in told
    assert "Balance\nheld fixed    a\nlight = left  69%" in told
    assert "Something else" not in told
    assert "Balance" not in table(record(gap(Outcome.FAIL, comparison(0.3, 0.2, 0.4))))


def test_markdown_holds_both_tables_under_the_sentence() -> None:
    told = render_markdown(run(WITHIN))
    assert "  | analysis | verdict |\n  |---|---|\n  | crude | FAIL |\n  | given light | PASS |" in told
    assert "  | held fixed | a |" in told
    assert "accuracy, at most 10 points apart, given light" in told


def test_html_shows_the_tables_and_the_title() -> None:
    told = render_html(run(WITHIN), ())
    assert "<h4>Crude and adjusted</h4>" in told
    assert "<h4>Balance</h4>" in told
    assert "accuracy by skin_tone, given light" in told


def test_json_carries_both_verdicts_and_only_where_there_are_two() -> None:
    (found,) = json.loads(render_json(run(WITHIN)))["verdicts"]
    assert found["adjustment"] == {"given": ["light"], "crude": "fail", "adjusted": "pass"}
    assert found["outcome"] == "inconclusive"
    assert found["comparisons"][0]["standing"] == "pass"
    (plain,) = json.loads(render_json(run(gap(Outcome.FAIL, comparison(0.3, 0.2, 0.4)))))["verdicts"]
    assert "adjustment" not in plain


def test_no_comparison_of_a_confounded_verdict_is_drawn_as_a_finding() -> None:
    (found,) = json.loads(render_json(run(BEYOND)))["verdicts"]
    assert found["comparisons"][0]["standing"] == "inconclusive"
