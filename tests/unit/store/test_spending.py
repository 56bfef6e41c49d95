from __future__ import annotations

import itertools
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from fer_audit.errors import BudgetError, ConfigurationError, StoreError
from fer_audit.store import PredictionStore, Spent

if TYPE_CHECKING:
    from pathlib import Path

    from fer_audit.records import Ledger


@pytest.fixture
def store(tmp_path: Path) -> PredictionStore:
    return PredictionStore(tmp_path / "store")


def test_a_reservation_is_replaced_by_what_was_charged(store: PredictionStore) -> None:
    ledger: Ledger = store.ledger("run", "gpt-4o", 1.0)
    first, second = ledger.reserve(0.25), ledger.reserve(0.5)
    assert store.spent("run") == Spent(0.0, 0.75)
    ledger.settle(first, 0.1)
    assert store.spent("run") == Spent(0.1, 0.5)
    ledger.settle(second, 0)
    assert store.spent("run") == Spent(0.1, 0.0)


def test_nothing_beyond_the_most_is_reserved(store: PredictionStore) -> None:
    ledger = store.ledger("run", "gpt-4o", 0.01)
    ledger.settle(ledger.reserve(0.004), 0.0035)
    ledger.reserve(0.004)
    with pytest.raises(BudgetError) as caught:
        ledger.reserve(0.003)
    assert str(caught.value) == (
        "model 'gpt-4o': the next request could cost $0.003, and of the $0.01 that this run may spend $0.0035 "
        "are spent and $0.004 reserved; what was answered is stored: go on with a larger --max-usd"
    )
    # To the last millionth.
    ledger.reserve(0.0025)
    with pytest.raises(BudgetError):
        ledger.reserve(0.000001)
    assert store.spent("run") == Spent(0.0035, 0.0065)


def test_a_charge_above_its_reservation_counts_in_full(store: PredictionStore) -> None:
    ledger = store.ledger("run", "gpt-4o", 1.0)
    ledger.settle(ledger.reserve(0.1), 0.9)
    with pytest.raises(BudgetError, match=r"\$0\.9 are spent"):
        ledger.reserve(0.2)


def test_models_of_one_run_share_its_budget_and_other_runs_do_not(store: PredictionStore) -> None:
    store.ledger("run", "gpt-4o", 1.0).reserve(0.7)
    with pytest.raises(BudgetError, match=r"^model 'gemini': .* \$0\.7 reserved"):
        store.ledger("run", "gemini", 1.0).reserve(0.4)
    other = store.ledger("other", "gemini", 1.0)
    other.settle(other.reserve(0.4), 0.3)
    assert store.spent("run", model="gpt-4o") == Spent(0.0, 0.7)
    assert store.spent(model="gemini") == Spent(0.3, 0.0)
    assert store.spent() == Spent(0.3, 0.7)


def test_without_a_limit_all_is_counted(store: PredictionStore) -> None:
    ledger = store.ledger("run", "gpt-4o")
    ledger.settle(ledger.reserve(1000), 999.5)
    assert store.spent("run") == Spent(999.5, 0.0)


def test_nothing_may_be_spent_where_the_most_is_nothing(store: PredictionStore) -> None:
    ledger = store.ledger("run", "gpt-4o", 0)
    with pytest.raises(BudgetError):
        ledger.reserve(0.0000001)
    ledger.settle(ledger.reserve(0), 0)
    assert store.spent("run") == Spent(0.0, 0.0)


@pytest.mark.parametrize(
    ("usd", "kept"),
    [(0.000003, 0.000003), (0.0000031, 0.000004), (0.1 + 0.2, 0.300001), (0.3, 0.3), (1e-12, 0.000001)],
)
def test_money_is_whole_millionths_rounded_up(store: PredictionStore, usd: float, kept: float) -> None:
    store.ledger("run", "gpt-4o").reserve(usd)
    assert store.spent("run").reserved == kept


@pytest.mark.parametrize("usd", [-0.1, float("nan"), float("inf")])
def test_no_amount(store: PredictionStore, usd: float) -> None:
    ledger = store.ledger("run", "gpt-4o", 1.0)
    with pytest.raises(StoreError, match=rf"^{usd} is no amount of US dollars; a request costs 0 or more$"):
        ledger.reserve(usd)
    number = ledger.reserve(0.5)
    with pytest.raises(StoreError, match="is no amount of US dollars"):
        ledger.settle(number, usd)
    with pytest.raises(ConfigurationError) as caught:
        store.ledger("run", "gpt-4o", usd)
    assert (
        str(caught.value) == f"a run cannot have {usd} US dollars to spend; give 0 or more, e.g. --max-usd=5"
    )
    assert store.spent("run") == Spent(0.0, 0.5)


def test_a_reservation_is_settled_once(store: PredictionStore) -> None:
    ledger = store.ledger("run", "gpt-4o")
    number = ledger.reserve(0.5)
    ledger.settle(number, 0.5)
    with pytest.raises(StoreError) as caught:
        ledger.settle(number, 0.5)
    assert str(caught.value) == (
        f"reservation {number} is not open: it was settled before, or the store was exchanged meanwhile; "
        "settle each reservation once"
    )
    assert ledger.reserve(0.1) != number
    assert store.spent("run") == Spent(0.5, 0.1)


def test_asking_what_was_spent_makes_nothing(store: PredictionStore) -> None:
    assert store.spent("run") == Spent(0.0, 0.0)
    assert not store.path.exists()


def test_threads_share_a_budget(store: PredictionStore) -> None:
    ledger = store.ledger("run", "gpt-4o", 0.1)
    granted: list[int] = []

    def work() -> None:
        for _ in range(100):
            try:
                granted.append(ledger.reserve(0.001))
            except BudgetError:
                return

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(granted)) == len(granted) == 100


SPEND = """
import os, pathlib, random, signal, sys, time
from fer_audit.errors import BudgetError
from fer_audit.store import PredictionStore
seed = int(sys.argv[2])
drawn = random.Random(seed)
ledger = PredictionStore(pathlib.Path(sys.argv[1])).ledger("run", f"model-{seed % 3}", 0.5)
print("ready", flush=True)
sys.stdin.readline()
refused = reserved = 0
while refused < 20:
    amount = drawn.randint(1, 3000)
    try:
        number = ledger.reserve(amount / 1e6)
    except BudgetError:
        refused += 1
        continue
    print("reserved", number, amount, flush=True)
    time.sleep(drawn.random() / 200)
    reserved += 1
    if seed == 0 and reserved == 10:
        os.kill(os.getpid(), signal.SIGKILL)
    if drawn.random() < 0.8:
        charged = drawn.randint(0, amount)
        ledger.settle(number, charged / 1e6)
        print("settled", number, charged, flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_eight_processes_that_reserve_at_random_never_exceed_the_budget(store: PredictionStore) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", SPEND, str(store.path), str(seed)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for seed in range(8)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    told = [process.communicate()[0].splitlines() for process in processes]
    assert [process.returncode for process in processes] == [-signal.SIGKILL] + [0] * 7
    reserved: dict[str, int] = {}
    settled: dict[str, int] = {}
    for line in itertools.chain.from_iterable(told):
        what, number, amount = line.split()
        (reserved if what == "reserved" else settled)[number] = int(amount)
    left = sum(amount for number, amount in reserved.items() if number not in settled)
    spent = store.spent("run")
    assert round(spent.settled * 1e6) == sum(settled.values())
    assert round(spent.reserved * 1e6) == left
    assert sum(settled.values()) + left <= 500_000
    # And it was used: a refusal was for want of at most the largest amount.
    assert sum(settled.values()) + left > 500_000 - 3000
    assert all(lines for lines in told)
    assert len(reserved) > 200


RESERVE_AND_HANG = """
import pathlib, sys
from fer_audit.store import PredictionStore
PredictionStore(pathlib.Path(sys.argv[1])).ledger("run", "gpt-4o", 1.0).reserve(0.6)
print("reserved", flush=True)
sys.stdin.read()
"""


def test_what_a_killed_process_reserved_stays_reserved_in_its_run(store: PredictionStore) -> None:
    command = [sys.executable, "-c", RESERVE_AND_HANG, str(store.path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "reserved\n"
        process.kill()
    with pytest.raises(BudgetError, match=r"\$0 are spent and \$0\.6 reserved"):
        store.ledger("run", "gpt-4o", 1.0).reserve(0.5)
    store.ledger("next run", "gpt-4o", 1.0).reserve(0.5)
