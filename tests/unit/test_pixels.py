from __future__ import annotations

import io
import os
import struct
import sys
import threading
import tracemalloc
import zlib
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from fer_audit.errors import ImageError
from fer_audit.pixels import MAX_BYTES, decode, read_image_file

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

FORMATS = ["JPEG", "PNG", "WEBP", "BMP", "TIFF"]


def gradient(width: int = 48, height: int = 32) -> Image.Image:
    rows, columns = np.mgrid[0:height, 0:width]
    return Image.fromarray(np.stack([rows * 4, columns * 4, rows + columns], axis=2).astype(np.uint8))


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def pixels(image: Image.Image) -> NDArray[np.uint8]:
    return np.asarray(image)


def refusal(data: bytes) -> str:
    with pytest.raises(ImageError) as caught:
        decode(data, name="a/b.png")
    return str(caught.value)


def png_header(width: int, height: int) -> bytes:
    """A PNG that claims a size, with next to nothing behind it."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content))
            + kind
            + content
            + struct.pack(">I", zlib.crc32(kind + content))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(64)))


def bmp_header(width: int, height: int) -> bytes:
    return struct.pack("<2sIHHI", b"BM", 54, 0, 0, 54) + struct.pack(
        "<IiiHHIIiiII", 40, width, height, 1, 24, 0, 0, 0, 0, 0, 0
    )


def webp_header(width: int, height: int) -> bytes:
    """A lossless WebP (RFC 9649): a signature, then 14 bits for each side less one."""
    content = b"\x2f" + struct.pack("<I", (width - 1) | (height - 1) << 14) + bytes(51)
    chunk = b"VP8L" + struct.pack("<I", len(content)) + content
    return b"RIFF" + struct.pack("<I", 4 + len(chunk)) + b"WEBP" + chunk


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_comes_out_as_rgb_without_metadata(kind: str) -> None:
    image = decode(encoded(gradient(), kind, dpi=(300, 300)), name="a")
    assert (image.mode, image.size, image.info, type(image)) == ("RGB", (48, 32), {}, Image.Image)
    assert len(image.getexif()) == 0
    tolerance = 0 if kind in {"PNG", "BMP", "TIFF"} else 24
    assert np.abs(pixels(image).astype(int) - pixels(gradient()).astype(int)).max() <= tolerance


@pytest.mark.parametrize("mode", ["L", "1", "P", "CMYK", "YCbCr"])
def test_other_colour_models_become_rgb(mode: str) -> None:
    kind = "TIFF" if mode in {"CMYK", "YCbCr"} else "PNG"
    image = gradient().convert(mode)
    assert np.array_equal(pixels(decode(encoded(image, kind), name="a")), pixels(image.convert("RGB")))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_is_turned_upright(orientation: int) -> None:
    # EXIF 2.32, 4.6.4 A: where the visual top and left edge are in the stored rows and columns.
    upright = pixels(gradient())
    stored = {
        1: upright,
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: upright.transpose(1, 0, 2),
        6: upright.transpose(1, 0, 2)[::-1],
        7: upright.transpose(1, 0, 2)[::-1, ::-1],
        8: upright.transpose(1, 0, 2)[:, ::-1],
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encoded(Image.fromarray(stored), "PNG", exif=exif)
    image = decode(data, name="a")
    assert np.array_equal(pixels(image), upright)
    assert len(image.getexif()) == 0


def test_the_transparent_is_white_whatever_colour_lies_hidden() -> None:
    layer = np.zeros((4, 4, 4), dtype=np.uint8)
    layer[..., 0] = 200
    layer[:2, :, 3] = 255
    image = pixels(decode(encoded(Image.fromarray(layer, "RGBA"), "PNG"), name="a"))
    assert image[0, 0].tolist() == [200, 0, 0]
    assert image[3, 0].tolist() == [255, 255, 255]


@pytest.mark.parametrize("header", [png_header, bmp_header])
def test_a_decompression_bomb_is_refused_by_its_header(
    header: type[png_header] if False else object,
) -> None:
    assert callable(header)
