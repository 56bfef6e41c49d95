from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from clip_nets import TINY
from numpy.testing import assert_allclose

from fer_audit.catalog import Catalog
from fer_audit.errors import ConfigurationError, ModelError, UnknownNameError
from fer_audit.models import choose_model
from fer_audit.models.clip.model import clip_probe
from fer_audit.models.clip.weights import Tagged
from fer_audit.records import Embedder

if TYPE_CHECKING:
    from types import ModuleType

    from clip_nets import Saved
    from numpy.typing import NDArray
    from PIL.Image import Image

pytestmark = pytest.mark.usefixtures("tiny")


def vectors_of(text: str, images: list[Image]) -> NDArray[np.float32]:
    loaded = choose_model(f"clip-probe:{text}", Catalog("model"), root=Path("/")).load(("anger",))
    assert isinstance(loaded, Embedder)
    return loaded.embed(images[:3])


def failure(text: str) -> str:
    spec = choose_model(f"net=clip:{text}", Catalog("model"), root=Path("/"))
    with pytest.raises((ModelError, ConfigurationError)) as caught:
        spec.load(("anger", "fear"))
    return str(caught.value)


def test_one_net_saved_in_three_ways_gives_the_same_vectors(tiny: Saved, images: list[Image]) -> None:
    expected = vectors_of(f"fer-tiny@{tiny.checkpoint}", images)
    assert_allclose(np.linalg.norm(expected, axis=1), 1, atol=1e-6)
    assert_allclose(vectors_of(f"fer-tiny@{tiny.safetensors}", images), expected, atol=1e-6)
    assert_allclose(vectors_of(f"local-dir:{tiny.folder}", images), expected, atol=1e-6)
    assert_allclose(vectors_of(f"{tiny.folder}", images), expected, atol=1e-6)


def test_a_checkpoint_of_a_training_run_is_read(tiny: Saved, images: list[Image], tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    state = {f"module.{name}": value for name, value in torch.load(tiny.checkpoint).items()}
    torch.save({"epoch": 3, "state_dict": state}, tmp_path / "epoch_3.pt")
    expected = vectors_of(f"fer-tiny@{tiny.checkpoint}", images)
    assert_allclose(vectors_of(f"fer-tiny@{tmp_path / 'epoch_3.pt'}", images), expected, atol=1e-6)


def test_an_unknown_architecture_is_told_with_those_near_it(open_clip: ModuleType, tiny: Saved) -> None:
    known = len(open_clip.list_models())
    version = open_clip.__version__
    assert failure("ViT-B-33/openai").startswith(
        f"model 'net': open_clip {version} has no architecture 'ViT-B-33'; near it are ViT-B-32"
    )
    assert failure(f"zz@{tiny.checkpoint}") == (
        f"model 'net': open_clip {version} has no architecture 'zz'; open_clip.list_models() lists all {known}"
    )


def test_an_unknown_tag_is_told_with_the_known_ones(open_clip: ModuleType) -> None:
    assert failure("ViT-L-14-336/opnai") == (
        f"model 'net': open_clip {open_clip.__version__} has no weights 'opnai' for 'ViT-L-14-336'; did you mean "
        "'openai'? Known: openai"
    )
    with pytest.raises(UnknownNameError):
        clip_probe("net", Tagged("fer-tiny", "openai")).load(("anger",))


def test_a_hub_that_is_offline_is_told_with_both_cures(tmp_path: Path) -> None:
    code = (
        "from pathlib import Path\n"
        "from fer_audit.catalog import Catalog\n"
        "from fer_audit.models import choose_model\n"
        "choose_model('clip', Catalog('model'), root=Path()).load(('anger',))"
    )
    environment = os.environ | {"HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )
    message = done.stderr.splitlines()[-1]
    assert message.startswith(
        "fer_audit.errors.ModelError: model 'clip': the weights ViT-B-32/laion2b_s34b_b79k are not on this machine "
        "and could not be fetched ("
    )
    assert message.endswith("); go online once and they are kept, or give a file: clip:ViT-B-32@FILE")


@pytest.mark.parametrize("kind", ["checkpoint", "safetensors"])
def test_a_checkpoint_that_is_cut_off_is_told(kind: str, tiny: Saved, tmp_path: Path) -> None:
    whole: Path = getattr(tiny, kind)
    cut = tmp_path / whole.name
    cut.write_bytes(whole.read_bytes()[:-100_000])
    message = failure(f"fer-tiny@{cut}")
    assert message.startswith(f"model 'net': checkpoint {whole.name} is cut off or broken (")
    assert message.endswith("); fetch or save it again")


@pytest.mark.parametrize("content", [b"", b"no checkpoint", b"PK\3\4", b"\x80\2}q\0."])
@pytest.mark.parametrize("suffix", [".pt", ".safetensors"])
def test_what_is_no_checkpoint_is_told(content: bytes, suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"net{suffix}"
    path.write_bytes(content)
    assert failure(f"fer-tiny@{path}").startswith(f"model 'net': checkpoint net{suffix} ")


class Hostile:
    """What is run when a pickle of it is opened without care."""

    def __init__(self, touched: Path) -> None:
        self.touched = touched

    def __reduce__(self) -> tuple[Any, ...]:
        return (os.mkdir, (str(self.touched),))


def test_a_pickle_that_would_run_something_is_refused_and_not_run(tiny: Saved, tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    state = torch.load(tiny.checkpoint)
    torch.save({"state_dict": state, "args": Hostile(tmp_path / "touched")}, tmp_path / "net.pt")
    assert failure(f"fer-tiny@{tmp_path / 'net.pt'}") == (
        f"model 'net': net.pt is a pickle that holds more than numbers ({os.mkdir.__module__}.mkdir), and reading it "
        "could run that: save net.state_dict() as safetensors"
    )
    assert not (tmp_path / "touched").exists()


def test_a_pickle_in_a_folder_is_refused_and_not_run(tiny: Saved, tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    shutil.copy(tiny.folder / "open_clip_config.json", tmp_path)
    torch.save({"state_dict": Hostile(tmp_path / "touched")}, tmp_path / "open_clip_pytorch_model.bin")
    assert "open_clip_pytorch_model.bin is a pickle that holds more than numbers" in failure(f"{tmp_path}")
    assert not (tmp_path / "touched").exists()


def test_code_beside_the_weights_is_not_run(tiny: Saved, tmp_path: Path) -> None:
    pytest.importorskip("transformers")
    folder = tmp_path / "saved"
    shutil.copytree(tiny.folder, folder)
    config = json.loads((folder / "open_clip_config.json").read_text())
    config["model_cfg"]["text_cfg"] |= {
        "hf_tokenizer_name": "theirs",
        "tokenizer_kwargs": {"trust_remote_code": True},
    }
    (folder / "open_clip_config.json").write_text(json.dumps(config))
    (folder / "config.json").write_text(json.dumps({"model_type": "bert"}))
    (folder / "tokenizer_config.json").write_text(
        json.dumps({"tokenizer_class": "Theirs", "auto_map": {"AutoTokenizer": ["theirs.Theirs", None]}})
    )
    (folder / "theirs.py").write_text(
        f"import os\nos.mkdir({str(tmp_path / 'touched')!r})\nclass Theirs: pass\n"
    )
    assert failure(f"{folder}").startswith("model 'net': open_clip ")
    assert not (tmp_path / "touched").exists()


def test_a_program_in_place_of_weights_is_refused(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    script = tmp_path / "ViT-B-32.pt"
    with pytest.warns(DeprecationWarning, match="torch.jit"):
        torch.jit.save(torch.jit.trace(torch.nn.Linear(2, 2), torch.zeros(1, 2)), script)
    assert failure(f"fer-tiny@{script}") == (
        "model 'net': ViT-B-32.pt is a TorchScript archive, a program and not only weights; use the tag, e.g. "
        "clip:ViT-B-32/openai, or save its state dict as safetensors"
    )


@pytest.mark.parametrize(("content", "kind"), [([1.0], "list"), ({}, "dict"), ({"state_dict": 3}, "dict")])
def test_a_checkpoint_without_parameters_is_told(content: object, kind: str, tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    torch.save(content, tmp_path / "net.pt")
    assert failure(f"fer-tiny@{tmp_path / 'net.pt'}") == (
        f"model 'net': checkpoint net.pt holds no state dict but {kind}; save net.state_dict() as safetensors"
    )


def test_weights_of_another_architecture_are_told(tiny: Saved) -> None:
    assert failure(f"ViT-B-32@{tiny.checkpoint}") == (
        "model 'net': the weights do not fit the architecture (text pos_embed width changed!); name the one they "
        "were trained with"
    )


def test_weights_with_a_parameter_missing_are_told(tiny: Saved, tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    state = torch.load(tiny.checkpoint)
    del state["visual.proj"]
    torch.save(state, tmp_path / "net.pt")
    assert failure(f"fer-tiny@{tmp_path / 'net.pt'}") == (
        "model 'net': the weights do not fit the architecture (Error(s) in loading state_dict for CLIP: Missing "
        'key(s) in state_dict: "visual.proj".); name the one they were trained with'
    )


def test_a_folder_whose_configuration_is_broken_is_told(
    open_clip: ModuleType, tiny: Saved, tmp_path: Path
) -> None:
    folder = tmp_path / "saved"
    shutil.copytree(tiny.folder, folder)
    (folder / "open_clip_config.json").write_text("{")
    message = failure(f"{folder}")
    assert message.startswith(f"model 'net': open_clip {open_clip.__version__} cannot load it (")
    assert message.endswith("); check its files, or save it with open_clip again")


@pytest.fixture
def tags(open_clip: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tags of the tiny net, as open_clip knows them for a real one."""
    known = {"openai": {"quick_gelu": True}, "laion2b": {}}
    monkeypatch.setitem(open_clip.pretrained._PRETRAINED, "fer-tiny", known)


@pytest.mark.usefixtures("tags")
@pytest.mark.parametrize(("file", "left"), [("OpenAI-clip.pt", {}), ("mine.pt", {"vocab_size": 49408})])
def test_weights_of_openai_in_a_net_without_quickgelu_are_refused(
    file: str,
    left: dict[str, int],
    tiny: Saved,
    tmp_path: Path,
) -> None:
    torch = pytest.importorskip("torch")
    torch.save(torch.load(tiny.checkpoint) | left, tmp_path / file)
    assert failure(f"fer-tiny@{tmp_path / file}") == (
        f"model 'net': {file} holds weights of 'openai', trained with QuickGELU, which architecture 'fer-tiny' does "
        f"not have: its scores would be wrong without a word; write clip:fer-tiny-quickgelu@{file}"
    )


@pytest.mark.usefixtures("tags")
def test_weights_whose_tag_needs_no_quickgelu_are_taken(
    tiny: Saved,
    images: list[Image],
    tmp_path: Path,
) -> None:
    shutil.copy(tiny.checkpoint, tmp_path / "laion2b.pt")
    assert vectors_of(f"fer-tiny@{tmp_path / 'laion2b.pt'}", images).shape == (3, 16)


@pytest.mark.usefixtures("tags")
def test_a_net_with_quickgelu_takes_weights_of_openai(
    open_clip: ModuleType,
    tiny: Saved,
    images: list[Image],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    quick = tmp_path / "fer-tiny-quickgelu.json"
    quick.write_text(json.dumps({**TINY, "quick_gelu": True}))
    monkeypatch.setattr(open_clip.factory, "_MODEL_CONFIG_PATHS", [*open_clip.factory._MODEL_CONFIG_PATHS])
    monkeypatch.setattr(open_clip.factory, "_MODEL_CONFIGS", {**open_clip.factory._MODEL_CONFIGS})
    open_clip.add_model_config(quick)
    shutil.copy(tiny.checkpoint, tmp_path / "openai.pt")
    found = vectors_of(f"fer-tiny-quickgelu@{tmp_path / 'openai.pt'}", images)
    assert np.abs(found - vectors_of(f"fer-tiny@{tiny.checkpoint}", images)).max() > 1e-4


def test_a_tag_brings_the_activation_that_it_was_trained_with(
    open_clip: ModuleType,
    tiny: Saved,
    images: list[Image],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tags = {
        "quick": {"file": str(tiny.checkpoint), "quick_gelu": True},
        "plain": {"file": str(tiny.checkpoint)},
    }
    monkeypatch.setitem(open_clip.pretrained._PRETRAINED, "fer-tiny", tags)
    torch = pytest.importorskip("torch")
    net, preprocess = open_clip.create_model_from_pretrained(
        "fer-tiny", str(tiny.checkpoint), force_quick_gelu=True
    )
    with torch.inference_mode():
        pixels = torch.stack([preprocess(image) for image in images[:3]])
        expected = net.eval().encode_image(pixels, normalize=True).numpy()
    assert_allclose(vectors_of("fer-tiny/quick", images), expected, atol=1e-5)
    assert np.abs(vectors_of("fer-tiny/plain", images) - expected).max() > 1e-4


def test_weights_of_no_known_kind_are_refused() -> None:
    class Other:
        short = "other"

        def describe(self) -> dict[str, str]:
            return {}

        def side(self) -> int | None:
            return None

        def __repr__(self) -> str:
            return "Other()"

    with pytest.raises(ConfigurationError) as caught:
        clip_probe("net", Other()).load(("anger",))
    assert str(caught.value) == "model 'net': Other() is no kind of CLIP weights; use clip_weights"
