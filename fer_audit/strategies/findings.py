"""Verdicts and runs as an audit may find them: bounds in order, outcomes that follow from them, odd names.

They are drawn, not computed, so that a report is tried on more than the statistics would ever give in a test.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from fer_audit.results import (
    Aside,
    CellResult,
    Comparison,
    Fault,
    Kind,
    Outcome,
    Record,
    RunResult,
    Unassessable,
    Verdict,
)
from fer_audit.strategies.demands import AnyCriterion, associations, flips, gaps, ratios, scores
from fer_audit.strategies.designs import LABELS
from fer_audit.strategies.people import slicings
from fer_audit.vocabulary import AnswerKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fer_audit.criteria import Flips

__all__ = ["names", "records", "runs", "verdicts"]

_ODD = (
    "a",
    "b",
    "female*black",
    "10",
    "<script>alert(1)</script>",
    "a | b",
    "`x`_*y*",
    "名前",
    "\u202eabc",
    "line\nbreak",
    "x" * 200,
    "&amp;",
    "'\"",
    "]]>",
    "\x1b[31m",
)
_PEOPLE_NEEDED = 100_000
_PAIR_KINDS = ("apart", "shared", "partly shared")


def names() -> st.SearchStrategy[str]:
    """Names of groups, models and the like: plain, long, foreign, and such as a careless report breaks on."""
    return st.sampled_from(_ODD) | st.text(
        st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=12
    )


def verdicts(
    criteria: st.SearchStrategy[AnyCriterion | Flips] | None = None, *, max_slices: int = 3
) -> st.SearchStrategy[Verdict]:
    """Verdicts of a gap, a ratio, an association or of flips over up to ``max_slices`` slices.

    Args:
        criteria: what is demanded; any criterion over the seven expressions by default.
        max_slices: most slices that are compared.
    """
    return _verdicts(
        st.one_of(gaps(), gaps(of=scores()), ratios(), associations(), flips())
        if criteria is None
        else criteria,
        max_slices,
    )


@st.composite
def _verdicts(draw: st.DrawFn, criteria: st.SearchStrategy[AnyCriterion | Flips], max_slices: int) -> Verdict:
    criterion = draw(criteria)
    kind = _KIND_OF[type(criterion).__name__]
    levels = draw(st.lists(names(), unique=True, max_size=max_slices))
    comparisons = tuple(
        draw(_comparisons(first, second, ratio=kind is Kind.RATIO))
        for first, second in combinations(levels, 2)
    )
    unassessable = tuple(
        draw(
            st.lists(st.builds(Unassessable, names(), st.integers(0, 7), st.just("8 are needed")), max_size=2)
        )
    )
    lower, upper, estimate = (
        max((getattr(c, name) for c in comparisons), default=float("nan"))
        for name in ("lower", "upper", "estimate")
    )
    p = draw(_probabilities()) if comparisons else None
    tolerance = _tolerance(criterion)
    outcome = _outcome(criterion, lower, upper, p, capped=bool(unassessable))
    undecided = outcome is Outcome.INCONCLUSIVE and bool(comparisons)
    needed = (
        draw(st.dictionaries(st.sampled_from(levels), st.integers(8, _PEOPLE_NEEDED))) if undecided else {}
    )
    return Verdict(
        criterion=repr(criterion),
        measure="flips" if kind is Kind.FLIPS else repr(criterion.measure),
        scale="ratio" if kind is Kind.RATIO else criterion.measure.scale,
        slicing=draw(slicings()).name,
        outcome=outcome,
        estimate=estimate,
        lower=lower,
        upper=upper,
        tolerance=tolerance,
        p=p,
        comparisons=comparisons,
        people_needed=needed,
        detectable=draw(st.none() | _thousandths(10, 900)) if undecided and kind is not Kind.RATIO else None,
        not_assessable=unassessable,
        labels_left_out=tuple(draw(st.lists(st.sampled_from(LABELS), unique=True, max_size=2))),
        excluded=tuple(draw(st.lists(st.tuples(names(), names()), max_size=1))),
        reason=draw(st.just("") | names()),
        notes=tuple(draw(st.lists(names(), max_size=2))),
        kind=kind,
        allowed_difference=getattr(criterion, "difference", None),
        asides=tuple(draw(st.lists(_asides(), max_size=1))),
    )


_KIND_OF = {
    "Flips": Kind.FLIPS,
    "Gap": Kind.GAP,
    "NoAssociation": Kind.ASSOCIATION,
    "Ratio": Kind.RATIO,
}


def _tolerance(criterion: AnyCriterion | Flips) -> float | None:
    limit: float | None = getattr(criterion, "at_most", getattr(criterion, "margin", None))
    return limit


def _outcome(
    criterion: AnyCriterion | Flips, lower: float, upper: float, p: float | None, *, capped: bool
) -> Outcome:
    tolerance = _tolerance(criterion)
    if tolerance is not None and upper <= tolerance and not capped:
        return Outcome.PASS
    alpha: float | None = getattr(criterion, "alpha", None)
    if alpha is not None:
        return Outcome.FAIL if p is not None and p <= alpha else Outcome.INCONCLUSIVE
    return Outcome.FAIL if tolerance is not None and lower > tolerance else Outcome.INCONCLUSIVE


def _thousandths(low: int, high: int) -> st.SearchStrategy[float]:
    return st.integers(low, high).map(lambda value: value / 1000)


def _probabilities() -> st.SearchStrategy[float]:
    return st.sampled_from([1.0, 0.05, 0.0001, 0.0]) | _thousandths(0, 1000)


@st.composite
def _comparisons(draw: st.DrawFn, first: str, second: str, *, ratio: bool) -> Comparison:
    """A pair of slices whose bounds lie around the estimate; those of a ratio may be without end."""
    low, high = sorted(draw(st.tuples(_thousandths(0, 1000), _thousandths(0, 1000))))
    people = draw(st.tuples(st.integers(8, 500), st.integers(8, 500)))
    below, above = draw(st.tuples(_thousandths(0, 400), _thousandths(0, 400)))
    gap = high - low
    difference = (gap, max(gap - below, -1.0), min(gap + above, 1.0))
    estimate, lower, upper = difference
    if ratio:
        estimate = high / low if low else (float("inf") if high else 1.0)
        lower = estimate * (1 - below) if estimate < float("inf") else draw(_thousandths(0, 5000))
        upper = draw(st.just(float("inf")) | _thousandths(0, 5000).map(lambda more: estimate + more))
    return Comparison(
        a=first,
        b=second,
        estimate=estimate,
        lower=lower,
        upper=upper,
        p=draw(st.none() | _probabilities()),
        value_a=high,
        value_b=low,
        people_a=people[0],
        people_b=people[1],
        images_a=people[0] * draw(st.integers(1, 20)),
        images_b=people[1] * draw(st.integers(1, 20)),
        kind=draw(st.sampled_from(_PAIR_KINDS)),
        labels=LABELS[: draw(st.integers(1, len(LABELS)))],
        correlation=draw(_thousandths(-200, 1000)),
        difference=difference if ratio else None,
    )


@st.composite
def _asides(draw: st.DrawFn) -> Aside:
    columns = draw(st.lists(names(), min_size=1, max_size=3))
    row = st.tuples(*[names()] * len(columns))
    return Aside(
        draw(names()),
        tuple(columns),
        tuple(draw(st.lists(row, max_size=3))),
        draw(st.just("") | names()),
        told=draw(st.booleans()),
    )


def records(
    found: st.SearchStrategy[Verdict] | None = None,
    *,
    cells: Sequence[tuple[str, str]] = (("mine", "faces"),),
) -> st.SearchStrategy[Record]:
    """Verdicts with the test that demanded them.

    Args:
        found: the verdicts.
        cells: names of model and dataset of each cell they may belong to.
    """
    return st.builds(
        _record,
        number=st.integers(1, 9),
        cell=st.sampled_from(list(cells)),
        verdict=verdicts() if found is None else found,
        p_run=st.none() | _probabilities(),
    )


def _record(number: int, cell: tuple[str, str], verdict: Verdict, p_run: float | None) -> Record:
    model, dataset = cell
    slicing = verdict.slicing.replace("*", "_x_")
    test = f"bias_tests/test_mine.py::test_{number}[{model}-{dataset}-{slicing}]"
    return Record(test, model, dataset, verdict, p_run)


def runs(
    found: st.SearchStrategy[Verdict] | None = None, *, max_records: int = 3
) -> st.SearchStrategy[RunResult]:
    """Everything a run found: cells, verdicts and what broke.

    Args:
        found: the verdicts.
        max_records: most verdicts of a run.
    """
    return _runs(verdicts() if found is None else found, max_records)


@st.composite
def _runs(draw: st.DrawFn, found: st.SearchStrategy[Verdict], max_records: int) -> RunResult:
    pairs = draw(st.lists(st.tuples(names(), names()), unique=True, min_size=1, max_size=2))
    cells = tuple(draw(_cells(model, dataset)) for model, dataset in pairs)
    listed = draw(st.lists(records(found, cells=pairs), max_size=max_records))
    faults = tuple(draw(st.lists(st.builds(Fault, names(), names() | st.just(""), names()), max_size=2)))
    outcomes = {record.verdict.outcome for record in listed}
    if faults:
        word = "error"
    elif Outcome.FAIL in outcomes:
        word = "fail"
    else:
        word = "pass" if outcomes == {Outcome.PASS} else "inconclusive"
    return RunResult(
        run=word,
        partial=draw(st.booleans()),
        records=tuple(sorted(listed, key=lambda record: record.test)),
        faults=faults,
        cells=cells,
        settings={"alpha": "0.05", "least_people": "8"},
    )


@st.composite
def _cells(draw: st.DrawFn, model: str, dataset: str) -> CellResult:
    synthetic = draw(st.booleans())
    people = draw(st.integers(1, 2000))
    images = people * draw(st.integers(1, 20))
    answered = draw(st.integers(0, images))
    kind = draw(st.sampled_from([kind for kind in AnswerKind if kind is not AnswerKind.ANSWERED]))
    return CellResult(
        model=model,
        dataset=dataset,
        unit="rendered identity" if synthetic else "person",
        people=people,
        images=images,
        fingerprint=draw(st.sampled_from(["", "3b9dd0c4e1aa77"])),
        synthetic=synthetic,
        partial=draw(st.booleans()),
        details=draw(st.dictionaries(names(), names(), max_size=2)),
        answers={"answered": answered, str(kind): images - answered},
        labels=LABELS,
        notes=tuple(draw(st.lists(names(), max_size=1))),
    )
