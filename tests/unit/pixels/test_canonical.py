from __future__ import annotations

import io
from hashlib import sha256

import numpy as np
import pytest
from PIL import Image, JpegImagePlugin, PngImagePlugin

from fer_audit.pixels import CANONICAL, canonical, decode


def scene(width: int, height: int) -> Image.Image:
    coarse = np.random.default_rng(17).integers(0, 256, (12, 12, 3), dtype=np.uint8)
    return Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)


def sent(image: Image.Image) -> Image.Image:
    opened = Image.open(io.BytesIO(canonical(image)))
    opened.load()
    return opened


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((2444, 1718), (512, 360)),
        ((1718, 2444), (360, 512)),
        ((513, 513), (512, 512)),
        ((512, 512), (512, 512)),
        ((224, 224), (224, 224)),
        ((100, 512), (100, 512)),
        ((1, 1), (1, 1)),
        ((5000, 2), (512, 1)),
    ],
)
def test_the_longer_side_has_at_most_512_pixels(size: tuple[int, int], expected: tuple[int, int]) -> None:
    assert sent(scene(*size)).size == expected


@pytest.mark.parametrize("side", [96, 512, 800])
def test_what_is_sent_looks_like_the_picture(side: int) -> None:
    image = scene(side, side)
    shown = np.asarray(sent(image), dtype=int)
    wanted = np.asarray(image.resize(shown.shape[:2], Image.Resampling.LANCZOS), dtype=int)
    assert np.abs(shown - wanted).mean() < 2
    # Colour is not halved: a red line of one pixel stays as red as it was.
    line = Image.new("RGB", (64, 64), "grey")
    line.paste("red", (32, 0, 33, 64))
    assert np.abs(np.asarray(sent(line), dtype=int)[:, 32] - (255, 0, 0)).max() < 24


def test_pixels_alone_are_sent() -> None:
    exif = Image.Exif()
    exif[0x010E] = "a woman of forty"
    exif[0x0112] = 6
    stream = io.BytesIO()
    scene(40, 40).save(
        stream,
        "JPEG",
        quality=100,
        exif=exif,
        comment=b"a woman of forty",
        dpi=(300, 300),
        icc_profile=b"icc",
    )
    opened = Image.open(io.BytesIO(stream.getvalue()))
    assert opened.info["comment"] == b"a woman of forty"
    data = canonical(opened)
    assert b"woman" not in data
    plain = Image.fromarray(np.asarray(opened))
    assert data == canonical(plain)
    assert set(sent(opened).info) == {"jfif", "jfif_version", "jfif_density", "jfif_unit"}
    # The picture itself keeps what it had.
    assert opened.info["comment"] == b"a woman of forty"


def test_the_file_it_came_from_does_not_matter() -> None:
    image = scene(700, 500)
    files = []
    for kind, options in (("PNG", {}), ("BMP", {}), ("TIFF", {}), ("WEBP", {"lossless": True})):
        stream = io.BytesIO()
        image.save(stream, kind, **options)
        files.append(canonical(decode(stream.getvalue(), name="a")))
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", "a name")
    stream = io.BytesIO()
    image.save(stream, "PNG", pnginfo=text)
    files.append(canonical(decode(stream.getvalue(), name="a")))
    assert len(set(files)) == 1
    assert files[0] == canonical(image)


def test_other_modes_are_sent_as_they_are_decoded() -> None:
    grey = scene(64, 64).convert("L")
    assert canonical(grey) == canonical(grey.convert("RGB"))
    clear = Image.new("RGBA", (64, 64), (200, 0, 0, 0))
    assert canonical(clear) == canonical(Image.new("RGB", (64, 64), "white"))


def test_nothing_but_pixels_and_tables_is_in_the_file() -> None:
    """A JPEG is a row of segments (ITU T.81, B.1.1.3): here those of any JPEG, and no other."""
    data = canonical(scene(600, 600))
    markers, place = [], 2
    while data[place + 1] != 0xDA:
        markers.append(data[place + 1])
        place += 2 + int.from_bytes(data[place + 2 : place + 4], "big")
    # APP0 (JFIF), quantisation, baseline frame, Huffman tables.
    assert sorted(set(markers)) == [0xC0, 0xC4, 0xDB, 0xE0]


def test_the_version_counts_up_when_other_bytes_are_sent() -> None:
    """Tables and layout of the file, which do not depend on the version of libjpeg."""
    assert CANONICAL == "JPEG of quality 90, 4:4:4, at most 512 pixels a side, version 1"
    image = sent(scene(600, 600))
    assert isinstance(image, JpegImagePlugin.JpegImageFile)
    # Pillow's number for a sample of colour at every pixel.
    assert JpegImagePlugin.get_sampling(image) == 0
    tables = {number: list(table) for number, table in sorted(image.quantization.items())}
    assert sha256(repr(tables).encode()).hexdigest()[:16] == "0f55eb315557cea6"
