from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import TYPE_CHECKING

import pytest

torch = pytest.importorskip("torch")

from fer_audit.errors import ConfigurationError, MissingExtraError  # noqa: E402
from fer_audit.models.torch_runtime import Precision, TorchRuntime, runtime, self_test  # noqa: E402
from fer_audit.models.torch_runtime.device import choose_device, limit_threads, number_type  # noqa: E402
from fer_audit.models.torch_runtime.machine import this_machine  # noqa: E402
from fer_audit.models.torch_runtime.notes import noting, read_note, write_note  # noqa: E402
from fer_audit.models.torch_runtime.self_test import Comparison, compare_precisions  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from contextlib import AbstractContextManager
    from pathlib import Path

NET = TorchRuntime("net", "clip")
ASK = """
import sys
from fer_audit.models.torch_runtime import TorchRuntime
print(TorchRuntime("net", "clip").precision(), "torch" in sys.modules)
"""


@pytest.fixture(autouse=True)
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine on which nothing is known yet, and whose environment says nothing."""
    monkeypatch.setenv("FER_AUDIT_CACHE", str(tmp_path / "cache"))
    for name in ("FER_AUDIT_DEVICE", "FER_AUDIT_PRECISION", "PYTEST_XDIST_WORKER"):
        monkeypatch.delenv(name, raising=False)
    runtime._tested.cache_clear()
    yield
    runtime._tested.cache_clear()


def ask(processes: int = 1) -> list[str]:
    """What fresh processes that run at the same time say of the precision."""
    running = [
        subprocess.Popen([sys.executable, "-c", ASK], stdout=subprocess.PIPE, text=True)
        for _ in range(processes)
    ]
    return [process.communicate(timeout=60)[0].strip() for process in running]


def test_the_best_device_is_taken_where_nothing_is_said() -> None:
    best = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    assert choose_device().type == best


def test_the_environment_chooses_the_device(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FER_AUDIT_DEVICE", "cpu")
    assert choose_device() == torch.device("cpu")


def test_a_device_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FER_AUDIT_DEVICE", "gpu")
    with pytest.raises(ConfigurationError) as caught:
        choose_device()
    assert str(caught.value) == (
        "FER_AUDIT_DEVICE='gpu' is no device; write cpu, cuda, cuda:0 or mps, or unset it for the best one"
    )


def test_a_card_that_is_not_there_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FER_AUDIT_DEVICE", "cuda:99")
    with pytest.raises(ConfigurationError) as caught:
        NET.start()
    count = torch.cuda.device_count()
    assert str(caught.value) == (
        f"FER_AUDIT_DEVICE='cuda:99', but torch {torch.__version__} sees {count} CUDA devices; unset it, or "
        "install a driver and a torch build for CUDA"
    )


@pytest.mark.skipif(torch.backends.mps.is_available(), reason="there is an Apple GPU")
def test_an_apple_gpu_that_is_not_there_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FER_AUDIT_DEVICE", "mps")
    with pytest.raises(ConfigurationError) as caught:
        choose_device()
    assert str(caught.value) == (
        f"FER_AUDIT_DEVICE='mps', but torch {torch.__version__} sees no Apple GPU; unset it, or write cpu"
    )


@pytest.mark.parametrize("precision", Precision)
def test_the_environment_chooses_the_precision(precision: Precision, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FER_AUDIT_PRECISION", str(precision))
    monkeypatch.setenv("FER_AUDIT_DEVICE", "cpu")
    started = NET.start()
    assert started.precision is NET.precision() is precision
    assert started.dtype == number_type(precision)
    assert started.device == torch.device("cpu")


def test_a_precision_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FER_AUDIT_PRECISION", "fp16")
    with pytest.raises(ConfigurationError) as caught:
        NET.precision()
    assert str(caught.value) == (
        "FER_AUDIT_PRECISION='fp16' is no precision; write fp32 or bf16, or unset it for a self-test"
    )


def test_a_missing_torch_is_answered_with_the_pip_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'fer-audit\[clip\]'$"):
        NET.start()


@pytest.mark.parametrize(
    ("speed", "difference", "used"),
    [(1.25, 0.02, True), (1.2, 0.005, False), (4.0, 0.021, False), (0.0, float("inf"), False)],
)
def test_bf16_is_used_where_it_is_faster_and_right(speed: float, difference: float, *, used: bool) -> None:
    assert Comparison("cpu", speed, difference).bf16 is used


def test_bf16_agrees_with_fp32_as_far_as_it_can() -> None:
    found = compare_precisions(torch.device("cpu"))
    assert found.speed > 0
    # Rounding to 8 bits leaves a trace; a wrong result leaves a larger one.
    assert 0.001 < found.difference < self_test.TOLERANCE


def test_a_device_without_bf16_computes_in_fp32(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object) -> None:
        raise NotImplementedError

    monkeypatch.setattr(self_test._Block, "cast", unknown)
    assert not compare_precisions(torch.device("cpu")).bf16


@pytest.mark.parametrize(("speed", "precision"), [(3.0, Precision.BF16), (1.0, Precision.FP32)])
def test_the_verdict_is_noted_and_the_self_test_is_not_run_again(
    speed: float, precision: Precision, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = []

    def compare(device: object) -> Comparison:
        runs.append(device)
        return Comparison("cpu", speed, 0.0043)

    monkeypatch.setattr(self_test, "compare_precisions", compare)
    assert NET.precision() is precision
    assert read_note("precision", this_machine()) == {
        "precision": str(precision),
        "device": "cpu",
        "speed of bf16 in that of fp32": f"{speed:.2f}",
        "difference": "0.0043",
    }
    runtime._tested.cache_clear()
    assert NET.precision() is precision
    assert len(runs) == 1


def test_what_is_noted_is_told_without_torch() -> None:
    write_note("precision", this_machine(), {"precision": "bf16"})
    assert ask() == ["bf16 False"]


def test_a_note_that_is_broken_is_replaced_by_a_self_test(monkeypatch: pytest.MonkeyPatch) -> None:
    write_note("precision", this_machine(), {"precision": "fp8"})
    monkeypatch.setattr(self_test, "compare_precisions", lambda _: Comparison("cpu", 3.0, 0.004))
    assert NET.precision() is Precision.BF16
    note = read_note("precision", this_machine())
    assert note is not None
    assert note["precision"] == "bf16"


def test_a_verdict_of_another_device_or_torch_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    here = dict(this_machine())
    assert here["torch"] == torch.__version__
    monkeypatch.setenv("FER_AUDIT_DEVICE", "cuda:1")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "3")
    assert dict(this_machine()) == {**here, "device": "cuda:1", "visible": "3"}


def test_processes_that_start_together_agree() -> None:
    said = ask(processes=3)
    assert len({line.split()[0] for line in said}) == 1
    note = read_note("precision", this_machine())
    assert note is not None
    assert said[0].split()[0] == note["precision"]


def test_who_waited_for_another_self_test_takes_its_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    def not_again(_: object) -> Comparison:
        pytest.fail("a second self-test was run")

    monkeypatch.setattr(self_test, "compare_precisions", not_again)
    looked = Event()

    def noting_after_a_look(kind: str, about: Mapping[str, str]) -> AbstractContextManager[None]:
        looked.set()
        return noting(kind, about)

    monkeypatch.setattr(runtime, "noting", noting_after_a_look)
    with ThreadPoolExecutor(1) as pool:
        with noting("precision", this_machine()):
            waiting = pool.submit(NET.precision)
            # Nothing was noted when it looked first, and something is when its turn comes.
            assert looked.wait(10)
            write_note("precision", this_machine(), {"precision": "bf16"})
        assert waiting.result(10) is Precision.BF16


def test_a_cache_that_cannot_be_written_is_gone_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("FER_AUDIT_CACHE", str(tmp_path / "file" / "cache"))
    monkeypatch.setattr(self_test, "compare_precisions", lambda _: Comparison("cpu", 3.0, 0.004))
    assert NET.precision() is Precision.BF16


def test_one_thread_beside_other_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(2)
        limit_threads()
        assert torch.get_num_threads() == 2
        monkeypatch.setenv("PYTEST_XDIST_WORKER", "gw1")
        limit_threads()
        assert torch.get_num_threads() == 1
    finally:
        torch.set_num_threads(before)


def test_naming_the_models_imports_nothing_heavy() -> None:
    code = (
        "import sys, fer_audit.models\n"
        "print([name for name in ('torch', 'torchvision', 'open_clip', 'sklearn', 'transformers', 'safetensors', "
        "'platformdirs') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"
    assert os.environ["FER_AUDIT_CACHE"]
