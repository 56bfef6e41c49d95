from __future__ import annotations

import io
import struct
import threading
import tracemalloc
import warnings
import zlib
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from fer_audit.errors import ImageError
from fer_audit.pixels import MAX_BYTES, decode

if TYPE_CHECKING:
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
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
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


@pytest.mark.parametrize("mode", ["L", "1", "P", "CMYK"])
def test_other_colour_models_become_rgb(mode: str) -> None:
    kind = "TIFF" if mode == "CMYK" else "PNG"
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


@pytest.mark.parametrize(
    ("data", "size"),
    [
        (png_header(60_000, 60_000), "3600000000 pixels"),
        (bmp_header(60_000, 60_000), "3600000000 pixels"),
        (webp_header(16_383, 16_383), "268402689 pixels"),
        # Between the size at which Pillow warns and the size at which it refuses.
        (png_header(10_000, 10_000), "100000000 pixels"),
        # Below both, but above what is decoded here.
        (png_header(8_000, 5_001), "8000 x 5001 pixels"),
        (png_header(40_000_001, 1), "40000001 x 1 pixels"),
    ],
)
def test_a_decompression_bomb_is_refused_by_its_header(data: bytes, size: str) -> None:
    tracemalloc.start()
    try:
        message = refusal(data)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert message == f"image 'a/b.png' has more than 40 megapixels ({size}); save it smaller"
    assert peak < 2**24


def test_the_largest_size_is_decoded() -> None:
    data = encoded(Image.new("L", (8_000, 5_000)), "PNG")
    assert decode(data, name="a").size == (8_000, 5_000)


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("kept", [0.3, 0.6, 0.9])
def test_a_picture_that_was_cut_off_is_refused(kind: str, kept: float) -> None:
    noise = np.random.default_rng(5).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    data = encoded(Image.fromarray(noise), kind)
    message = refusal(data[: int(kept * len(data))])
    assert message.startswith("image 'a/b.png' is cut off or broken (")
    assert message.endswith("); fetch or export it again")


def test_noise_in_the_file_is_a_picture_or_an_image_error() -> None:
    generator = np.random.default_rng(11)
    refused = 0
    for kind in FORMATS:
        data = encoded(gradient(), kind)
        for _ in range(60):
            broken = bytearray(data)
            for place in generator.integers(0, len(data), 6):
                broken[place] = int(generator.integers(0, 256))
            try:
                assert decode(bytes(broken), name="a").mode == "RGB"
            except ImageError:
                refused += 1
    assert refused > 50


@pytest.mark.parametrize(
    ("data", "begins"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "b'<svg xml'"),
        (encoded(Image.new("RGB", (8, 8)), "GIF"), "b'GIF87a\\x08\\x00'"),
        (encoded(Image.new("RGB", (8, 8)), "PPM"), "b'P6\\n8 8\\n2'"),
        (b"%!PS-Adobe-3.0 EPSF-3.0", "b'%!PS-Ado'"),
    ],
)
def test_other_formats_are_refused_by_their_content(data: bytes, begins: str) -> None:
    assert refusal(data) == (
        f"image 'a/b.png' is no JPEG, PNG, WebP, BMP or TIFF by its content (it begins with {begins}); "
        "convert it to one of these"
    )


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF"])
def test_several_frames_are_refused(kind: str) -> None:
    frames = [gradient(), Image.new("RGB", (48, 32), "red")]
    data = encoded(frames[0], kind, save_all=True, append_images=frames[1:])
    assert refusal(data) == (
        "image 'a/b.png' has several frames, and which one is meant is not known; save the one as a file"
    )


def test_several_pictures_in_one_jpeg_are_refused() -> None:
    data = encoded(gradient(), "MPO", save_all=True, append_images=[gradient()])
    assert "has several frames" in refusal(data)


def test_more_than_eight_bits_are_refused() -> None:
    deep = Image.fromarray(np.arange(4096, dtype=np.uint16).reshape(64, 64) * 16)
    message = refusal(encoded(deep, "PNG"))
    assert message.startswith("image 'a/b.png' has pixels of mode 'I")
    assert message.endswith(
        "which 8 bits cannot show without a choice of scale; save it with 8 bits a channel"
    )


def test_an_empty_file_is_refused() -> None:
    assert refusal(b"") == "image 'a/b.png' is empty (0 bytes); fetch or export it again"


def test_too_many_bytes_are_refused() -> None:
    data = encoded(gradient(), "PNG") + bytes(MAX_BYTES)
    assert refusal(data) == f"image 'a/b.png' has more than 20 MB ({len(data):,} bytes); save it smaller"


def test_threads_may_decode_at_once() -> None:
    data = encoded(gradient(), "PNG")
    filters = list(warnings.filters)
    found: list[bool] = []
    threads = [
        threading.Thread(target=lambda: found.extend(decode(data, name="a").mode == "RGB" for _ in range(40)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 160
    assert list(warnings.filters) == filters
