"""Pictures to fill a tree with: rendered faces, encoded small, no two files with the same bytes.

What is read of the package is the embedded pictures' own listing and files, as bytes, and none of its code.
"""

from __future__ import annotations

import csv
import struct
import zlib
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path, PurePosixPath

from PIL import Image

__all__ = ["Sitter", "grey", "portrait"]

_FACES = Path(__file__).resolve().parents[3] / "fer_audit" / "datasets" / "rendered_faces"
_SIDE = 64
_FORMATS = {".bmp": "BMP", ".jpeg": "JPEG", ".jpg": "JPEG", ".png": "PNG", ".tif": "TIFF", ".tiff": "TIFF"}
# Monk skin tones that the embedded faces are rendered in; which goes with which group is a choice, the same
# everywhere, so that an audit has something to find.
_TONES = {"asian": "4", "black": "8", "hispanic": "6", "indian": "6", "moroccan": "6", "white": "2"}
_ANY_TONE = "4"


@dataclass(frozen=True, slots=True)
class Sitter:
    """Who is rendered in place of a person of the set.

    Attributes:
        number: counts the set's people of one gender; 24 rendered identities a gender take turns.
        gender: female or male.
        race: decides the skin tone.
    """

    number: int
    gender: str
    race: str


def portrait(file: str, sitter: Sitter, expression: str) -> bytes:
    """A rendered face in the format that the file's suffix names; unique to the file's name.

    Args:
        file: where it will lie; its name is carried where no pixel changes.
        sitter: who is rendered.
        expression: what they show; an expression that was not rendered is neutral.
    """
    kind = _FORMATS[PurePosixPath(file).suffix.casefold()]
    return _tagged(_encoded(_source(sitter, expression), kind), kind, file.encode())


def grey(sitter: Sitter, expression: str, side: int) -> bytes:
    """The brightness of each pixel of a rendered face, row by row.

    Args:
        sitter: who is rendered.
        expression: what they show; an expression that was not rendered is neutral.
        side: pixels a side.
    """
    return _grey(_source(sitter, expression), side)


def _source(sitter: Sitter, expression: str) -> str:
    listing = _listing()
    tone = _TONES.get(sitter.race, _ANY_TONE)
    turns = listing[sitter.gender, tone]
    shown = turns[sitter.number % len(turns)]
    return shown.get(expression, shown["neutral"])


@cache
def _listing() -> dict[tuple[str, str], list[dict[str, str]]]:
    """For each gender and tone, the pictures of each identity by expression."""
    people: dict[tuple[str, str], dict[str, dict[str, str]]] = {}
    with (_FACES / "manifest.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            same = people.setdefault((row["sex_morph"], row["skin_tone"]), {})
            same.setdefault(row["identity"], {})[row["expression"]] = row["image"]
    return {group: list(identities.values()) for group, identities in people.items()}


@cache
def _encoded(source: str, kind: str) -> bytes:
    stream = BytesIO()
    _opened(source, _SIDE).save(stream, kind)
    return stream.getvalue()


@cache
def _grey(source: str, side: int) -> bytes:
    return _opened(source, side).convert("L").tobytes()


def _opened(source: str, side: int) -> Image.Image:
    with Image.open(_FACES / source) as image:
        return image.convert("RGB").resize((side, side), Image.Resampling.BOX)


def _tagged(content: bytes, kind: str, tag: bytes) -> bytes:
    """The same picture with a remark in the file."""
    if kind == "JPEG":
        return content[:2] + b"\xff\xfe" + struct.pack(">H", len(tag) + 2) + tag + content[2:]
    if kind == "PNG":
        chunk = b"tEXt" + b"Comment\0" + tag
        checked = struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
        return content[:-12] + checked + content[-12:]
    # BMP and TIFF say where their pixels are; what stands behind these is nobody's.
    return content + tag
