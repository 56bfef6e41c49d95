"""Pictures whose colour tells person and label; twenty people with three each, where nothing else is said."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from fer_audit.predictions import Predictions

PEOPLE = 20
LABELS = ("anger", "fear", "happiness")


def picture(person: int, label: int) -> bytes:
    """A small picture whose content tells person and label."""
    stream = BytesIO()
    Image.new("RGB", (8, 8), (person, label * 80, 7)).save(stream, "PNG")
    return stream.getvalue()


def write_faces(folder: Path, *, people: int, labels: Sequence[str], listing: str) -> None:
    """One such picture of each person and label in a folder a person, and a manifest with their gender."""
    rows = ["image,identity,expression,gender"]
    for person in range(people):
        (folder / f"p{person}").mkdir(exist_ok=True)
        for code, label in enumerate(labels):
            name = f"p{person}/{label}.png"
            (folder / name).write_bytes(picture(person, code))
            rows.append(f"{name},p{person},{label},{'fm'[person % 2]}")
    (folder / listing).write_text("\n".join(rows) + "\n", encoding="utf-8")


def label_of(image: Image.Image) -> str:
    """The label that a picture's green channel carries."""
    return LABELS[round(image.getpixel((0, 0))[1] / 80)]  # type: ignore[index]  # an RGB picture has a tuple


def said(predictions: Predictions) -> list[str]:
    """The answered label of each row; empty where there is none."""
    column = predictions.predicted
    return [column.levels[code] if code >= 0 else "" for code in column.codes]
