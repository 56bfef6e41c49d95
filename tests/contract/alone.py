"""Run as a program: what becomes of models where some packages cannot be imported.

Reads from standard input which top-level modules are missing, and what follows ``--model``; writes to standard
output, for each, the kind of its first answer, or its error.
"""

from __future__ import annotations

import json
import sys
from importlib.machinery import PathFinder
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from adapters import LABELS
from PIL import Image

from fer_audit.catalog import Catalog
from fer_audit.inference.probing import out_of_fold
from fer_audit.models import ModelSpec, choose_model
from fer_audit.models.answers import read_answers
from fer_audit.records import Embedder, Recognizer

if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType


class Installed(PathFinder):
    """Python's own search for modules, blind to those that are said to be missing."""

    missing: ClassVar[frozenset[str]] = frozenset()

    @classmethod
    def find_spec(
        cls, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname.partition(".")[0] in cls.missing:
            return None
        return super().find_spec(fullname, path, target)


def first_answer(text: str) -> str:
    spec = choose_model(text, Catalog[ModelSpec]("model"), root=Path.cwd())
    loaded = spec.load(LABELS)
    images: Sequence[Image.Image] = [
        Image.effect_noise((64, 64), 10 * number + 10).convert("RGB") for number in range(20)
    ]
    if isinstance(loaded, Recognizer):
        answers = read_answers(loaded.recognize(images[:1]), images=1, labels=LABELS, model=spec.name)
        return answers[0].kind.value
    assert isinstance(loaded, Embedder)
    labels, people = np.array(LABELS[:2] * 10), np.array([f"p{number // 2}" for number in range(20)])
    shares = out_of_fold(loaded.embed(images), labels, people, LABELS, model=spec.name)
    return "answered" if shares.shape == (20, len(LABELS)) else "error"


def main() -> None:
    asked = json.load(sys.stdin)
    Installed.missing = frozenset(asked["missing"])
    sys.meta_path[sys.meta_path.index(PathFinder)] = Installed
    found = {}
    for name, text in asked["models"].items():
        try:
            found[name] = first_answer(text)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is what is asked for
            found[name] = f"{type(error).__name__}: {error}"
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
