"""Pictures from untrusted files: found inside the dataset's folder, decoded within limits, nothing else kept.

A dataset is a folder that somebody else filled. What is decoded here is what a model sees, so nothing is
guessed: a picture is whole, upright, single and 8 bits deep, or it is no picture and says why. A model on the
network sees one re-encoding of that, made here too.
"""

from __future__ import annotations

from fer_audit.pixels.canonical import CANONICAL, LONGEST_SIDE, canonical
from fer_audit.pixels.decoding import FORMATS, MAX_PIXELS, decode
from fer_audit.pixels.files import MAX_BYTES, read_image_file

__all__ = [
    "CANONICAL",
    "FORMATS",
    "LONGEST_SIDE",
    "MAX_BYTES",
    "MAX_PIXELS",
    "canonical",
    "decode",
    "read_image_file",
]
