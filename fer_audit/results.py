"""What an audit found, in built-in types only: these values travel between processes and serialise as is."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from fer_audit.drawable import drawable

__all__ = [
    "Adjustment",
    "Aside",
    "CellResult",
    "Comparison",
    "Fault",
    "Kind",
    "Outcome",
    "Record",
    "RunResult",
    "Unassessable",
    "Verdict",
    "decode_record",
    "encode_record",
]


class Outcome(StrEnum):
    """What the data say about a demand. Too few people never read as fair."""

    PASS = "pass"  # noqa: S105 - a verdict, not a password
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"


class Kind(StrEnum):
    """What sort of claim a verdict is about: it decides how the verdict is told."""

    GAP = "gap"
    RATIO = "ratio"
    ASSOCIATION = "association"
    SCAN = "scan"
    CHANGE = "change"
    FLIPS = "flips"
    LEVEL = "level"


@dataclass(frozen=True, slots=True)
class Comparison:
    """One pair of slices, oriented so that the estimate says "a has more than b".

    Attributes:
        a: level with the larger value.
        b: level with the smaller value.
        estimate: difference a - b (>= 0), or ratio a / b (>= 1), of the measure.
        lower: the bound that decides FAIL, simultaneous over the pairs; may be below the null.
        upper: the bound that decides PASS, one-sided 95 %.
        p: adjusted p-value of "the estimate is at most the tolerance", where the criterion has one.
        value_a: the measure in slice a, macro over the labels compared.
        value_b: the measure in slice b.
        people_a: people of a with at least one label compared.
        people_b: people of b.
        images_a: their images.
        images_b: their images.
        kind: ``apart`` (no person in both), ``shared`` (the same people in both), ``partly shared``.
        labels: the labels compared: those that enough people have in both slices.
        correlation: estimated correlation between images of one person, beyond chance.
        difference: for a ratio, (estimate, lower, upper) of the difference that decides beside it.
        measure: what was compared, where a verdict compares more than one measure; else empty.
    """

    a: str
    b: str
    estimate: float
    lower: float
    upper: float
    p: float | None
    value_a: float
    value_b: float
    people_a: int
    people_b: int
    images_a: int
    images_b: int
    kind: str
    labels: tuple[str, ...]
    correlation: float
    difference: tuple[float, float, float] | None = None
    measure: str = ""


@dataclass(frozen=True, slots=True)
class Aside:
    """A small table beside a verdict: what else was looked at, ready to be printed.

    Attributes:
        title: what it shows.
        columns: headings, one a column.
        rows: cells as text, one entry a column.
        note: how to read it, in a sentence.
        told: it belongs to what is said of the verdict, and stands in the terminal and in the short report
            too.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""
    told: bool = False


@dataclass(frozen=True, slots=True)
class Adjustment:
    """What was held fixed, and what the verdict is with and without that.

    Attributes:
        given: names of the control factors.
        crude: the verdict of the same demand without them.
        adjusted: the verdict given them.
    """

    given: tuple[str, ...]
    crude: Outcome
    adjusted: Outcome

    @property
    def confounded(self) -> bool:
        """The two differ, so that neither may stand for the other."""
        return self.crude is not self.adjusted


@dataclass(frozen=True, slots=True)
class Unassessable:
    """A slice or a comparison that cannot be judged, named so that it is not read as passed.

    Attributes:
        name: the level, or ``a / b`` for a comparison.
        people: how many people it rests on.
        reason: why, in words.
    """

    name: str
    people: int
    reason: str


@drawable
@dataclass(frozen=True, slots=True)
class Verdict:
    """What one criterion says of one slicing of one set of predictions.

    Attributes:
        criterion: the demand as written, e.g. ``Gap(accuracy, at_most=0.1)``.
        measure: the measure's name, e.g. ``accuracy``, ``recall(anger)``.
        scale: unit of estimate, bounds and tolerance: ``difference`` (of shares, or of confidence and what is
            right), ``ratio``, or ``score`` for a difference of plain numbers.
        slicing: e.g. ``gender*race``.
        outcome: PASS, FAIL or INCONCLUSIVE.
        estimate: the largest over the comparisons (nan if nothing could be compared).
        lower: the largest bound that decides FAIL.
        upper: the largest bound that decides PASS.
        tolerance: what the criterion allows.
        p: the criterion's p-value (raised to the tolerance's null), where it has one.
        comparisons: every pair of assessable slices.
        people_needed: people a slice that would decide, by slice; only when inconclusive.
        detectable: smallest true difference (or ratio) these data would FAIL with 80 % power.
        not_assessable: slices and comparisons that could not be judged.
        labels_left_out: labels that too few people have, by name.
        excluded: levels left out by name with the reason given.
        reason: one clause that says why the outcome is what it is.
        notes: assumptions and side results to print (floors, repeats, spread corrected for noise, ...).
        kind: what sort of claim it is.
        allowed_difference: for a ratio, the difference that is acceptable whatever the ratio.
        asides: small tables beside the verdict.
        adjustment: what was held fixed; estimate, bounds and comparisons are then the adjusted ones. None
            where nothing was.
    """

    criterion: str
    measure: str
    scale: str
    slicing: str
    outcome: Outcome
    estimate: float
    lower: float
    upper: float
    tolerance: float | None
    p: float | None = None
    comparisons: tuple[Comparison, ...] = ()
    people_needed: dict[str, int] = field(default_factory=dict)
    detectable: float | None = None
    not_assessable: tuple[Unassessable, ...] = ()
    labels_left_out: tuple[str, ...] = ()
    excluded: tuple[tuple[str, str], ...] = ()
    reason: str = ""
    notes: tuple[str, ...] = ()
    kind: Kind = Kind.GAP
    allowed_difference: float | None = None
    asides: tuple[Aside, ...] = ()
    adjustment: Adjustment | None = None


@drawable
@dataclass(frozen=True, slots=True)
class Record:
    """A verdict and where it was demanded.

    Attributes:
        test: node id of the test.
        model: short name of the model.
        dataset: short name of the dataset.
        verdict: what was found.
        p_run: the verdict's p, adjusted by Holm for every criterion of the run: information, no verdict
            depends on it. None where the verdict has no p.
    """

    test: str
    model: str
    dataset: str
    verdict: Verdict
    p_run: float | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is no verdict: a cell that could not be gathered, a test that broke.

    Attributes:
        test: node id of the test, or empty for the run.
        cell: ``model-dataset``, or empty.
        reason: the message.
    """

    test: str
    cell: str
    reason: str


@dataclass(frozen=True, slots=True)
class CellResult:
    """One model on one dataset.

    Attributes:
        model: short name of the model.
        dataset: short name of the dataset.
        unit: what one observation is (``person``, or ``rendered identity``).
        people: identities.
        images: pictures after repeats were merged.
        fingerprint: hash of everything the answers depend on.
        synthetic: rendered faces: a lead about the model, not a finding about people.
        partial: a smoke run over some of the people.
        details: weights, crop, label order, image set and the like, by name.
        answers: how many images got each kind of answer.
        labels: the label set, in its order.
        notes: repeats merged, images left out, each with its reason.
    """

    model: str
    dataset: str
    unit: str
    people: int
    images: int
    fingerprint: str
    synthetic: bool
    partial: bool
    details: dict[str, str]
    answers: dict[str, int]
    labels: tuple[str, ...]
    notes: tuple[str, ...] = ()


@drawable
@dataclass(frozen=True, slots=True)
class RunResult:
    """Everything a run found; the one source of every report.

    Attributes:
        run: ``pass``, ``fail``, ``inconclusive`` or ``error``.
        partial: not the whole suite on all people: no baseline.
        records: every verdict, in order of test id.
        faults: everything that is no verdict.
        cells: every model x dataset that was judged.
        settings: alpha, floors and versions behind the verdicts.
    """

    run: str
    partial: bool
    records: tuple[Record, ...]
    faults: tuple[Fault, ...]
    cells: tuple[CellResult, ...]
    settings: dict[str, str]


def encode_record(record: Record) -> str:
    """A record as one line of JSON, which any transport between processes carries (nan and inf included)."""
    return json.dumps(asdict(record))


def decode_record(text: str) -> Record:
    """The record that ``encode_record`` wrote.

    >>> verdict = Verdict("Gap(accuracy, at_most=0.1)", "accuracy", "difference", "race", Outcome.PASS,
    ...                   0.02, -0.05, 0.08, 0.1)
    >>> record = Record("test_gap[m-d-race]", "m", "d", verdict)
    >>> decode_record(encode_record(record)) == record
    True
    """
    fields = json.loads(text)
    verdict = fields.pop("verdict")
    comparisons = [
        Comparison(
            **{
                **pair,
                "labels": tuple(pair["labels"]),
                "difference": tuple(pair["difference"]) if pair["difference"] is not None else None,
            }
        )
        for pair in verdict.pop("comparisons")
    ]
    return Record(
        **fields,
        verdict=Verdict(
            **{
                **verdict,
                "outcome": Outcome(verdict["outcome"]),
                "comparisons": tuple(comparisons),
                "not_assessable": tuple(Unassessable(**item) for item in verdict["not_assessable"]),
                "labels_left_out": tuple(verdict["labels_left_out"]),
                "excluded": tuple((level, reason) for level, reason in verdict["excluded"]),
                "notes": tuple(verdict["notes"]),
                "kind": Kind(verdict["kind"]),
                "asides": tuple(_aside(item) for item in verdict["asides"]),
                "adjustment": _adjustment(verdict["adjustment"]),
            }
        ),
    )


def _aside(fields: dict[str, Any]) -> Aside:
    rows = tuple(tuple(row) for row in fields["rows"])
    return Aside(fields["title"], tuple(fields["columns"]), rows, fields["note"], fields["told"])


def _adjustment(fields: dict[str, Any] | None) -> Adjustment | None:
    if fields is None:
        return None
    return Adjustment(tuple(fields["given"]), Outcome(fields["crude"]), Outcome(fields["adjusted"]))
