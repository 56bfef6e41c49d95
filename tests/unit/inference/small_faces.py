"""Twenty people with three pictures each, whose colour tells person and label."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from PIL import Image

if TYPE_CHECKING:
    from fer_audit.predictions import Predictions

PEOPLE = 20
LABELS = ("anger", "fear", "happiness")


def picture(person: int, label: int) -> bytes:
    """A small picture whose content tells person and label."""
    stream = BytesIO()
    Image.new("RGB", (8, 8), (person, label * 80, 7)).save(stream, "PNG")
    return stream.getvalue()


def label_of(image: Image.Image) -> str:
    """The label that a picture's green channel carries."""
    return LABELS[round(image.getpixel((0, 0))[1] / 80)]  # type: ignore[index]  # an RGB picture has a tuple


def said(predictions: Predictions) -> list[str]:
    """The answered label of each row; empty where there is none."""
    column = predictions.predicted
    return [column.levels[code] if code >= 0 else "" for code in column.codes]
