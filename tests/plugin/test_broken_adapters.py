"""What a user gets wrong with a model that ships: one line with the cure, and the others are judged."""

from __future__ import annotations

import json
import pickle
import shutil
from typing import TYPE_CHECKING

import pytest
from broken_suite import assert_one_line, judged, make_suite, run
from clip_nets import save
from loopback import serving
from loopback_plan import Plan
from plain_machine import be_plain
from transformer_nets import save_classifier
from vendors import KEY, VENDORS, Vendor

from fer_audit.models.torch_runtime.vision import import_with_torchvision

if TYPE_CHECKING:
    from pathlib import Path

SURE = "oracle:error=.1"


@pytest.fixture(autouse=True)
def suite(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    names = (
        "OPENAI_API_KEY",
        "OPENAI_BASE_URL",
        "GEMINI_API_KEY",
        "GOOGLE_API_KEY",
        "GOOGLE_GEMINI_BASE_URL",
    )
    for name in names:
        monkeypatch.delenv(name, raising=False)
    be_plain(monkeypatch, pytester.path / "cache")
    make_suite(pytester)


@pytest.fixture(params=VENDORS)
def vendor(request: pytest.FixtureRequest) -> Vendor:
    found = VENDORS[str(request.param)]
    if not found.is_installed:
        pytest.skip(f"no SDK for {found.model} is installed")
    return found


def test_no_key(pytester: pytest.Pytester, vendor: Vendor) -> None:
    result = run(pytester, vendor.model, SURE, "--fer-live")
    assert_one_line(
        pytester, result, f"EndpointError: model '{vendor.model}': *{vendor.key}* set*wants a key; *"
    )


@pytest.mark.parametrize("fatal", ["401", "403", "404", "insufficient_quota"])
def test_what_an_endpoint_refuses_for_good(
    pytester: pytest.Pytester, vendor: Vendor, monkeypatch: pytest.MonkeyPatch, fatal: str
) -> None:
    """A wrong key, one that may not, a wrong name, no quota."""
    monkeypatch.setenv(vendor.key, KEY)
    with serving(Plan(fatal=fatal), pytester.path) as server:
        monkeypatch.setenv(vendor.url, f"{server.url}{vendor.path}")
        result = run(pytester, vendor.model, SURE, "--fer-live")
    assert_one_line(pytester, result, f"EndpointError: model '{vendor.model}': {server.host} *; *")
    assert KEY not in result.stdout.str() + result.stderr.str()


@pytest.fixture(scope="module")
def nets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A CLIP net and a classifier, whole and spoilt; made before anything of a test is taken back."""
    pytest.importorskip("torch")
    pytest.importorskip("platformdirs")
    folder = tmp_path_factory.mktemp("nets")
    open_clip = import_with_torchvision("open_clip", extra="clip", model="test")
    weights = save(open_clip, "ViT-S-32-alt", folder).safetensors
    shutil.copy(weights, folder / "other.safetensors")
    (folder / "cut.safetensors").write_bytes(weights.read_bytes()[:5000])
    (folder / "evil.pt").write_bytes(pickle.dumps(print))
    for name in ("pickled", "random", "broken"):
        save_classifier(folder / name, ("anger", "fear"))
    shutil.move(folder / "pickled/model.safetensors", folder / "pickled/pytorch_model.bin")
    (folder / "broken/model.safetensors").write_bytes(b"\0" * 500)
    # A head of other labels does not fit, and would be drawn at random.
    config = folder / "random/config.json"
    labels = {str(number): f"label {number}" for number in range(4)} | {"4": "anger"}
    config.write_text(json.dumps(json.loads(config.read_text()) | {"id2label": labels}))
    return folder


CANNOT = "ModelError: model 'hf-{0}': checkpoint {0} cannot be used: "

# What follows --fer-model, under the folder of the nets where it is a path, and the one line that is shown.
OF_TORCH = {
    "clip:ViT-B-32/laion3b": "UnknownNameError: model 'clip-ViT-B-32-laion3b': open_clip * has no weights 'laion3b' for "
    "'ViT-B-32'; did you mean *",
    "clip": "ModelError: model 'clip': the weights ViT-B-32/laion2b_s34b_b79k are not on this machine and could not be "
    "fetched (*); go online once and they are kept, or give a file: clip:ViT-B-32@FILE",
    "clip:ViT-B-32@cut.safetensors": "ModelError: model 'clip-ViT-B-32-cut': checkpoint cut.safetensors is cut off or "
    "broken (*); fetch or save it again",
    "clip:ViT-B-32@evil.pt": "ModelError: model 'clip-ViT-B-32-evil': checkpoint evil.pt is cut off or broken (*); fetch "
    "or save it again",
    "clip:ViT-B-32@other.safetensors": "ModelError: model 'clip-ViT-B-32-other': the weights do not fit the architecture "
    "(*); name the one they were trained with",
    "hf:pickled": CANNOT.format("pickled")
    + "its weights are in pytorch_model.bin, which can run code when it is opened;"
    " where you trust its origin, *",
    "hf:random": CANNOT.format("random")
    + "it lacks weights of ViTForImageClassification (*), which would be drawn at "
    "random; give a checkpoint of the whole net",
    "hf:broken": CANNOT.format("broken") + "*; its file is broken: download or copy it again",
    "hf:OWNER/NAME": "ModelError: model 'hf-OWNER-NAME': OWNER/NAME is not in the cache of the hub, and the hub cannot be "
    "reached (*); where it can be, run hf download OWNER/NAME*",
}


def test_nets_on_torch_are_each_an_error_of_one_line(
    pytester: pytest.Pytester, nets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unknown, offline, corrupted, a pickle, random: in a process of its own, for torch is loaded once in one."""
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_HOME", str(pytester.path / "hub"))
    for file in nets.iterdir():
        pytester.path.joinpath(file.name).symlink_to(file)
    result = run(pytester, *OF_TORCH, SURE, apart=True)
    result.assert_outcomes(passed=1, errors=len(OF_TORCH))
    result.stdout.fnmatch_lines_random(list(OF_TORCH.values()))
    assert judged(pytester.path) == {"oracle"}
    assert "Traceback" not in result.stdout.str() + result.stderr.str()


def test_a_device_that_is_not_there(
    pytester: pytest.Pytester, nets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FER_AUDIT_DEVICE", "cuda:7")
    result = run(pytester, f"clip:local-dir:{nets / 'saved-net'}", SURE, apart=True)
    message = (
        "ConfigurationError: FER_AUDIT_DEVICE='cuda:7', but torch * sees * CUDA devices; unset it, or install a "
        "driver and a torch build for CUDA"
    )
    assert_one_line(pytester, result, message)


def test_a_device_whose_memory_does_not_hold_one_picture(pytester: pytest.Pytester, nets: Path) -> None:
    pytester.makeconftest(
        """
        import torch
        from fer_audit.models.torch_runtime import batches

        halving = batches.in_batches

        def full(batch):
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.\\nGPU 0 has ...")

        batches.in_batches = lambda forward, items, **about: halving(full, items, **about)
        """
    )
    result = run(pytester, f"clip:local-dir:{nets / 'saved-net'}", SURE, apart=True)
    message = (
        "ModelError: model 'clip-*': the device's memory does not hold the net and one picture (CUDA out of memory. "
        "Tried to allocate 2.00 GiB.); free the device, or set FER_AUDIT_DEVICE=cpu"
    )
    assert_one_line(pytester, result, message)
