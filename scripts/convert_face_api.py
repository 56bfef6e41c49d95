"""Rebuild the second embedded expression net from the weights that the `face-api` package publishes.

The expression net of face-api.js (Vincent Mühler; maintained by Vladimir Mandic) travels in the npm package
`@vladmandic/face-api` 1.7.15 (MIT) as one file of weights, most of them in 8 bits with a scale each, and a
manifest. How they are joined is written in the package's TypeScript (`src/faceFeatureExtractor`,
`src/faceExpressionNet`); this script writes the same as ONNX operators. The weights stay in 8 bits.

    pip install onnx
    python scripts/convert_face_api.py                       # write the net, print its checksum
    python scripts/convert_face_api.py --check               # rebuild and compare with what is committed
    python scripts/convert_face_api.py --source package.tgz  # without a download

With Node.js the package answers for itself (`face_api.mjs`):

    python scripts/convert_face_api.py reference             # the outputs that the tests compare with
    python scripts/convert_face_api.py crop                  # where it would cut out the embedded faces
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from frozen_net import keep_or_compare

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parent.parent
NET = ROOT / "fer_audit" / "models" / "face_api.onnx"
REFERENCE = ROOT / "tests" / "data" / "face_api" / "reference.npz"
FACES = ROOT / "fer_audit" / "datasets" / "rendered_faces"

PACKAGE = "@vladmandic/face-api@1.7.15"
WEIGHTS = "model/face_expression_model.bin"
MANIFEST = "model/face_expression_model-weights_manifest.json"
SHA256 = {
    WEIGHTS: "9a9840f2cf1f4c7eab95f197512569345c00d2426754d4608b92af30e0300f3d",
    MANIFEST: "5b349c17c7836da506e03422cd6461c74085d8bb2713ad4114647dc5d28174c8",
}

SIDE = 112
BLOCKS = 4
LABELS = 7

# Opset 17 and IR 8 are read by every onnxruntime since 1.13.
OPSET = 17
IR_VERSION = 8


def unpack(source: Path | None, folder: Path) -> Path:
    """The npm package in a folder, its net checked against its checksums."""
    if source is None:
        command = ["npm", "pack", "--silent", PACKAGE, "--pack-destination", str(folder)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        (source,) = folder.glob("*.tgz")
    with tarfile.open(source) as archive:
        archive.extractall(folder, filter="data")
    package = folder / "package"
    for name, expected in SHA256.items():
        found = hashlib.sha256((package / name).read_bytes()).hexdigest()
        if found != expected:
            sys.exit(f"{name} in {source.name} has sha256 {found}, expected {expected}: not these weights")
    return package


@dataclass(frozen=True)
class Weights:
    """One array as the package stores it.

    Attributes:
        values: of 8 bits where there is a scale, else the numbers themselves.
        scale: what one step of the 8 bits means; None for plain numbers.
        zero: the 8-bit value that means 0.
    """

    values: NDArray[np.uint8] | NDArray[np.float32]
    scale: float | None = None
    zero: int = 0


def read_weights(package: Path) -> dict[str, Weights]:
    """The arrays of the net by name."""
    data = (package / WEIGHTS).read_bytes()
    place, arrays = 0, {}
    for entry in json.loads((package / MANIFEST).read_text())[0]["weights"]:
        shape, steps = entry["shape"], entry.get("quantization")
        kind = np.uint8 if steps else np.float32
        values = np.frombuffer(data, kind, int(np.prod(shape)), place).reshape(shape)
        place += values.nbytes
        if steps:
            # The package writes value * scale + min, and chose min so that 0 is one of the values.
            zero = round(-steps["min"] / steps["scale"])
            if abs(zero * steps["scale"] + steps["min"]) > 1e-9:  # noqa: PLR2004 - rounding of the decimals
                sys.exit(f"{entry['name']} has no 8-bit value for 0: {steps}")
            arrays[entry["name"]] = Weights(values, steps["scale"], zero)
        else:
            arrays[entry["name"]] = Weights(values)
    if place != len(data):
        sys.exit(f"{WEIGHTS} has {len(data)} bytes, its manifest speaks of {place}")
    return arrays


@dataclass
class Graph:
    """The ONNX graph while it grows, layer by layer.

    Attributes:
        weights: what the package holds, by name.
    """

    weights: Mapping[str, Weights]
    nodes: list[Any] = field(default_factory=list)
    initializers: list[Any] = field(default_factory=list)

    def constant(self, name: str, values: NDArray[Any]) -> str:
        """Add an array to the file."""
        from onnx import numpy_helper  # noqa: PLC0415 - `reference` and `crop` do without

        self.initializers.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def node(self, operator: str, inputs: Sequence[str], output: str, **attributes: object) -> str:
        """Add an operator."""
        from onnx import helper  # noqa: PLC0415 - as above

        self.nodes.append(helper.make_node(operator, inputs, [output], name=output, **attributes))
        return output

    def array(self, name: str, axes: Sequence[int]) -> str:
        """One of the package's arrays with its axes in another order, as numbers."""
        found = self.weights[name]
        values = found.values.transpose(axes)
        if found.scale is None:
            return self.constant(name, values)
        steps = [
            self.constant(f"{name}/steps", values),
            self.constant(f"{name}/scale", np.array(found.scale, dtype=np.float32)),
            self.constant(f"{name}/zero", np.array(found.zero, dtype=np.uint8)),
        ]
        return self.node("DequantizeLinear", steps, name)

    def convolution(self, source: str, name: str, *, stride: int) -> str:
        """A convolution, plain or separable, whose kernels are stored as (rows, columns, in, out)."""
        # TensorFlow's "same" puts the odd row of padding last, which ONNX calls SAME_UPPER.
        window: dict[str, object] = {
            "kernel_shape": [3, 3],
            "strides": [stride, stride],
            "auto_pad": "SAME_UPPER",
        }
        bias = self.array(f"{name}/bias", [0])
        if f"{name}/filters" in self.weights:
            kernel = self.array(f"{name}/filters", [3, 2, 0, 1])
            return self.node("Conv", [source, kernel, bias], name, **window)
        stored = f"{name}/depthwise_filter"
        group = self.weights[stored].values.shape[2]
        depthwise = self.array(stored, [2, 3, 0, 1])
        middle = self.node("Conv", [source, depthwise], f"{name}/depthwise", group=group, **window)
        pointwise = self.array(f"{name}/pointwise_filter", [3, 2, 0, 1])
        return self.node("Conv", [middle, pointwise, bias], name, kernel_shape=[1, 1])

    def block(self, source: str, name: str) -> str:
        """A dense block: each convolution sees the sum of all before it (denseBlock4 in denseBlock.ts)."""
        first = self.convolution(source, f"{name}/conv0", stride=2)
        total = seen = self.node("Relu", [first], f"{name}/relu0")
        for number in (1, 2, 3):
            more = self.convolution(seen, f"{name}/conv{number}", stride=1)
            total = self.node("Add", [total, more], f"{name}/sum{number}")
            seen = self.node("Relu", [total], f"{name}/relu{number}")
        return seen


def convert(weights: Mapping[str, Weights]) -> bytes:
    """The net as ONNX, byte for byte the same at every run."""
    from onnx import TensorProto, checker, helper  # noqa: PLC0415 - as above

    graph = Graph(weights)
    last = "pixels"
    for number in range(BLOCKS):
        last = graph.block(last, f"dense{number}")
    # Its average over 7 x 7 is over all there is: four halvings of 112.
    pooled = graph.node("GlobalAveragePool", [last], "pool")
    flat = graph.node("Flatten", [pooled], "flat", axis=1)
    scores = [flat, graph.array("fc/weights", [0, 1]), graph.array("fc/bias", [0])]
    graph.node("Gemm", scores, "fc")
    graph.node("Softmax", ["fc"], "expressions", axis=1)
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "face_api",
            [helper.make_tensor_value_info("pixels", TensorProto.FLOAT, ["images", 3, SIDE, SIDE])],
            [helper.make_tensor_value_info("expressions", TensorProto.FLOAT, ["images", LABELS])],
            graph.initializers,
        ),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="scripts/convert_face_api.py",
        doc_string=f"Expression net of face-api.js by Vincent Mühler; weights from {PACKAGE} (MIT)",
    )
    checker.check_model(model, full_check=True)
    return bytes(model.SerializeToString(deterministic=True))


def reference_images() -> NDArray[np.uint8]:
    """Sixteen coloured pictures of 112 x 112 that are no faces: noise, gradients, discs, blurred blobs.

    Only sums, products and comparisons of exactly representable numbers go into them, besides numpy's
    seeded integers, so they are the same on every machine.
    """
    generator = np.random.default_rng(112)
    rows, columns = np.mgrid[0:SIDE, 0:SIDE]
    images = [np.stack([rows * 2, columns * 2, 255 - rows - columns], 2), np.full((SIDE, SIDE, 3), 128)]
    for radius in (12, 24, 36, 50):
        inside = ((rows - 56) ** 2 + (columns - 56) ** 2 < radius**2)[..., None]
        images.append(np.where(inside, generator.integers(90, 256, 3), generator.integers(0, 90, 3)))
    for size in (4, 7, 8, 14, 16):
        enlarged = np.ones((SIDE // size, SIDE // size, 1), int)
        blocks = np.kron(generator.integers(0, 256, (size, size, 3)), enlarged)
        blob = blocks
        for _ in range(4):
            blob = (blob + np.roll(blob, 3, 0) + np.roll(blob, 3, 1) + np.roll(blob, (3, 3), (0, 1))) // 4
        images += [blocks, blob]
    return np.stack(images).astype(np.uint8)


def ask_package(package: Path, command: str, images: NDArray[np.uint8]) -> dict[str, Any]:
    """What the package itself says of square RGB pictures; see face_api.mjs."""
    script = ["node", "--no-warnings", str(Path(__file__).with_name("face_api.mjs")), str(package), command]
    done = subprocess.run(
        [*script, str(images.shape[1])], input=images.tobytes(), stdout=subprocess.PIPE, check=True
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def write_reference(package: Path) -> None:
    """Run the net in the package's own runtime and keep what went in and what came out."""
    images = reference_images()
    answer = ask_package(package, "expressions", images)
    REFERENCE.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        REFERENCE,
        images=images,
        outputs=np.array(answer["rows"], dtype=np.float32),
        command=np.array("python scripts/convert_face_api.py reference"),
        runtime=np.array(answer["runtime"]),
        weights_sha256=np.array(SHA256[WEIGHTS]),
    )
    print(f"{REFERENCE.relative_to(ROOT)}: {len(images)} images, {answer['runtime']}")


def print_crop(package: Path) -> None:
    """The square about the median box that the package aligns in the embedded neutral faces."""
    from PIL import Image  # noqa: PLC0415 - needed by this command alone

    paths = sorted(FACES.rglob("neutral-*.webp"))
    faces = np.stack([np.asarray(Image.open(path).convert("RGB")) for path in paths])
    found = [row for row in ask_package(package, "boxes", faces)["rows"] if row is not None]
    left, top, width, height = np.median(np.array(found), axis=0)
    half, side = max(width, height) / 2, faces.shape[1]
    middle = np.array([left + width / 2, top + height / 2])
    crop = (np.concatenate([middle - half, middle + half]).round() / side).round(4)
    print(f"{len(found)} of {len(paths)} faces found; aligned box {width:.1f} x {height:.1f} at ", end="")
    print(f"({left:.1f}, {top:.1f}) of {side} pixels: crop {crop.tolist()}")


def main() -> None:
    """Convert, check, write the reference or print the crop."""
    parser = argparse.ArgumentParser(description="Rebuild the second embedded net from the face-api package.")
    parser.add_argument("command", nargs="?", choices=["convert", "reference", "crop"], default="convert")
    parser.add_argument("--source", type=Path, help=f"{PACKAGE} as a .tgz; without it npm downloads it")
    parser.add_argument(
        "--check", action="store_true", help="write nothing; exit 1 if the committed net differs"
    )
    arguments = parser.parse_args()

    with tempfile.TemporaryDirectory() as folder:
        package = unpack(arguments.source, Path(folder))
        if arguments.command == "reference":
            write_reference(package)
            return
        if arguments.command == "crop":
            print_crop(package)
            return
        net = convert(read_weights(package))
    keep_or_compare(net, NET, check=arguments.check)


if __name__ == "__main__":
    main()
