from __future__ import annotations

from dataclasses import replace

import pytest
from sample_runs import FAILED, PASSED, UNDECIDED, comparison, gap, run

from fer_audit.report.markdown import escape, render_markdown
from fer_audit.results import Fault, Outcome


def test_the_comment_on_a_pull_request() -> None:
    lines = render_markdown(run(PASSED, FAILED, UNDECIDED, synthetic=True)).splitlines()
    assert lines[0] == "> Rendered faces are a lead about the model, not a finding about people."
    assert lines[2] == "### Fairness audit: FAIL"
    assert lines[4] == "1 of 3 criteria FAILED, so the gate is closed."
    assert lines[6] == "**1 of 3 criteria UNDECIDED: not a clean bill**"
    assert lines[10] == (
        r"| ✕ **FAIL** | Gap(accuracy, at\_most=0.1) | skin\_tone | mini-xception, faces "
        "| 2 over 8: 35 points apart | at least 24 | 10 points | 48 rendered identities seen in both |"
    )
    assert [line.split(" | ")[0] for line in lines[10:13]] == [
        "| ✕ **FAIL**",
        "| ? **INCONCLUSIVE**",
        "| ✓ **PASS**",
    ]
    told = [line for line in lines if line.startswith("- ")]
    assert len(told) == 2
    assert told[0].startswith(r"- On skin\_tone, mini-xception reads faces of skin tone 2 correctly")


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("a|b", r"a\|b"),
        ("`x` *y* _z_", r"\`x\` \*y\* \_z\_"),
        ("[x](y)", r"\[x\](y)"),
        ("![x](y)", r"\!\[x\](y)"),
        ("@team", "@\u2060team"),
        ("http://x", "http:\u2060//x"),
        ("a\nb\u202ec", "a bc"),
        ("\\", "\\\\"),
    ],
)
def test_names_are_shown_and_never_interpreted(text: str, escaped: str) -> None:
    assert escape(text) == escaped


def test_a_hostile_level_stays_in_its_cell() -> None:
    hostile = "x|<img src=a onerror=b>\n| PASS |"
    text = render_markdown(run(gap(Outcome.FAIL, comparison(0.4, 0.3, 0.5, b=hostile))))
    rows = [line for line in text.splitlines() if line.startswith("| ✕")]
    assert len(rows) == 1
    assert rows[0].replace(r"\|", "").count("|") == 9
    assert "<img" not in text


def test_errors_are_named() -> None:
    text = render_markdown(replace(run(PASSED), faults=(Fault("t", "clip-radiate", "no <weights>"),)))
    assert "- ERROR clip-radiate: no &lt;weights&gt;" in text
