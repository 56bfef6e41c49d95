"""Which files an ONNX network wants to read besides itself.

Tensors of an ONNX file may live in other files, named in it. onnxruntime 1.20, the oldest release supported,
opens any path so named, so a downloaded net could read the files of whoever runs it; later releases look at
the path first. Answers are also stored under the checksum of the one file. The names are therefore looked for
before onnxruntime sees the bytes; the field numbers are those of ``onnx.proto3``.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["external_files"]

_LOCATION = b"location"

# Message -> field -> message inside it, as far as a tensor can be reached; the rest is skipped unread.
_INSIDE: dict[str, dict[int, str]] = {
    "Model": {7: "Graph", 20: "Training", 25: "Function"},
    "Training": {1: "Graph", 2: "Graph"},
    "Function": {7: "Node", 11: "Attribute"},
    "Graph": {1: "Node", 5: "Tensor", 15: "SparseTensor"},
    "Node": {5: "Attribute"},
    "Attribute": {5: "Tensor", 6: "Graph", 10: "Tensor", 11: "Graph", 22: "SparseTensor", 23: "SparseTensor"},
    "SparseTensor": {1: "Tensor", 2: "Tensor"},
    "Tensor": {13: "Entry"},
    "Entry": {},
}


@dataclass(frozen=True, slots=True)
class _Field:
    """One field of a message: its number, and its bytes if it has a length."""

    number: int
    content: memoryview | None


def external_files(net: bytes) -> tuple[str, ...]:
    """Names of the files outside the net that its tensors refer to, sorted; empty for a net in one piece.

    >>> external_files(b"")
    ()

    Raises:
        ValueError: the bytes are no protocol buffer message.
    """
    names: set[str] = set()
    waiting = [("Model", memoryview(net))]
    while waiting:
        kind, message = waiting.pop()
        fields = _fields(message)
        if kind == "Entry":
            entry = {field.number: bytes(field.content) for field in fields if field.content is not None}
            if entry.get(1) == _LOCATION:
                names.add(entry.get(2, b"").decode("utf-8", "replace"))
            continue
        inside = _INSIDE[kind]
        waiting += [
            (inside[field.number], field.content)
            for field in fields
            if field.number in inside and field.content is not None
        ]
    return tuple(sorted(names))


def _fields(message: memoryview) -> list[_Field]:
    fields: list[_Field] = []
    at = 0
    while at < len(message):
        number = _varint(message, at)
        at = number.end
        # A reader of protocol buffers keeps 32 bits of a tag: what it would overlook must not hide a field.
        tag = number.value & 0xFFFFFFFF
        match tag & 7:
            case 0:
                end, content = _varint(message, at).end, None
            case 1:
                end, content = at + 8, None
            case 5:
                end, content = at + 4, None
            case 2:
                length = _varint(message, at)
                end = length.end + length.value
                content = message[length.end : end]
            case kind:
                raise ValueError(f"wire type {kind} at byte {at}")
        if end > len(message):
            raise ValueError(f"a field at byte {at} ends after the message")
        fields.append(_Field(tag >> 3, content))
        at = end
    return fields


@dataclass(frozen=True, slots=True)
class _Number:
    value: int
    end: int


def _varint(message: memoryview, start: int) -> _Number:
    value = 0
    for position in range(10):
        at = start + position
        if at >= len(message):
            break
        value |= (message[at] & 0x7F) << (7 * position)
        if not message[at] & 0x80:
            return _Number(value, at + 1)
    raise ValueError(f"no number at byte {start}")
