from __future__ import annotations

from pathlib import Path

import pytest

from fer_audit.models.external_data import external_files

EMBEDDED = Path(__file__).parents[3] / "fer_audit" / "models" / "mini_xception.onnx"


def varint(value: int) -> bytes:
    more = []
    while value > 0x7F:
        more.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*more, value])


def field(number: int, content: bytes) -> bytes:
    """A field with a length, as a protocol buffer has it."""
    return varint(number << 3 | 2) + varint(len(content)) + content


def entry(name: bytes, value: bytes) -> bytes:
    return field(1, name) + field(2, value)


TENSOR = field(8, b"weights") + field(13, entry(b"length", b"8")) + field(13, entry(b"location", b"w.bin"))

# Field numbers of onnx.proto3: every way from a model to a tensor.
WAYS = {
    "initializer": field(7, field(5, TENSOR)),
    "values of a sparse initializer": field(7, field(15, field(1, TENSOR))),
    "indices of a sparse initializer": field(7, field(15, field(2, TENSOR))),
    "constant": field(7, field(1, field(5, field(5, TENSOR)))),
    "list of constants": field(7, field(1, field(5, field(10, TENSOR)))),
    "sparse constant": field(7, field(1, field(5, field(22, field(1, TENSOR))))),
    "list of sparse constants": field(7, field(1, field(5, field(23, field(1, TENSOR))))),
    "branch": field(7, field(1, field(5, field(6, field(5, TENSOR))))),
    "list of branches": field(7, field(1, field(5, field(11, field(5, TENSOR))))),
    "function": field(25, field(7, field(5, field(5, TENSOR)))),
    "default of a function": field(25, field(11, field(5, TENSOR))),
    "training": field(20, field(1, field(5, TENSOR))),
    "training step": field(20, field(2, field(5, TENSOR))),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_file_outside_is_found_wherever_a_tensor_can_be(way: str) -> None:
    assert external_files(WAYS[way]) == ("w.bin",)


def test_a_net_in_one_piece_names_none() -> None:
    assert external_files(EMBEDDED.read_bytes()) == ()


def test_the_word_location_alone_means_nothing() -> None:
    metadata = field(14, entry(b"location", b"Geneva"))
    named = field(7, field(5, field(8, b"location") + field(9, entry(b"location", b"w.bin"))))
    assert external_files(metadata + named) == ()


def test_other_fields_are_stepped_over() -> None:
    fixed = varint(90 << 3 | 1) + bytes(8) + varint(91 << 3 | 5) + bytes(4) + varint(1 << 3) + varint(2**63)
    assert external_files(fixed + WAYS["initializer"] + fixed) == ("w.bin",)


def test_a_tag_of_more_than_32_bits_hides_nothing() -> None:
    tag = varint(1 << 35 | 7 << 3 | 2)
    graph = field(5, TENSOR)
    assert external_files(tag + varint(len(graph)) + graph) == ("w.bin",)


def test_a_thousand_branches_deep() -> None:
    graph = field(5, TENSOR)
    for _ in range(1000):
        graph = field(1, field(5, field(6, graph)))
    assert external_files(field(7, graph)) == ("w.bin",)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\x3b", "wire type 3 at byte 1"),
        (b"\x3a\x05abc", "a field at byte 1 ends after the message"),
        (b"\x3a\xff", "no number at byte 1"),
        (b"\x80" * 12, "no number at byte 0"),
        (b"\x09\x00", "a field at byte 1 ends after the message"),
    ],
)
def test_what_is_no_message_is_refused(content: bytes, reason: str) -> None:
    with pytest.raises(ValueError, match=f"^{reason}$"):
        external_files(content)
