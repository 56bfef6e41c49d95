from __future__ import annotations

import sqlite3
import time
from typing import TYPE_CHECKING

import pytest

from fer_audit.errors import StoreError
from fer_audit.store import PredictionStore

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def store(tmp_path: Path) -> PredictionStore:
    return PredictionStore(tmp_path / "store")


def test_a_batch_is_found_by_a_later_process_until_it_is_closed(store: PredictionStore) -> None:
    before = time.time()
    announced = store.batches.announce(
        model="gpt-4o", host="api.example", run="r1", keys=["a", "b"], reservation=7
    )
    store.batches.announce(model="gpt-4o", host="elsewhere", run="r1", keys=["c"])
    store.batches.name(announced.number, "batch_123")
    (found,) = PredictionStore(store.path).batches.open_ones("gpt-4o", "api.example")
    assert (found.id, found.keys, found.run, found.reservation) == ("batch_123", ("a", "b"), "r1", 7)
    assert before <= found.submitted <= time.time()
    assert found.is_open
    store.batches.close(found.number)
    assert store.batches.open_ones("gpt-4o", "api.example") == ()
    assert len(store.batches.open_ones("gpt-4o", "elsewhere")) == 1


def test_a_batch_whose_id_was_not_stored_is_known_by_its_token(store: PredictionStore) -> None:
    announced = store.batches.announce(model="gpt-4o", host="h", run="r1", keys=["a"])
    (found,) = store.batches.open_ones("gpt-4o", "h")
    assert found.id == ""
    assert found.token == announced.token == f"fer-audit-r1-{announced.number}"


def test_a_batch_that_is_not_there(store: PredictionStore) -> None:
    store.batches.announce(model="gpt-4o", host="h", run="r1", keys=["a"])
    with pytest.raises(
        StoreError, match=r"^batch 9 is not in the store; was the store exchanged meanwhile\?$"
    ):
        store.batches.close(9)


def test_damaged_keys_say_what_to_do(store: PredictionStore) -> None:
    store.batches.announce(model="gpt-4o", host="h", run="r1", keys=["a"])
    connection = sqlite3.connect(store.path / "answers.sqlite")
    with connection:
        connection.execute("UPDATE batches SET keys = '[1'")
    connection.close()
    with pytest.raises(
        StoreError, match=r"is damaged \(the keys of a batch read \[1\); move answers\.sqlite"
    ):
        store.batches.open_ones("gpt-4o", "h")
