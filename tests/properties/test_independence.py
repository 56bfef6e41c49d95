"""A verdict depends on its data and on nothing else: not on what was judged before, nor on who asks."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from fer_audit.audit import Audit
from fer_audit.criteria import Gap, NoAssociation, Ratio
from fer_audit.stats.evidence import Evidence
from fer_audit.stats.measures import accuracy, recall, refusals
from fer_audit.stats.settings import Settings
from fer_audit.strategies import TableDesign, criteria, predictions
from fer_audit.strategies.tables import table_of

if TYPE_CHECKING:
    from fer_audit.predictions import Predictions
    from fer_audit.strategies.demands import AnyCriterion

ROOT = Path(__file__).parents[2]
LABELS = ("anger", "fear")
DESIGN = TableDesign(
    LABELS,
    (("group", ("a", "b", "c")),),
    ((0, 1, 0, 0, 2) * 2, (1, 2, 0, 3, 1) * 2, (0, 4, 1, 2) * 3),
    (2, 3),
)
CRITERIA: tuple[AnyCriterion, ...] = (
    Gap(accuracy, at_most=0.1),
    Ratio(recall("anger"), at_most=1.25),
    NoAssociation(accuracy, margin=0.1),
    Gap(refusals, at_most=0.05),
)


@pytest.mark.parametrize("sharing", ["apart", "mixed"])
def test_what_was_judged_before_changes_nothing(sharing: str) -> None:
    table = table_of(replace(DESIGN, sharing=sharing))  # type: ignore[arg-type]
    alone = [repr(Audit(table, by="group").judge(criterion)) for criterion in CRITERIA]
    together = Audit(table, by="group")
    assert [repr(together.judge(criterion)) for criterion in reversed(CRITERIA)] == alone[::-1]
    assert [repr(together.require(criterion)) for criterion in CRITERIA] == alone
    assert [repr(together.renewed().judge(criterion)) for criterion in CRITERIA] == alone


TABLES = predictions(
    labels=LABELS, attributes={"group": ("a", "b")}, min_people=1, max_people=10, blank=False
)


@given(TABLES, st.lists(criteria(LABELS), max_size=2))
@settings(max_examples=8, deadline=None)
def test_judging_leaves_the_data_as_they_were(table: Predictions, demands: list[AnyCriterion]) -> None:
    audit = Audit(table, by="group")
    before = [column.codes.tobytes() for column in (table.identity, table.true, table.predicted)]
    cells = audit.counts.cells.copy()
    for criterion in demands:
        assert repr(audit.judge(criterion)) == repr(
            criterion.decide(Evidence(audit.counts, table), Settings())
        )
    assert [column.codes.tobytes() for column in (table.identity, table.true, table.predicted)] == before
    np.testing.assert_array_equal(audit.counts.cells, cells)


def test_a_new_process_with_other_hashes_says_the_same() -> None:
    script = (
        "from fer_audit.audit import Audit\nfrom fer_audit.criteria import *\n"
        "from fer_audit.stats.measures import accuracy\nfrom fer_audit.strategies import TableDesign\n"
        "from fer_audit.strategies.tables import table_of\n"
        f"audit = Audit(table_of({DESIGN!r}), by='group')\n"
        "print(repr(audit.judge(NoAssociation(accuracy, margin=0.1))), repr(audit.judge(Gap(accuracy, 0.1))))"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    audit = Audit(table_of(DESIGN), by="group")
    here = (audit.judge(NoAssociation(accuracy, margin=0.1)), audit.judge(Gap(accuracy, 0.1)))
    assert said == {f"{here[0]!r} {here[1]!r}\n"}
