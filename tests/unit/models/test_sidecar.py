from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from fer_audit.errors import ConfigurationError
from fer_audit.models.sidecar import EXAMPLE, Sidecar, read_sidecar

if TYPE_CHECKING:
    from pathlib import Path

GREY: dict[str, object] = {
    "schema": 1,
    "width": 64,
    "height": 48,
    "channels": "grey",
    "layout": "nchw",
    "mean": [0.5],
    "std": [0.25],
    "labels": ["angry", "neutral"],
    "output": "softmax",
}


@pytest.fixture
def net(tmp_path: Path) -> Path:
    """A network file; only its name is looked at here."""
    return tmp_path / "net.onnx"


def write(net: Path, document: object) -> None:
    net.with_suffix(".json").write_text(json.dumps(document), encoding="utf-8")


def refusal(net: Path) -> str:
    with pytest.raises(ConfigurationError) as caught:
        read_sidecar(net)
    return str(caught.value)


def test_what_is_left_out_has_its_default(net: Path) -> None:
    write(net, GREY)
    assert read_sidecar(net) == Sidecar(
        width=64,
        height=48,
        channels="grey",
        layout="nchw",
        mean=(0.5,),
        std=(0.25,),
        labels=("angry", "neutral"),
        output="softmax",
        scale=255.0,
        crop=(0.0, 0.0, 1.0, 1.0),
        resampling="bilinear",
        note="",
    )


def test_every_field_is_read(net: Path) -> None:
    more = {"scale": 1, "crop": [0, 0.1, 0.9, 1], "resampling": "lanczos", "note": "from a paper"}
    write(net, GREY | more | {"channels": "bgr", "layout": "nhwc", "mean": [1, 2, 3], "std": [4, 5, 6]})
    sidecar = read_sidecar(net)
    assert (sidecar.scale, sidecar.crop, sidecar.resampling) == (1.0, (0.0, 0.1, 0.9, 1.0), "lanczos")
    assert (sidecar.mean, sidecar.std, sidecar.note) == ((1.0, 2.0, 3.0), (4.0, 5.0, 6.0), "from a paper")
    assert (sidecar.depth, sidecar.shape) == (3, (48, 64, 3))


def test_the_example_in_the_messages_is_complete(net: Path) -> None:
    write(net, json.loads(EXAMPLE))
    assert read_sidecar(net).shape == (3, 112, 112)


def test_no_sidecar_shows_one(net: Path) -> None:
    assert refusal(net) == (
        "net.onnx has no sidecar net.json beside it, so its pixels and labels cannot be known; write one, "
        f"for example:\n{EXAMPLE}"
    )


def test_a_sidecar_that_is_no_json(net: Path) -> None:
    net.with_suffix(".json").write_text("{'schema': 1}")
    assert refusal(net).startswith("sidecar net.json is not JSON (Expecting property name")
    assert refusal(net).endswith("correct it there")


def test_a_sidecar_that_is_no_text(net: Path) -> None:
    net.with_suffix(".json").write_bytes(b"\xff\xfe\x00")
    message = refusal(net)
    assert message.startswith("sidecar net.json cannot be read ('utf-8' codec can't decode")
    assert message.endswith("it must be a UTF-8 text file")


def test_a_sidecar_nested_without_end(net: Path) -> None:
    net.with_suffix(".json").write_text("[" * 200_000)
    assert refusal(net).startswith("sidecar net.json is not JSON (")


def test_a_sidecar_that_is_a_list(net: Path) -> None:
    write(net, ["angry"])
    assert refusal(net) == (
        f"sidecar net.json holds ['angry'], not an object; write one, for example:\n{EXAMPLE}"
    )


@pytest.mark.parametrize("field", list(GREY))
def test_a_field_that_is_missing_is_named(net: Path, field: str) -> None:
    write(net, {name: value for name, value in GREY.items() if name != field})
    assert refusal(net) == (
        f"sidecar net.json lacks {field!r}; a complete one reads, for example:\n{EXAMPLE}"
    )


def test_an_unknown_field_suggests_the_nearest(net: Path) -> None:
    write(net, GREY | {"heigth": 64})
    assert refusal(net).startswith(
        "sidecar net.json has an unknown field 'heigth'; did you mean 'height'? Known:"
    )


FRACTIONS = "[left, top, right, bottom] as fractions from 0 to 1 with left < right and top < bottom"


@pytest.mark.parametrize(
    ("field", "value", "wanted"),
    [
        ("schema", 2, "1, the only version this release reads"),
        ("schema", True, "1, the only version this release reads"),
        ("width", 0, "a whole number of pixels from 1 to 4096"),
        ("width", 64.0, "a whole number of pixels from 1 to 4096"),
        ("height", True, "a whole number of pixels from 1 to 4096"),
        ("height", 100_000, "a whole number of pixels from 1 to 4096"),
        ("channels", "gray", "one of grey, rgb, bgr"),
        ("channels", ["rgb"], "one of grey, rgb, bgr"),
        ("layout", "chw", "one of nchw, nhwc"),
        ("output", "argmax", "one of logits, softmax, probabilities"),
        ("resampling", "area", "one of nearest, bilinear, bicubic, lanczos"),
        ("mean", [0.5, 0.5, 0.5], "a list of 1 number, one for each channel of grey"),
        ("mean", 0.5, "a list of 1 number, one for each channel of grey"),
        ("std", ["0.5"], "a list of 1 number, one for each channel of grey"),
        ("std", [0.0], "above 0 in every channel"),
        ("scale", 0, "a number above 0, such as 255 for pixels that enter as 0 to 1"),
        ("scale", False, "a number above 0, such as 255 for pixels that enter as 0 to 1"),
        ("labels", "angry", "a list of words, one for each output in its order"),
        ("labels", ["angry", " "], "a list of words, one for each output in its order"),
        ("labels", ["angry"], "two words or more"),
        ("crop", [0, 0, 1], FRACTIONS),
        ("crop", [0.6, 0, 0.4, 1], FRACTIONS),
        ("crop", [0, 0, 64, 64], FRACTIONS),
        ("note", 3, "text"),
    ],
)
def test_a_wrong_field_says_what_it_must_be(net: Path, field: str, value: object, wanted: str) -> None:
    write(net, GREY | {field: value})
    assert refusal(net) == f"sidecar net.json: {field!r} is {value!r}; it must be {wanted}"


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_a_number_must_be_finite(net: Path, number: str) -> None:
    net.with_suffix(".json").write_text(json.dumps(GREY).replace("[0.5]", f"[{number}]"))
    assert refusal(net).endswith("it must be a list of 1 number, one for each channel of grey")


def test_a_colour_net_needs_three_numbers(net: Path) -> None:
    write(net, GREY | {"channels": "rgb"})
    assert refusal(net) == (
        "sidecar net.json: 'mean' is [0.5]; it must be a list of 3 numbers, one for each channel of rgb"
    )


def test_two_labels_of_one_meaning_are_refused(net: Path) -> None:
    write(net, GREY | {"labels": ["happy", "angry", "Joy"]})
    assert refusal(net) == (
        "sidecar net.json: labels 'happy' and 'Joy' both mean 'happiness'; each output needs a label of "
        "its own"
    )
