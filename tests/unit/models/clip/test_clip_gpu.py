from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from numpy.testing import assert_allclose

from fer_audit.catalog import Catalog
from fer_audit.models import choose_model
from fer_audit.models.torch_runtime import Precision, TorchRuntime, runtime
from fer_audit.records import Embedder

if TYPE_CHECKING:
    import numpy as np
    from clip_nets import Saved
    from numpy.typing import NDArray
    from PIL.Image import Image

torch = pytest.importorskip("torch")

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device")


def embedded(saved: Saved, images: list[Image]) -> NDArray[np.float32]:
    spec = choose_model(f"clip-probe:fer-tiny@{saved.checkpoint}", Catalog("model"), root=Path("/"))
    loaded = spec.load(("anger",))
    assert isinstance(loaded, Embedder)
    return loaded.embed(images)


@pytest.mark.parametrize(("precision", "apart"), [("fp32", 1e-4), ("bf16", 3e-2)])
def test_a_card_and_the_processor_give_the_same_vectors(
    precision: str, apart: float, tiny: Saved, images: list[Image], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FER_AUDIT_PRECISION", precision)
    expected = embedded(tiny, images)
    monkeypatch.setenv("FER_AUDIT_DEVICE", "cuda")
    assert_allclose(embedded(tiny, images), expected, atol=apart)


def test_a_card_is_chosen_and_computes_in_bf16_where_nothing_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("FER_AUDIT_DEVICE", "FER_AUDIT_PRECISION"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("FER_AUDIT_CACHE", str(tmp_path))
    runtime._tested.cache_clear()
    started = TorchRuntime("net", "clip").start()
    assert started.device.type == "cuda"
    if torch.cuda.get_device_capability() >= (8, 0):
        assert started.precision is Precision.BF16


def test_a_batch_beyond_the_memory_of_the_card_is_halved(
    tiny: Saved, images: list[Image], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FER_AUDIT_DEVICE", "cuda")
    expected = embedded(tiny, images)
    whole = torch.stack

    def too_large(inputs: list[object]) -> object:
        if len(inputs) > 16:
            torch.empty(2**50, device="cuda")
        return whole(inputs)

    monkeypatch.setattr(torch, "stack", too_large)
    assert_allclose(embedded(tiny, images), expected, atol=1e-5)
