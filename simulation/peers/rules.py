"""What each tool says of one table of answers, by the rule that its own documentation leads to.

The claim is that one group is read worse by more than the tolerance of ten points. Where a tool has a rule of
its own it is used as it stands; where it only gives numbers, they are held against the tolerance.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pandas as pd

from fer_audit.stats.differences.engine import compare
from fer_audit.stats.settings import Settings
from simulation.families.grids import TOLERANCE
from simulation.questions import over

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from fer_audit.stats.tally import Tally

__all__ = ["BOOTSTRAPS", "RULES", "Rows", "Rule", "rows_of"]

BOOTSTRAPS = 200
_INTERVAL = (0.05, 0.95)


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """One table as every tool gets it.

    Attributes:
        tally: hits and images per person, without replicates.
        group: shape (rows,): slice of each image.
        correct: shape (rows,): 1 where the image was read correctly.
    """

    tally: Tally
    group: NDArray[np.int64]
    correct: NDArray[np.int64]


class _Says(Protocol):
    def __call__(self, rows: Rows, /) -> bool: ...


@dataclass(frozen=True, slots=True)
class Rule:
    """A tool, and when it calls a model biased.

    Attributes:
        tool: name as installed; empty for what is written here.
        name: as the page calls it.
        reading: the rule in words, and who would use it so.
        load: imports the tool and gives its rule.
        slow: takes seconds a table, and is asked last.
    """

    tool: str
    name: str
    reading: str
    load: Callable[[], _Says]
    slow: bool = False

    @property
    def version(self) -> str | None:
        """Version of the tool; None where it is not installed, empty where nothing is to be installed."""
        if not self.tool:
            return ""
        try:
            return version(self.tool)
        except PackageNotFoundError:
            return None


def rows_of(tally: Tally) -> Rows:
    """One row an image.

    Args:
        tally: without replicate axes, of whole hits.
    """
    images = tally.images.astype(np.int64)
    hits = tally.hits.astype(np.int64)
    level = np.broadcast_to(tally.level[:, None], images.shape)
    right, wrong = np.repeat(level.ravel(), hits.ravel()), np.repeat(level.ravel(), (images - hits).ravel())
    correct = np.concatenate([np.ones(len(right), dtype=np.int64), np.zeros(len(wrong), dtype=np.int64)])
    return Rows(tally, np.concatenate([right, wrong]), correct)


def _ours() -> _Says:
    settings = Settings()

    def says(rows: Rows) -> bool:
        return bool(over(compare(rows.tally, settings), TOLERANCE))

    return says


def _bootstrap() -> _Says:
    def says(rows: Rows) -> bool:
        # Rows are drawn with replacement, as a textbook does; the seed is fixed as in the tools.
        generator = np.random.default_rng(0)
        slices = int(rows.group.max()) + 1
        gaps = []
        for _ in range(BOOTSTRAPS):
            drawn = generator.integers(len(rows.group), size=len(rows.group))
            size = np.bincount(rows.group[drawn], minlength=slices)
            rate = np.bincount(rows.group[drawn], rows.correct[drawn], slices) / np.maximum(size, 1)
            seen = rate[size > 0]
            gaps.append(seen.max() - seen.min())
        return bool(np.quantile(gaps, _INTERVAL[0]) > TOLERANCE)

    return says


def _person_bootstrap() -> _Says:
    def says(rows: Rows) -> bool:
        # People are drawn with replacement within their slice, with all of their images; as above, no more.
        generator = np.random.default_rng(0)
        hits, images = rows.tally.hits.sum(axis=1), rows.tally.images.sum(axis=1)
        rates = []
        for level in range(len(rows.tally.levels)):
            own = np.flatnonzero(rows.tally.level == level)
            drawn = own[generator.integers(len(own), size=(BOOTSTRAPS, len(own)))]
            rates.append(hits[drawn].sum(axis=1) / images[drawn].sum(axis=1))
        gaps = np.max(rates, axis=0) - np.min(rates, axis=0)
        return bool(np.quantile(gaps, _INTERVAL[0]) > TOLERANCE)

    return says


def _fairlearn_gap() -> _Says:
    from fairlearn.metrics import MetricFrame

    def says(rows: Rows) -> bool:
        frame = MetricFrame(
            metrics=_accuracy,
            y_true=np.ones_like(rows.correct),
            y_pred=rows.correct,
            sensitive_features=rows.group,
        )
        return bool(frame.difference() > TOLERANCE)

    return says


def _fairlearn_interval() -> _Says:
    from fairlearn.metrics import MetricFrame

    def says(rows: Rows) -> bool:
        frame = MetricFrame(
            metrics=_accuracy,
            y_true=np.ones_like(rows.correct),
            y_pred=rows.correct,
            sensitive_features=rows.group,
            n_boot=BOOTSTRAPS,
            ci_quantiles=list(_INTERVAL),
            random_state=0,
        )
        return bool(frame.difference_ci()[0] > TOLERANCE)

    return says


def _accuracy(y_true: NDArray[np.int64], y_pred: NDArray[np.int64]) -> float:
    return float(np.mean(np.asarray(y_true) == np.asarray(y_pred)))


def _aequitas() -> _Says:
    from aequitas import Audit
    from aequitas.fairness import Fairness

    def says(rows: Rows) -> bool:
        # Everyone's label is "read correctly", so that the true positive rate is the accuracy.
        group = np.array(_names(rows), dtype=object)[rows.group]
        frame = pd.DataFrame({"label": 1, "score": rows.correct, "group": group})
        audit = Audit(frame)
        audit.audit()
        parity = Fairness().get_group_value_fairness(audit.disparity_df)["TPR Parity"]
        return bool((parity == False).any())  # noqa: E712 - undefined is neither

    return says


def _fairpipe_gate() -> _Says:
    analyse = _fairpipe()

    def says(rows: Rows) -> bool:
        found = analyse(rows, with_ci=False)
        return bool(abs(found.value) > TOLERANCE)

    return says


def _fairpipe_p() -> _Says:
    analyse = _fairpipe()

    def says(rows: Rows) -> bool:
        return bool(analyse(rows, with_ci=True).p_value <= 0.05)  # noqa: PLR2004 - the usual level

    return says


def _fairpipe_interval() -> _Says:
    analyse = _fairpipe()

    def says(rows: Rows) -> bool:
        found = analyse(rows, with_ci=True)
        return found.ci is not None and bool(found.ci[0] > TOLERANCE)

    return says


class _Analysed(Protocol):
    value: float
    p_value: float
    ci: tuple[float, float] | None


class _Analyse(Protocol):
    def __call__(self, rows: Rows, /, *, with_ci: bool) -> _Analysed: ...


def _fairpipe() -> _Analyse:
    from fairpipe.metrics import FairnessAnalyzer

    def analyse(rows: Rows, *, with_ci: bool) -> _Analysed:
        # Of "was read correctly" the demographic parity difference is the gap of accuracy.
        found: _Analysed = FairnessAnalyzer(min_group_size=8).demographic_parity_difference(
            y_pred=rows.correct,
            sensitive=np.array(_names(rows))[rows.group],
            with_ci=with_ci,
            n_permutations=BOOTSTRAPS - 1,
        )
        return found

    return analyse


def _names(rows: Rows) -> list[str]:
    return list(rows.tally.levels)


RULES: tuple[Rule, ...] = (
    Rule(
        "",
        "fer_audit, Gap",
        "`Gap(accuracy, at_most=0.10)` says FAIL",
        _ours,
    ),
    Rule(
        "",
        "bootstrap of the maximum gap",
        f"the 5 % quantile of {BOOTSTRAPS} bootstraps over images lies above .10: what one writes in "
        "ten lines",
        _bootstrap,
    ),
    Rule(
        "",
        "bootstrap over people",
        f"the same with {BOOTSTRAPS} bootstraps over people, each with all of his images: what a careful "
        "statistician writes; it knows of correlated images, and still not that the largest of several gaps "
        "is too large on average",
        _person_bootstrap,
    ),
    Rule(
        "fairlearn",
        "fairlearn, difference",
        "`MetricFrame(...).difference()` above .10: an assertion in somebody's CI",
        _fairlearn_gap,
    ),
    Rule(
        "fairlearn",
        "fairlearn, difference_ci",
        f"the lower end of `difference_ci()` (5 %, n_boot={BOOTSTRAPS}) above .10: the same by "
        "someone careful",
        _fairlearn_interval,
        slow=True,
    ),
    Rule(
        "aequitas",
        "aequitas, parity",
        "`Fairness().get_group_value_fairness` finds a group outside .8 to 1.25 times the largest group's "
        "rate, its default; a ratio is coarser than ten points where accuracy is high",
        _aequitas,
    ),
    Rule(
        "fairpipe",
        "fairpipe, gate",
        "`fairpipe validate --threshold 0.10`: the gap is above .10, with or without an interval beside it",
        _fairpipe_gate,
    ),
    Rule(
        "fairpipe",
        "fairpipe, p-value",
        "`p_value` at most .05, which its documentation names as what supports a claim; its question is "
        "whether there is any gap, not whether it exceeds ten points",
        _fairpipe_p,
    ),
    Rule(
        "fairpipe",
        "fairpipe, interval",
        "the lower end of the default (simultaneous) interval above .10",
        _fairpipe_interval,
    ),
)
