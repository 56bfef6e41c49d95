"""Any expression net in an ONNX file, and the embedded ones: from pictures to answers with scores."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import onnxruntime

from fer_audit.errors import ConfigurationError, ModelError, first_line
from fer_audit.models.external_data import external_files
from fer_audit.models.onnx_recognizer import PREPROCESSING, OnnxRecognizer
from fer_audit.models.sidecar import Sidecar, read_sidecar
from fer_audit.models.specification import ModelSpec
from fer_audit.models.spelling import spelled_as_asked

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["face_api", "mini_xception", "onnx_model"]


def onnx_model(name: str, path: Path) -> ModelSpec:
    """The expression net in ``NET.onnx``, described by the ``NET.json`` beside it.

    The description holds the checksum of the weights and every field of the sidecar that the answers depend
    on, but neither the name, nor the path, nor the version of onnxruntime: the same net gives the same scores
    to 1e-4 in every version, so that an upgrade leaves answers and baselines valid.

    Args:
        name: short name of the model.
        path: the network file.

    Raises:
        ConfigurationError: the file or its sidecar is missing, or the sidecar is wrong. What is inside the
            file shows only when the model is loaded.
    """
    if not path.is_file():
        raise ConfigurationError(f"model {name!r}: there is no file {path}; give the path of an .onnx file")
    net = _Net(name, path, read_sidecar(path))
    return ModelSpec(name=name, load=net.load, describe=net.describe, labels=net.sidecar.labels)


def mini_xception() -> ModelSpec:
    """The embedded model: mini-XCEPTION (Arriaga et al. 2017, arXiv:1710.07557), trained on FER2013.

    58,423 parameters, 64 x 64 grey, seven expressions. Its crop is made for the embedded rendered faces.
    """
    return _embedded("mini-xception", "mini_xception.onnx")


def face_api() -> ModelSpec:
    """The second embedded model: the expression net of face-api.js (Vincent Mühler, Vladimir Mandic).

    323,687 parameters, most of 8 bits, 112 x 112 RGB, seven expressions. Its crop is made for the embedded
    rendered faces.
    """
    return _embedded("face-api", "face_api.onnx")


def _embedded(name: str, file: str) -> ModelSpec:
    return onnx_model(name, Path(str(files(__package__).joinpath(file))))


@dataclass(frozen=True, slots=True)
class _Net:
    """A network file that has been found, not opened."""

    name: str
    path: Path
    sidecar: Sidecar

    def describe(self) -> Mapping[str, str]:
        sidecar = self.sidecar
        return {
            "weights": sha256(self.content()).hexdigest(),
            "input": f"{sidecar.width} x {sidecar.height} {sidecar.channels} {sidecar.layout}",
            "normalisation": f"(p / {sidecar.scale!r} - {_listed(sidecar.mean)}) / {_listed(sidecar.std)}",
            "labels": ", ".join(sidecar.labels),
            "output": sidecar.output,
            "crop": _listed(sidecar.crop),
            "resampling": sidecar.resampling,
            "preprocessing": PREPROCESSING,
        }

    def content(self) -> bytes:
        try:
            return self.path.read_bytes()
        except OSError as error:
            raise ModelError(
                f"model {self.name!r}: {self.path.name} cannot be read ({error.strerror}); check the file"
            ) from error

    def load(self, labels: tuple[str, ...]) -> OnnxRecognizer:
        content = self.content()
        session = _open(self.name, self.path.name, content)
        return OnnxRecognizer(self.name, session, self.sidecar, spelled_as_asked(self.sidecar.labels, labels))


def _listed(numbers: Sequence[float]) -> str:
    return f"[{', '.join(map(repr, numbers))}]"


def _open(name: str, file: str, content: bytes) -> onnxruntime.InferenceSession:
    """A session on the bytes whose checksum is known: nothing else is read."""
    try:
        outside = external_files(content)
    except ValueError as error:
        raise ModelError(f"model {name!r}: {file} is no ONNX file ({error}); export the net again") from error
    if outside:
        named = ", ".join(map(repr, outside[:3]))
        raise ModelError(
            f"model {name!r}: {file} keeps weights in other files ({named}), which are not read: save "
            "the net in one piece, e.g. onnx.save(net, path, save_as_external_data=False)"
        )
    options = onnxruntime.SessionOptions()
    # One thread: sums are taken in one order, so that a picture has the same scores at every run, and several
    # audits side by side do not contend for the cores.
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.use_deterministic_compute = True
    # What goes wrong is in the exception; nothing is to be written to the terminal beside it.
    options.log_severity_level = 4
    options.add_session_config_entry("session.load_model_format", "ONNX")
    try:
        # On failure onnxruntime would print, and try the same again.
        return onnxruntime.InferenceSession(
            content, options, providers=["CPUExecutionProvider"], enable_fallback=0
        )
    except Exception as error:
        raise ModelError(
            f"model {name!r}: onnxruntime {onnxruntime.__version__} cannot load {file} "
            f"({first_line(error)}); export the net again with standard operators"
        ) from error
