"""Pictures that are no files of their own, as the bytes of one."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["as_png"]


def as_png(image: Image) -> bytes:
    """A picture as a PNG: the same pixels always give the same bytes, which answers are stored by.

    >>> from PIL import Image
    >>> as_png(Image.new("L", (2, 2)))[1:4]
    b'PNG'
    """
    stream = BytesIO()
    # Uncompressed: what compression gives differs from one version of its library to the next.
    image.save(stream, "PNG", compress_level=0)
    return stream.getvalue()
