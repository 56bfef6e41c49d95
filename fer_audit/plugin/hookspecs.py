"""The hooks by which a repository says what it audits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fer_audit.datasets import DatasetSpec
    from fer_audit.models import ModelSpec
    from fer_audit.records import Slicing


@pytest.hookspec
def pytest_fer_models() -> Iterable[ModelSpec]:
    """Models that ``--fer-model`` can name, beside the built-in ones."""
    return ()


@pytest.hookspec
def pytest_fer_datasets() -> Iterable[DatasetSpec]:
    """Datasets that ``--fer-dataset`` can name, beside the built-in ones."""
    return ()


@pytest.hookspec
def pytest_fer_slices() -> Iterable[Slicing]:
    """Slicings judged beside a dataset's own; one of the same name replaces it (to leave out a level)."""
    return ()
