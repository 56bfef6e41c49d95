"""Folders of checkpoints, looked at without torch."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

pytest.importorskip("platformdirs")

from fer_audit.errors import ConfigurationError, ModelError
from fer_audit.models.huggingface.checkpoints import PROCESSOR, Checkpoint, find_checkpoint


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "net"
    path.mkdir()
    (path / "config.json").write_text('{"model_type": "vit", "architectures": ["ViTForImageClassification"]}')
    (path / "preprocessor_config.json").write_text("{}")
    (path / "model.safetensors").write_bytes(b"weights")
    return path


def found(folder: Path) -> Checkpoint:
    return find_checkpoint(folder.name, folder.parent, model="mine", extra="huggingface", needs=(PROCESSOR,))


def fault(folder: Path) -> str:
    with pytest.raises(ModelError) as caught:
        found(folder).folder()
    return str(caught.value)


def in_parts(folder: Path, *names: str) -> None:
    (folder / "model.safetensors").unlink()
    parts = {f"layer {number}": name for number, name in enumerate(names)}
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": parts}))


def test_a_whole_folder_is_what_is_loaded(folder: Path) -> None:
    assert found(folder).folder() == folder.resolve()
    assert found(folder).settings(folder).architectures == ("ViTForImageClassification",)


def test_the_parts_of_weights_are_all_there_and_all_hashed(folder: Path) -> None:
    in_parts(folder, "a.safetensors", "b.safetensors")
    (folder / "a.safetensors").write_bytes(b"one")
    assert fault(folder) == (
        "model 'mine': checkpoint net cannot be used: its weights b.safetensors are missing; download or copy it "
        "again"
    )
    (folder / "b.safetensors").write_bytes(b"two")
    before = found(folder).describe()
    (folder / "b.safetensors").write_bytes(b"three")
    after = found(folder).describe()
    assert before["weights"] != after["weights"]
    assert before["settings"] == after["settings"]


@pytest.mark.parametrize("name", ["../b.safetensors", "/b.safetensors", "b.bin"])
def test_no_part_of_the_weights_lies_elsewhere_or_is_a_pickle(folder: Path, name: str) -> None:
    in_parts(folder, "a.safetensors", name)
    assert fault(folder).endswith(
        "model.safetensors.index.json names no files of weights; download or copy it again"
    )


@pytest.mark.parametrize("name", ["pytorch_model.bin", "model.pt", "net.ckpt"])
def test_weights_in_a_pickle_alone_are_refused(folder: Path, name: str) -> None:
    (folder / "model.safetensors").rename(folder / name)
    assert f"its weights are in {name}, which can run code when it is opened" in fault(folder)


def test_a_pickle_beside_safetensors_is_not_looked_at(folder: Path) -> None:
    before = found(folder).describe()
    (folder / "pytorch_model.bin").write_bytes(b"pickle")
    assert found(folder).describe() == before


@pytest.mark.parametrize(
    ("gone", "told"),
    [
        ("config.json", "it has no config.json; give a folder that save_pretrained of transformers wrote"),
        (
            "preprocessor_config.json",
            "it has no preprocessor_config.json or processor_config.json; save the processor of the net beside "
            "it with save_pretrained",
        ),
        ("model.safetensors", "it has no model.safetensors; give a checkpoint of safetensors"),
    ],
)
def test_each_file_that_is_missing_is_named(folder: Path, gone: str, told: str) -> None:
    (folder / gone).unlink()
    assert fault(folder) == f"model 'mine': checkpoint net cannot be used: {told}"


def test_an_adapter_is_no_net(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    (folder / "adapter_config.json").write_text("{}")
    assert fault(folder).endswith(
        "it holds an adapter and no net; merge it with merge_and_unload of peft, and save that"
    )


def test_settings_change_the_description_and_the_folder_does_not(folder: Path) -> None:
    before = found(folder).describe()
    moved = folder.rename(folder.parent / "elsewhere")
    assert found(moved).describe() == before
    (moved / "preprocessor_config.json").write_text('{"size": 1}')
    assert found(moved).describe()["settings"] != before["settings"]


@pytest.mark.parametrize("content", ["[]", '"net"'])
def test_settings_that_are_no_object(folder: Path, content: str) -> None:
    (folder / "config.json").write_text(content)
    with pytest.raises(ModelError, match=r"config\.json holds no object; download or copy it again"):
        found(folder).settings(folder)


def test_a_file_is_no_folder(folder: Path) -> None:
    with pytest.raises(
        ConfigurationError, match=r"model 'mine': there is no folder .*/model\.safetensors; give"
    ):
        find_checkpoint("model.safetensors", folder, model="mine", extra="huggingface", needs=())


def test_a_name_that_is_no_folder_is_one_of_the_hub() -> None:
    named = find_checkpoint("acme/net@v1", Path("/"), model="mine", extra="huggingface", needs=())
    assert not isinstance(named.source, Path)
    assert (named.source.name, named.source.revision) == ("acme/net", "v1")
