"""Every benchmark runs in a tiny form and finds what its peer finds; nothing is said about time here."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType

    Load = Callable[[str], ModuleType]

FOLDER = Path(__file__).parent.parent / "benchmarks"
NOT_MEASURED_HERE = {"idle_plugin", "measuring"}


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> Iterator[Load]:
    """Import a benchmark as a script would find it, and forget it again."""
    monkeypatch.syspath_prepend(str(FOLDER))
    before = set(sys.modules)
    yield import_module
    for name in set(sys.modules) - before:
        if name in {path.stem for path in FOLDER.glob("*.py")}:
            del sys.modules[name]


def shown(figure: object) -> None:
    text = str(figure)
    assert "ratio" in text
    assert "target" in text


SMALL: dict[str, tuple[tuple[Any, ...], dict[str, Any]]] = {
    "bootstrap": ((2000, 1, "none"), {}),
    "clustered_bootstrap": ((4000, 1, 200), {}),
    "fisher": ((3, 1), {}),
    "permutation": ((2000, 1, 400), {}),
    "pytest_verdicts": ((4, 1), {}),
}


@pytest.mark.parametrize("name", SMALL)
def test_both_sides_find_the_same(name: str, load: Load) -> None:
    positions, names = SMALL[name]
    shown(load(name).measure(*positions, **names))


def test_counting_finds_the_rates_of_every_peer(load: Load) -> None:
    figures = load("counting").measure(20_000, 1)
    assert any("numpy" in str(figure) for figure in figures)
    for figure in figures:
        shown(figure)


def test_the_verdict_compares_what_the_peer_estimates(load: Load) -> None:
    counting = load("counting")
    figure = load("verdict_320").measure(100_000, 1, counting.with_numpy)
    assert "numpy" in str(figure)
    shown(figure)


def test_every_reader_sees_every_row(load: Load) -> None:
    figures, peak = load("parquet").measure(5000, 1, 300)
    for figure in figures:
        shown(figure)
    assert peak > 0


def test_every_store_finds_what_was_put(load: Load) -> None:
    store = load("store")
    for figure in store.measure(50, 1):
        shown(figure)
    assert "50 vectors of 512" in store.vectors(50)


def test_every_set_is_loaded_whole(load: Load) -> None:
    loading = load("loading")
    for figure in loading.measure(40, 1):
        shown(figure)
    for line in loading.costs(40):
        assert "bytes a face" in line


def test_clip_asked_in_both_ways_gives_the_same_vectors(load: Load) -> None:
    for package in ("torch", "platformdirs"):
        pytest.importorskip(package)
    tower = {"layers": 1, "width": 32}
    net = {
        "embed_dim": 16,
        "vision_cfg": {**tower, "image_size": 32, "patch_size": 16, "head_width": 16},
        "text_cfg": {**tower, "context_length": 77, "vocab_size": 49408, "heads": 2},
    }
    figures, peaks, share = load("clip").measure(8, 1, net, (320, 240))
    for figure in figures:
        shown(figure)
    assert min(peaks) > 0
    assert share > 0


def test_labels_are_as_likely_from_a_kept_prefix_as_from_whole_passes(
    load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    for package in ("torch", "transformers", "platformdirs"):
        pytest.importorskip(package)
    monkeypatch.setenv("FER_AUDIT_DEVICE", "cpu")
    monkeypatch.setenv("FER_AUDIT_PRECISION", "fp32")
    for figure in load("paligemma").measure(2, 1, 28, 32, 2):
        shown(figure)


def test_a_benchmark_whose_sides_differ_fails(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    fisher = load("fisher")
    monkeypatch.setattr(fisher, "fisher_exact", lambda tables: np.full(len(tables), 0.5))
    with pytest.raises(AssertionError, match="Not equal to tolerance"):
        fisher.measure(3, 1)


def test_every_benchmark_is_run_here() -> None:
    run = {*SMALL, "counting", "verdict_320", "parquet", "store", "loading", "clip", "paligemma"}
    assert {path.stem for path in FOLDER.glob("*.py")} - NOT_MEASURED_HERE == run
