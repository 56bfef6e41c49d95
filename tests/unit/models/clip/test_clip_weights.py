from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

from fer_audit.catalog import Catalog
from fer_audit.errors import ConfigurationError, ModelError
from fer_audit.models import ModelSpec, choose_model
from fer_audit.models.clip.weights import CheckpointFile, LocalFolder, Tagged, clip_weights

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "saved"
    path.mkdir()
    (path / "open_clip_config.json").write_text('{"model_cfg": {"vision_cfg": {"image_size": [96, 112]}}}')
    (path / "open_clip_model.safetensors").write_bytes(b"weights")
    return path


def chosen(text: str, root: Path) -> ModelSpec:
    return choose_model(text, Catalog("model"), root=root)


def test_the_default_is_one_net_by_name(tmp_path: Path) -> None:
    assert clip_weights("", tmp_path) == Tagged("ViT-B-32", "laion2b_s34b_b79k")
    assert chosen("clip", tmp_path).name == "clip"
    assert chosen("clip-probe", tmp_path).name == "clip-probe"
    assert dict(clip_weights("", tmp_path).describe()) == {"weights": "ViT-B-32/laion2b_s34b_b79k"}


@pytest.mark.parametrize(
    ("variant", "tagged"),
    [
        ("ViT-L-14/openai", Tagged("ViT-L-14", "openai")),
        ("ViT-B/32/openai", Tagged("ViT-B-32", "openai")),
    ],
)
def test_architecture_and_tag(variant: str, tagged: Tagged, tmp_path: Path) -> None:
    assert clip_weights(variant, tmp_path) == tagged
    assert chosen(f"clip:{variant}", tmp_path).name == f"clip-{tagged.architecture}-openai"


def test_a_checkpoint_file_beside_its_architecture(tmp_path: Path) -> None:
    (tmp_path / "nets").mkdir()
    (tmp_path / "nets" / "mine.pt").write_bytes(b"weights")
    weights = clip_weights("ViT-B-32@nets/mine.pt", tmp_path)
    assert weights == CheckpointFile("ViT-B-32", tmp_path / "nets" / "mine.pt")
    assert set(weights.describe()) == {"weights", "architecture"}
    # A report says nothing of folders.
    assert chosen(f"clip:ViT-B-32@{tmp_path}/nets/mine.pt", tmp_path).name == "clip-ViT-B-32-mine"
    assert chosen("face=clip:ViT-B-32@nets/mine.pt", tmp_path).name == "face"


def test_the_checksum_tells_one_file_from_another(tmp_path: Path) -> None:
    file = tmp_path / "mine.pt"
    file.write_bytes(b"weights")
    before = dict(clip_weights("ViT-B-32@mine.pt", tmp_path).describe())
    file.write_bytes(b"other weights")
    assert dict(clip_weights("ViT-B-32@mine.pt", tmp_path).describe()) != before
    assert dict(clip_weights("ViT-B-16@mine.pt", tmp_path).describe())["architecture"] == "ViT-B-16"


@pytest.mark.parametrize("written", ["local-dir:{}", "{}", "local-dir:saved", "saved", "./saved"])
def test_a_folder_that_open_clip_saved(written: str, folder: Path) -> None:
    weights = clip_weights(written.format(folder), folder.parent)
    assert isinstance(weights, LocalFolder)
    assert weights.path == folder
    assert weights.side() == 112
    assert chosen(f"clip:{written.format(folder)}", folder.parent).name == "clip-saved"


def test_every_file_of_a_folder_is_in_its_description(folder: Path) -> None:
    before = dict(LocalFolder(folder).describe())
    (folder / "tokenizer.json").write_text("{}")
    assert dict(LocalFolder(folder).describe()) != before


@pytest.mark.parametrize(
    ("variant", "message"),
    [
        (
            "ViT-B-32",
            "clip:ViT-B-32 names no weights, and a net with random ones is no model: write clip:ARCH/TAG, e.g. "
            "clip:ViT-B-32/laion2b_s34b_b79k, or clip:ARCH@FILE for a checkpoint of yours",
        ),
        (
            "ViT-B-32/",
            "clip:ViT-B-32/ names no weights, and a net with random ones is no model: write clip:ARCH/TAG, e.g. "
            "clip:ViT-B-32/laion2b_s34b_b79k, or clip:ARCH@FILE for a checkpoint of yours",
        ),
        (
            "./mine.pt",
            "clip:./mine.pt is a file that does not say its architecture: write clip:ARCH@FILE, e.g. "
            "clip:ViT-B-32@mine.pt",
        ),
        ("@mine.pt", "clip:@mine.pt lacks the architecture: write e.g. clip:ViT-B-32@mine.pt"),
        (
            "ViT-B-32@their.pt",
            "clip:ViT-B-32@their.pt: there is no file {root}/their.pt; give the path of a checkpoint",
        ),
        (
            "ViT-B-32@net.npz",
            "clip:ViT-B-32@net.npz: weights are read from *.safetensors, *.pt, *.pth, *.bin, not *.npz; save "
            "them as safetensors",
        ),
        (
            "local-dir:nowhere",
            "clip:local-dir:nowhere: there is no folder {root}/nowhere; give one that open_clip saved",
        ),
        (
            "empty",
            "clip:empty: folder {root}/empty holds no open_clip_config.json; save the net with open_clip, or "
            "write clip:ARCH@FILE for a checkpoint file",
        ),
        (
            "random",
            "clip:random: folder {root}/random holds no weights (*.safetensors, *.pt, *.pth, *.bin), and a net "
            "with random ones is no model; put the checkpoint beside the configuration",
        ),
    ],
)
def test_what_names_no_weights_is_told_with_the_cure(variant: str, message: str, tmp_path: Path) -> None:
    for name in ("mine.pt", "net.npz"):
        (tmp_path / name).write_bytes(b"weights")
    (tmp_path / "empty").mkdir()
    (tmp_path / "random").mkdir()
    (tmp_path / "random" / "open_clip_config.json").write_text("{}")
    with pytest.raises(ConfigurationError) as caught:
        clip_weights(variant, tmp_path)
    assert str(caught.value) == message.format(root=tmp_path)


def test_weights_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    file = tmp_path / "mine.pt"
    file.write_bytes(b"weights")
    weights = clip_weights("ViT-B-32@mine.pt", tmp_path)
    file.unlink()
    with pytest.raises(ModelError) as caught:
        weights.describe()
    assert str(caught.value) == (
        "CLIP weights mine.pt cannot be read (No such file or directory); check the file and its permissions"
    )


@pytest.mark.parametrize("content", ["", "[]", '{"vision_cfg": 7}', '{"vision_cfg": {"image_size": "x"}}'])
def test_a_configuration_that_does_not_tell_the_side_leaves_pictures_whole(
    content: str, folder: Path
) -> None:
    (folder / "open_clip_config.json").write_text(content)
    assert LocalFolder(folder).side() is None
    assert chosen(f"clip:{folder}", folder).smallest_side is None


def test_pictures_are_left_whole_for_an_architecture_that_nobody_knows(tmp_path: Path) -> None:
    assert chosen("clip:no-such-net/openai", tmp_path).smallest_side is None


@pytest.mark.skipif(find_spec("open_clip") is None, reason="open_clip is not installed")
def test_pictures_may_be_reduced_to_twice_the_side_of_a_known_architecture(tmp_path: Path) -> None:
    assert chosen("clip", tmp_path).smallest_side == 448
    assert chosen("clip-probe:ViT-L-14-336/openai", tmp_path).smallest_side == 672
