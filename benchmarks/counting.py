"""Accuracy and recalls of 320 slices from integer code columns, against fairlearn, aequitas and numpy.

Run it by itself: `python benchmarks/counting.py [ROWS]`; ROWS is 1e6 by default, and beyond 1e6 only our own
time a row is printed, which must stay within 8 ns. Needs the group `benchmarks`; a peer that is not installed
is left out. One line a peer: name, ours, peer, ratio, target.

The peers get whole columns of codes too. aequitas knows two classes only: each label is asked for against the
rest, and accuracy as the share of "right".
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from measuring import Figure, alternate

from fer_audit.stats.tabulation import tabulate

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

SIZES = {"race": 4, "gender": 2, "age": 4, "skin": 10}
LABELS = 7
ANSWERS = 8  # the last one is a refusal
SLICES = 320


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """A prediction table as codes: the person, attributes in the order of SIZES, label shown, and answer."""

    person: NDArray[np.int32]
    attributes: tuple[NDArray[np.int32], ...]
    true: NDArray[np.int32]
    answer: NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class Rates:
    """Accuracy, shape (320,), and recalls, shape (320, 7); nan of what a slice has no rows of."""

    accuracy: NDArray[np.float64]
    recalls: NDArray[np.float64]


def made(rows: int) -> Rows:
    """Rows of people, 20 each, that are read right in 85 of 100."""
    generator = np.random.default_rng(0)
    person = generator.integers(0, max(rows // 20, 1), rows).astype(np.int32)
    attributes = [
        generator.integers(0, size, max(rows // 20, 1)).astype(np.int32)[person] for size in SIZES.values()
    ]
    true = generator.integers(0, LABELS, rows).astype(np.int32)
    other = generator.integers(0, ANSWERS, rows).astype(np.int32)
    return Rows(person, tuple(attributes), true, np.where(generator.random(rows) < 0.83, true, other))


def ours(rows: Rows) -> Rates:
    """From the contingency tensor."""
    table = tabulate([*rows.attributes, rows.true, rows.answer], [*SIZES.values(), LABELS, ANSWERS])
    table = table.reshape(SLICES, LABELS, ANSWERS)
    right = np.diagonal(table, axis1=1, axis2=2)
    with np.errstate(invalid="ignore"):
        return Rates(right.sum(1) / table.sum((1, 2)), right / table.sum(2))


def with_numpy(rows: Rows) -> Rates:
    """The textbook: a mask for each slice and label."""
    code = np.ravel_multi_index(rows.attributes, tuple(SIZES.values()))
    right = rows.true == rows.answer
    accuracy, recalls = np.full(SLICES, np.nan), np.full((SLICES, LABELS), np.nan)
    for slice_ in np.unique(code).tolist():
        chosen = code == slice_
        mine, true = right[chosen], rows.true[chosen]
        accuracy[slice_] = mine.mean()
        for label in np.unique(true).tolist():
            recalls[slice_, label] = mine[true == label].mean()
    return Rates(accuracy, recalls)


def with_fairlearn(rows: Rows) -> Rates:
    """MetricFrame over four sensitive features, with metrics in numpy."""
    from fairlearn.metrics import MetricFrame  # noqa: PLC0415 - a peer is loaded when it is asked

    def recall(label: int) -> Callable[[NDArray[np.int32], NDArray[np.int32]], float]:
        def rate(true: NDArray[np.int32], answer: NDArray[np.int32]) -> float:
            shown = np.asarray(true) == label
            return float((np.asarray(answer)[shown] == label).mean()) if shown.any() else float("nan")

        return rate

    metrics: dict[str, Callable[..., float]] = {
        "accuracy": lambda true, answer: float((np.asarray(true) == np.asarray(answer)).mean())
    }
    metrics |= {f"recall {label}": recall(label) for label in range(LABELS)}
    features = pd.DataFrame(dict(zip(SIZES, rows.attributes, strict=True)))
    frame = MetricFrame(metrics=metrics, y_true=rows.true, y_pred=rows.answer, sensitive_features=features)
    every = pd.MultiIndex.from_product([range(size) for size in SIZES.values()], names=list(SIZES))
    found = frame.by_group.reindex(every).to_numpy().astype(np.float64)
    return Rates(found[:, 0], found[:, 1:])


def with_aequitas(rows: Rows) -> Rates:
    """Group().get_crosstabs over one column of 320 names, once for accuracy and once a label."""
    from aequitas.group import Group  # noqa: PLC0415 - as above

    code = np.ravel_multi_index(rows.attributes, tuple(SIZES.values()))
    names = np.array([f"{slice_:03d}" for slice_ in range(SLICES)])[code]

    def rate(score: NDArray[np.bool_], truth: NDArray[np.bool_]) -> NDArray[np.float64]:
        table = pd.DataFrame({"score": score.astype(int), "label_value": truth.astype(int), "slice": names})
        tables, _ = Group().get_crosstabs(table, attr_cols=["slice"])
        found = np.full(SLICES, np.nan)
        found[tables["attribute_value"].astype(int).to_numpy()] = tables["tpr"].to_numpy(dtype=np.float64)
        return found

    right = rows.true == rows.answer
    recalls = [rate(rows.answer == label, rows.true == label) for label in range(LABELS)]
    return Rates(rate(right, np.ones_like(right)), np.stack(recalls, axis=1))


PEERS = {"fairlearn": (with_fairlearn, ">= 1,000"), "aequitas": (with_aequitas, ">= 150")}


def measure(rows: int, runs: int) -> list[Figure]:
    """Ours against each peer that is installed, and against numpy; all must find the same rates."""
    data = made(rows)
    peers = {name: peer for name, peer in PEERS.items() if find_spec(name)}
    figures = []
    for name, (peer, target) in {**peers, "numpy, slice by slice": (with_numpy, "none")}.items():
        both = alternate(lambda: ours(data), partial(peer, data), runs)
        np.testing.assert_allclose(both.found.accuracy, both.expected.accuracy, rtol=1e-9)
        np.testing.assert_allclose(both.found.recalls, both.expected.recalls, rtol=1e-9)
        title = f"accuracy and recalls of 320 slices, {rows:.0e} rows"
        figures.append(Figure(title, both.ours, name, both.peers, target))
    return figures


def main() -> None:
    """Measure and print."""
    rows = int(float(sys.argv[1])) if len(sys.argv) > 1 else 1_000_000
    if rows > 1_000_000:
        data = made(rows)
        both = alternate(lambda: ours(data), lambda: tuple(column.max() for column in data.attributes), 5)
        print(
            f"accuracy and recalls of 320 slices, {rows:.0e} rows  {1e9 * both.ours / rows:.1f} ns a row  "
            f"the largest code of each attribute {1e9 * both.peers / rows:.1f} ns a row  target <= 8 ns a row"
        )
        return
    for figure in measure(rows, 2):
        print(figure)


if __name__ == "__main__":
    main()
