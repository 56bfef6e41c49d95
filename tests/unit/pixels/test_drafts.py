from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import fer_audit
from fer_audit.errors import ImageError
from fer_audit.pixels import decode

FACE = Path(fer_audit.__file__).parent / "datasets" / "rendered_faces" / "id05" / "fear-mst4.webp"


def photograph(width: int, height: int, *, noise: float) -> Image.Image:
    """A face in many pixels, with the grain of a sensor."""
    with Image.open(FACE) as small:
        face = np.asarray(small.convert("RGB").resize((width, height), Image.Resampling.BICUBIC))
    grain = np.random.default_rng(3).normal(0, noise, face.shape)
    return Image.fromarray((face + grain).clip(0, 255).astype(np.uint8))


def encoded(image: Image.Image, kind: str = "JPEG", /, **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


@pytest.fixture(scope="module")
def camera() -> bytes:
    return encoded(photograph(2444, 1718, noise=6), quality=92)


@pytest.mark.parametrize(
    ("size", "smallest", "expected"),
    [
        ((2444, 1718), None, (2444, 1718)),
        ((2444, 1718), 448, (1222, 859)),
        ((2444, 1718), 429, (611, 430)),
        ((2444, 1718), 430, (1222, 859)),
        ((1718, 2444), 429, (430, 611)),
        ((4000, 3000), 100, (500, 375)),
        ((800, 640), 80, (100, 80)),
        ((897, 895), 448, (897, 895)),
        ((896, 896), 448, (448, 448)),
        ((300, 200), 448, (300, 200)),
        ((9, 1), 1, (9, 1)),
    ],
)
def test_no_side_falls_below_the_smallest(
    size: tuple[int, int], smallest: int | None, expected: tuple[int, int]
) -> None:
    data = encoded(Image.new("RGB", size, "teal"))
    assert decode(data, name="a", smallest_side=smallest).size == expected


@pytest.mark.parametrize(
    ("size", "noise", "options"),
    [
        ((2444, 1718), 6, {"quality": 92}),
        ((2444, 1718), 0, {"quality": 75}),
        ((1000, 1000), 6, {"quality": 95, "subsampling": "4:4:4"}),
        ((4000, 3000), 6, {"quality": 75, "progressive": True}),
    ],
)
def test_at_twice_the_input_of_a_net_the_difference_is_below_half_a_level(
    size: tuple[int, int], noise: float, options: dict[str, object]
) -> None:
    data = encoded(photograph(*size, noise=noise), "JPEG", **options)

    def entered(smallest: int | None) -> np.ndarray[tuple[int, ...], np.dtype[np.int16]]:
        image = decode(data, name="a", smallest_side=smallest)
        return np.asarray(image.resize((224, 224), Image.Resampling.BICUBIC), dtype=np.int16)

    difference = np.abs(entered(448) - entered(None))
    # Measured: means from 0.05 to 0.40, at most 3; 0.15 for the first of these.
    assert 0 < difference.mean() < 0.5
    assert difference.max() <= 6


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "BMP", "TIFF"])
def test_other_formats_keep_every_pixel(kind: str) -> None:
    data = encoded(photograph(64, 48, noise=20), kind)
    assert decode(data, name="a", smallest_side=8).tobytes() == decode(data, name="a").tobytes()


@pytest.mark.parametrize("mode", ["L", "CMYK"])
def test_other_colour_models_are_drafted_too(mode: str) -> None:
    data = encoded(photograph(1024, 1024, noise=0).convert(mode), quality=95)
    small, whole = (decode(data, name="a", smallest_side=side) for side in (128, None))
    assert (small.mode, small.size, small.info) == ("RGB", (128, 128), {})
    resized = np.asarray(whole.resize((128, 128), Image.Resampling.BOX), dtype=int)
    assert np.abs(np.asarray(small, dtype=int) - resized).mean() < 1


def test_a_draft_is_turned_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    stored = Image.new("RGB", (800, 400), "white")
    stored.paste("black", (0, 0, 400, 400))
    upright = decode(encoded(stored, exif=exif), name="a", smallest_side=100)
    # Orientation 6: the left of what is stored is the top.
    assert upright.size == (100, 200)
    assert np.asarray(upright)[[10, -10]].mean(axis=(1, 2)).round().tolist() == [0, 255]
    assert len(upright.getexif()) == 0


def test_limits_hold_for_the_size_in_the_header_and_not_for_the_draft() -> None:
    data = bytearray(encoded(Image.new("L", (64, 64))))
    # The frame header of a JPEG: marker, length, precision, then the height and width (ITU T.81, B.2.2).
    frame = data.index(b"\xff\xc0") + 5
    data[frame : frame + 4] = (8000).to_bytes(2, "big") + (5001).to_bytes(2, "big")
    with pytest.raises(ImageError) as caught:
        decode(bytes(data), name="a.jpg", smallest_side=8)
    assert str(caught.value) == (
        "image 'a.jpg' has more than 40 megapixels (5001 x 8000 pixels); save it smaller"
    )


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.98])
def test_a_draft_of_a_file_that_was_cut_off_is_refused(camera: bytes, kept: float) -> None:
    with pytest.raises(ImageError) as caught:
        decode(camera[: int(kept * len(camera))], name="a.jpg", smallest_side=100)
    assert str(caught.value).startswith("image 'a.jpg' is cut off or broken (")


def test_several_frames_are_refused_in_a_draft_too() -> None:
    frame = photograph(64, 64, noise=0)
    data = encoded(frame, "MPO", save_all=True, append_images=[frame])
    with pytest.raises(ImageError, match="has several frames"):
        decode(data, name="a", smallest_side=8)
