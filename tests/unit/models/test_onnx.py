from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from fer_audit.errors import ConfigurationError, ModelError
from fer_audit.models.onnx import onnx_model
from fer_audit.models.sidecar import EXAMPLE
from fer_audit.records import Answer, Recognizer
from fer_audit.vocabulary import AnswerKind

if TYPE_CHECKING:
    from collections.abc import Sequence

EMBEDDED = Path(__file__).parents[3] / "fer_audit" / "models" / "mini_xception.onnx"

FLOAT, HALF = 1, 10
FOUR = ("anger", "fear", "happiness", "sadness")


def varint(value: int) -> bytes:
    more = []
    while value > 0x7F:
        more.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*more, value])


def field(number: int, content: bytes | int | str) -> bytes:
    """One field of a protocol buffer: a number, or something with a length."""
    if isinstance(content, int):
        return varint(number << 3) + varint(content)
    data = content.encode() if isinstance(content, str) else content
    return varint(number << 3 | 2) + varint(len(data)) + data


def port(name: str, shape: Sequence[int | str], kind: int = FLOAT) -> bytes:
    dimensions = b"".join(field(1, field(1 if isinstance(size, int) else 2, size)) for size in shape)
    return field(1, name) + field(2, field(1, field(1, kind) + field(2, dimensions)))


def node(operator: str, source: str, target: str, domain: str = "") -> bytes:
    return field(1, source) + field(2, target) + field(4, operator) + (field(7, domain) if domain else b"")


def model(
    nodes: Sequence[bytes],
    inputs: Sequence[bytes],
    outputs: Sequence[bytes],
    initializers: Sequence[bytes] = (),
) -> bytes:
    """An ONNX file, written out by the field numbers of onnx.proto3 (IR 8, operators of version 17)."""
    graph = [
        *(field(1, part) for part in nodes),
        field(2, "graph"),
        *(field(5, part) for part in initializers),
        *(field(11, part) for part in inputs),
        *(field(12, part) for part in outputs),
    ]
    versions = field(8, field(2, 17)) + field(8, field(1, "com.example") + field(2, 1))
    return field(1, 8) + field(7, b"".join(graph)) + versions


def flat(shape: Sequence[int | str], outputs: Sequence[int | str]) -> bytes:
    """A net whose scores are its input, unrolled: what comes out shows how pictures go in."""
    return model([node("Flatten", "in", "out")], [port("in", shape)], [port("out", outputs)])


def save(folder: Path, net: bytes, **sidecar: object) -> Path:
    """A net for grey pictures of 2 x 2 with four labels, unless the sidecar says otherwise."""
    path = folder / "net.onnx"
    path.write_bytes(net)
    fields = {
        "schema": 1,
        "width": 2,
        "height": 2,
        "channels": "grey",
        "layout": "nchw",
        "mean": [0],
        "std": [1],
        "labels": FOUR,
        "output": "probabilities",
    }
    path.with_suffix(".json").write_text(json.dumps(fields | sidecar))
    return path


def load(path: Path, labels: tuple[str, ...] = FOUR) -> Recognizer:
    loaded = onnx_model("mine", path).load(labels)
    assert isinstance(loaded, Recognizer)
    return loaded


def ask(path: Path, *images: Image.Image, labels: tuple[str, ...] = FOUR) -> list[Answer]:
    answers = list(load(path, labels).recognize(images))
    assert all(isinstance(answer, Answer) for answer in answers)
    return [answer for answer in answers if isinstance(answer, Answer)]


def scores(answer: Answer) -> list[float]:
    return list(answer.scores.values())


def grey(*rows: Sequence[int]) -> Image.Image:
    return Image.fromarray(np.array(rows, dtype=np.uint8)).convert("RGB")


def refusal(path: Path, *images: Image.Image) -> str:
    with pytest.raises(ModelError) as caught:
        ask(path, *images)
    return str(caught.value)


class TestHowPicturesGoIn:
    def test_rows_and_columns_keep_their_places(self, tmp_path: Path) -> None:
        path = save(tmp_path, flat(["n", 1, 2, 2], ["n", 4]))
        (answer,) = ask(path, grey([0, 51], [102, 255]))
        assert scores(answer) == pytest.approx([0, 0.2, 0.4, 1])
        assert (answer.kind, answer.label) == (AnswerKind.ANSWERED, "sadness")

    def test_scale_mean_and_std(self, tmp_path: Path) -> None:
        path = save(tmp_path, flat(["n", 1, 2, 2], ["n", 4]), scale=2, mean=[20], std=[100])
        (answer,) = ask(path, grey([40, 80], [160, 240]))
        assert scores(answer) == pytest.approx([0, 0.2, 0.6, 1])

    @pytest.mark.parametrize(
        ("channels", "layout", "expected"),
        [
            ("rgb", "nchw", [0, 0.2, 0.4, 0.6, 0.8, 1]),
            ("bgr", "nchw", [0.8, 1, 0.4, 0.6, 0, 0.2]),
            ("rgb", "nhwc", [0, 0.4, 0.8, 0.2, 0.6, 1]),
            ("bgr", "nhwc", [0.8, 0.4, 0, 1, 0.6, 0.2]),
        ],
    )
    def test_channels_and_layout(
        self, tmp_path: Path, channels: str, layout: str, expected: list[float]
    ) -> None:
        # Two pixels beside each other: red 0 and 51, green 102 and 153, blue 204 and 255.
        image = Image.fromarray(np.array([[[0, 102, 204], [51, 153, 255]]], dtype=np.uint8))
        shape: list[int | str] = ["n", 3, 1, 2] if layout == "nchw" else ["n", 1, 2, 3]
        words = ["anger", "disgust", "fear", "happiness", "sadness", "surprise"]
        path = save(
            tmp_path,
            flat(shape, ["n", 6]),
            height=1,
            channels=channels,
            layout=layout,
            mean=[0, 0, 0],
            std=[1, 1, 1],
            labels=words,
        )
        (answer,) = ask(path, image)
        assert scores(answer) == pytest.approx(expected)

    def test_each_channel_has_its_own_mean(self, tmp_path: Path) -> None:
        image = Image.new("RGB", (5, 5), (51, 102, 153))
        path = save(
            tmp_path,
            flat(["n", 3, 1, 1], ["n", 3]),
            width=1,
            height=1,
            channels="rgb",
            mean=[0.1, 0.2, 0.4],
            std=[1, 0.5, 0.25],
            labels=FOUR[:3],
        )
        (answer,) = ask(path, image)
        assert scores(answer) == pytest.approx([0.1, 0.4, 0.8])

    def test_the_crop_is_cut_from_the_picture(self, tmp_path: Path) -> None:
        rows, columns = np.mgrid[0:10, 0:20]
        inside = (rows >= 2) & (rows < 6) & (columns >= 10) & (columns < 18)
        image = Image.fromarray(np.where(inside, 102, 255).astype(np.uint8))
        path = save(tmp_path, flat(["n", 1, 2, 2], ["n", 4]), crop=[0.5, 0.2, 0.9, 0.6])
        (answer,) = ask(path, image)
        assert scores(answer) == pytest.approx([0.4] * 4)

    @pytest.mark.parametrize("crop", [[0.9, 0.9, 1, 1], [0, 0, 0.1, 0.1]])
    def test_of_a_small_picture_a_crop_leaves_a_pixel(self, tmp_path: Path, crop: list[float]) -> None:
        path = save(tmp_path, flat(["n", 1, 2, 2], ["n", 4]), crop=crop)
        (answer,) = ask(path, grey([102, 102], [102, 102]))
        assert scores(answer) == pytest.approx([0.4] * 4)

    def test_each_size_of_picture_is_brought_to_the_net(self, tmp_path: Path) -> None:
        path = save(tmp_path, flat(["n", 1, 2, 2], ["n", 4]))
        answers = ask(path, *(Image.new("L", size, 102) for size in [(2, 2), (1, 1), (301, 7), (640, 480)]))
        assert [scores(answer) for answer in answers] == [pytest.approx([0.4] * 4)] * 4


class TestWhatComesOut:
    def test_logits_become_probabilities(self, tmp_path: Path) -> None:
        path = save(tmp_path, flat(["n", 1, 2, 2], ["n", 4]), output="logits", scale=1)
        (answer,) = ask(path, grey([3, 1], [2, 250]))
        assert scores(answer) == pytest.approx([0, 0, 0, 1])
        (answer,) = ask(path, grey([3, 1], [2, 0]))
        total = sum(np.exp([3, 1, 2, 0]))
        assert scores(answer) == pytest.approx([np.exp(logit) / total for logit in (3, 1, 2, 0)])

    def test_large_logits_do_not_overflow(self, tmp_path: Path) -> None:
        path = save(tmp_path, flat(["n", 1, 2, 2], ["n", 4]), output="logits", scale=0.1)
        (answer,) = ask(path, grey([255, 255], [0, 0]))
        assert scores(answer) == pytest.approx([0.5, 0.5, 0, 0])

    @pytest.mark.parametrize(
        ("dataset", "expected"),
        [
            (("anger", "happiness"), ["anger", "happiness", "concentrating"]),
            (("Happy", "ANGRY", "neutral"), ["ANGRY", "Happy", "concentrating"]),
            (("joy", "Concentrating"), ["anger", "joy", "Concentrating"]),
            # Its own spelling goes before a synonym.
            (("happiness", "happy", "angry"), ["angry", "happy", "concentrating"]),
            (("smile", "frown"), ["anger", "happiness", "concentrating"]),
        ],
    )
    def test_answers_are_spelled_as_the_dataset_does(
        self, tmp_path: Path, dataset: tuple[str, ...], expected: list[str]
    ) -> None:
        net = flat(["n", 1, 1, 3], ["n", 3])
        path = save(tmp_path, net, width=3, height=1, labels=["angry", "happy", "concentrating"])
        images = [grey(row) for row in (np.eye(3, dtype=int) * 255).tolist()]
        answers = ask(path, *images, labels=dataset)
        assert [answer.label for answer in answers] == expected
        assert list(answers[0].scores) == expected

    def test_many_pictures_keep_their_order(self, tmp_path: Path) -> None:
        path = save(tmp_path, flat(["n", 1, 2, 2], ["n", 4]))
        answers = ask(path, *(grey([value, 0], [0, 0]) for value in range(150)))
        assert [round(255 * answer.scores["anger"]) for answer in answers] == list(range(150))

    @pytest.mark.parametrize("size", [1, 4])
    def test_a_net_fixed_to_a_batch_size_is_fed_in_that_size(self, tmp_path: Path, size: int) -> None:
        path = save(tmp_path, flat([size, 1, 2, 2], [size, 4]))
        answers = ask(path, *(grey([value, 0], [0, 0]) for value in range(70)))
        assert [round(255 * answer.scores["anger"]) for answer in answers] == list(range(70))


class TestWhatIsRefused:
    def test_no_file(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigurationError) as caught:
            onnx_model("mine", tmp_path / "net.onnx")
        assert str(caught.value) == (
            f"model 'mine': there is no file {tmp_path / 'net.onnx'}; give the path of an .onnx file"
        )

    def test_no_sidecar(self, tmp_path: Path) -> None:
        (tmp_path / "net.onnx").write_bytes(b"")
        with pytest.raises(ConfigurationError) as caught:
            onnx_model("mine", tmp_path / "net.onnx")
        assert str(caught.value) == (
            "net.onnx has no sidecar net.json beside it, so its pixels and labels cannot be known; write "
            f"one, for example:\n{EXAMPLE}"
        )

    def test_a_file_that_vanished(self, tmp_path: Path) -> None:
        path = save(tmp_path, flat(["n", 1, 2, 2], ["n", 4]))
        spec = onnx_model("mine", path)
        path.unlink()
        with pytest.raises(ModelError) as caught:
            spec.load(FOUR)
        assert str(caught.value) == (
            "model 'mine': net.onnx cannot be read (No such file or directory); check the file"
        )

    @pytest.mark.parametrize(
        ("content", "reason"),
        [
            (b"\x89PNG\r\n\x1a\n", "a field at byte 2 ends after the message"),
            (b"<html>not found</html>", "wire type 4 at byte 1"),
            (EMBEDDED.read_bytes()[:1000], "a field at byte 124 ends after the message"),
        ],
    )
    def test_what_is_no_net(self, tmp_path: Path, content: bytes, reason: str) -> None:
        assert refusal(save(tmp_path, content)) == (
            f"model 'mine': net.onnx is no ONNX file ({reason}); export the net again"
        )

    def test_an_empty_file(self, tmp_path: Path) -> None:
        message = refusal(save(tmp_path, b""))
        assert message.startswith("model 'mine': onnxruntime ")
        assert "cannot load net.onnx (" in message

    def test_an_operator_nobody_knows(self, tmp_path: Path) -> None:
        custom = node("Mystery", "in", "out", domain="com.example")
        message = refusal(
            save(tmp_path, model([custom], [port("in", ["n", 1, 2, 2])], [port("out", ["n", 4])]))
        )
        assert message.startswith("model 'mine': onnxruntime ")
        assert "Mystery" in message
        assert message.endswith("export the net again with standard operators")

    @pytest.mark.parametrize("location", ["weights.bin", "../secret", "/etc/passwd", "*/_ORT_MEM_ADDR_/*"])
    def test_weights_in_another_file(self, tmp_path: Path, location: str) -> None:
        entries = {"location": location, "offset": "0", "length": "16"}
        tensor = b"".join(
            [
                field(1, 4),
                field(2, FLOAT),
                field(8, "w"),
                *(field(13, field(1, name) + field(2, value)) for name, value in entries.items()),
                field(14, 1),
            ]
        )
        add = field(1, "in") + field(1, "w") + field(2, "out") + field(4, "Add")
        (tmp_path / "weights.bin").write_bytes(bytes(16))
        net = model([add], [port("in", ["n", 4])], [port("out", ["n", 4])], [tensor])
        assert refusal(save(tmp_path, net)) == (
            f"model 'mine': net.onnx keeps weights in other files ({location!r}), which are not read: save "
            "the net in one piece, e.g. onnx.save(net, path, save_as_external_data=False)"
        )

    @pytest.mark.parametrize(
        "shape", [["n", 1, 2, 3], ["n", 2, 2, 1], ["n", 3, 2, 2], ["n", 4], ["n", 1, 1, 2, 2]]
    )
    def test_an_input_that_contradicts_the_sidecar(self, tmp_path: Path, shape: list[int | str]) -> None:
        assert refusal(save(tmp_path, flat(shape, ["n", "m"]))) == (
            f"model 'mine' cannot be used: its input has shape {shape}, but its sidecar says "
            "['images', 1, 2, 2] (nchw, grey); correct width, height, channels or layout there"
        )

    def test_an_input_of_another_type(self, tmp_path: Path) -> None:
        net = model(
            [node("Flatten", "in", "out")],
            [port("in", ["n", 1, 2, 2], HALF)],
            [port("out", ["n", 4], HALF)],
        )
        assert refusal(save(tmp_path, net)) == (
            "model 'mine' cannot be used: its input is tensor(float16); export it with an input of "
            "32-bit floats"
        )

    def test_two_outputs(self, tmp_path: Path) -> None:
        net = model(
            [node("Flatten", "in", "out"), node("Flatten", "in", "also")],
            [port("in", ["n", 1, 2, 2])],
            [port("out", ["n", 4]), port("also", ["n", 4])],
        )
        assert refusal(save(tmp_path, net)) == (
            "model 'mine' cannot be used: it has 1 inputs and 2 outputs; export it with one of each: "
            "pictures in, a score for each label out"
        )

    # The number is declared in the file, or shows only when a picture is asked.
    @pytest.mark.parametrize("outputs", [["n", 4], ["n", "m"]])
    def test_another_number_of_outputs_than_labels(self, tmp_path: Path, outputs: list[int | str]) -> None:
        path = save(tmp_path, flat(["n", 1, 2, 2], outputs), labels=FOUR[:3])
        assert refusal(path, grey([0, 0], [0, 0])) == (
            "model 'mine' cannot be used: it has 4 outputs, but its sidecar names 3 labels (anger, fear, "
            "happiness); name each output there, in the order of training"
        )

    def test_an_output_that_is_not_a_row_a_picture(self, tmp_path: Path) -> None:
        axis = field(1, "axis") + field(3, 0) + field(20, 2)
        unrolled = node("Flatten", "in", "out") + field(5, axis)
        net = model([unrolled], [port("in", ["n", 1, 2, 2])], [port("out", ["a", "b"])])
        images = [grey([0, 0], [0, 0])] * 4
        assert refusal(save(tmp_path, net), *images) == (
            "model 'mine' cannot be used: it gave an output of shape (1, 16) for 4 pictures; export it with "
            "one row of scores a picture"
        )

    def test_scores_that_do_not_sum_to_one(self, tmp_path: Path) -> None:
        path = save(tmp_path, flat(["n", 1, 2, 2], ["n", 4]), output="softmax")
        assert refusal(path, grey([255, 0], [0, 0]), grey([255, 255], [0, 0])) == (
            "model 'mine' cannot be used: it gave scores that sum to 2, but its sidecar says 'softmax'; "
            "write 'probabilities' there if each score stands by itself"
        )

    @pytest.mark.parametrize("output", ["softmax", "probabilities"])
    @pytest.mark.parametrize(("brightest", "scores_from"), [(255, "-2 to 2"), (153, "-2 to 0.4")])
    def test_scores_that_are_no_probabilities(
        self, tmp_path: Path, output: str, brightest: int, scores_from: str
    ) -> None:
        path = save(tmp_path, flat(["n", 1, 2, 2], ["n", 4]), output=output, mean=[0.5], std=[0.25])
        assert refusal(path, grey([brightest, 0], [0, 0])) == (
            f"model 'mine' cannot be used: it gave scores from {scores_from}, but its sidecar says {output!r}; "
            "write 'logits' there if softmax is still to be applied"
        )

    def test_scores_that_are_no_numbers(self, tmp_path: Path) -> None:
        roots = [node("Sqrt", "in", "roots"), node("Flatten", "roots", "out")]
        net = model(roots, [port("in", ["n", 1, 2, 2])], [port("out", ["n", 4])])
        path = save(tmp_path, net, output="logits", mean=[0.5])
        assert refusal(path, grey([255, 0], [0, 0])) == (
            "model 'mine' cannot be used: it gave nan as a score; check scale, mean and std in the sidecar, "
            "and the weights"
        )

    def test_a_net_that_fails_on_a_picture(self, tmp_path: Path) -> None:
        five = b"".join(field(1, size) for size in (5, 1, 1, 1))
        tensor = five + field(2, FLOAT) + field(8, "five") + field(9, bytes(20))
        add = field(1, "in") + field(1, "five") + field(2, "sum") + field(4, "Add")
        net = model(
            [add, node("Flatten", "sum", "out")],
            [port("in", ["n", 1, 2, 2])],
            [port("out", ["m", 4])],
            [tensor],
        )
        message = refusal(save(tmp_path, net), *[grey([0, 0], [0, 0])] * 2)
        assert message.startswith("model 'mine': onnxruntime ")
        assert " failed on 2 pictures (" in message
        assert message.endswith("check the net's input against its sidecar")


class TestDescription:
    def test_it_names_what_the_answers_depend_on(self, tmp_path: Path) -> None:
        spec = onnx_model("mine", save(tmp_path, flat(["n", 1, 2, 2], ["n", 4]), crop=[0.1, 0, 0.9, 1]))
        assert spec.describe is not None
        description = dict(spec.describe())
        assert len(description.pop("weights")) == 64
        assert description == {
            "input": "2 x 2 grey nchw",
            "normalisation": "(p / 255.0 - [0.0]) / [1.0]",
            "labels": "anger, fear, happiness, sadness",
            "output": "probabilities",
            "crop": "[0.1, 0.0, 0.9, 1.0]",
            "resampling": "bilinear",
            "preprocessing": "1",
        }

    @pytest.mark.parametrize(
        "change",
        [
            {"mean": [0.1]},
            {"std": [1.0000001]},
            {"scale": 254},
            {"labels": FOUR[::-1]},
            {"output": "logits"},
            {"crop": [0, 0, 0.999, 1]},
            {"resampling": "nearest"},
            {"channels": "rgb", "mean": [0, 0, 0], "std": [1, 1, 1]},
            {"layout": "nhwc"},
            {"width": 3},
            {"height": 3},
        ],
    )
    def test_it_changes_with_every_field_of_the_sidecar(
        self, tmp_path: Path, change: dict[str, object]
    ) -> None:
        net = flat(["n", 1, 2, 2], ["n", 4])
        before = onnx_model("mine", save(tmp_path, net)).describe
        after = onnx_model("mine", save(tmp_path, net, **change)).describe
        assert before is not None
        assert after is not None
        assert before() != after()

    def test_it_changes_with_the_weights_but_not_with_a_note(self, tmp_path: Path) -> None:
        net = flat(["n", 1, 2, 2], ["n", 4])
        first = onnx_model("mine", save(tmp_path, net)).describe
        assert first is not None
        before = first()
        noted = onnx_model("yours", save(tmp_path, net, note="from a paper")).describe
        assert noted is not None
        assert noted() == before
        (tmp_path / "net.onnx").write_bytes(net + field(2, "another producer"))
        assert first()["weights"] != before["weights"]
        assert {**first(), "weights": ""} == {**before, "weights": ""}
