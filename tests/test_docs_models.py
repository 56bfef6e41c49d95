"""The page about models is true: every kind of model is in it, and its figures are those of the embedded nets."""

from __future__ import annotations

import re
import shlex
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fer_audit.datasets import rendered_faces
from fer_audit.models import face_api, mini_xception
from fer_audit.models.answers import read_answers
from fer_audit.models.families import FAMILIES
from fer_audit.options import OPTIONS
from fer_audit.pixels import LONGEST_SIDE, decode
from fer_audit.records import Recognizer

if TYPE_CHECKING:
    from fer_audit.models import ModelSpec

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs/models.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (`[^|]+) \| ([^|]+) \| ([^|]+) \|$", PAGE, flags=re.MULTILINE)


def kinds(cell: str) -> set[str]:
    """The family of each spelling in a cell of the table: ``clip`` in ```clip:ARCH/TAG```."""
    return {
        text.partition("=")[2].partition(":")[0] or text for text in re.findall(r"`([A-Z]+=[^`]+)`", cell)
    } | {text.partition(":")[0] for text in re.findall(r"`([a-z][^`]*)`", cell)}


def test_every_kind_of_model_is_in_the_table() -> None:
    listed = set[str]().union(*(kinds(spelling) for spelling, _, _ in ROWS))
    assert {family.name for family in FAMILIES} <= listed


def test_every_extra_is_an_extra_and_every_option_an_option() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = set(re.findall(r"fer-audit\[([\w-]+)\]", PAGE))
    assert extras == set(project["optional-dependencies"]) - {
        "chicago",
        "hf-dataset",
        "hypothesis",
        "sensitivity",
    }
    named = set(re.findall(r"--fer-([\w-]+)", PAGE))
    assert named <= {option.name for option in OPTIONS}
    assert f"at most {LONGEST_SIDE} pixels a side" in PAGE


def test_the_command_plans_what_it_says(pytester: pytest.Pytester) -> None:
    (command,) = re.findall(r"^```bash\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)
    program, folder, *options = shlex.split(command)
    assert (program, folder) == ("pytest", "bias_tests")
    pytester.makepyfile("def test_gap(audit):\n    pass\n")
    done = pytester.runpytest(*options, "--collect-only")
    for name in ("mini-xception", "face-api"):
        done.stdout.fnmatch_lines([f"{name}-faces: 48 people, 1344 images, *"])


@pytest.mark.parametrize(
    ("place", "spec"), [(0, mini_xception()), (1, face_api())], ids=["mini-xception", "face-api"]
)
def test_the_shares_are_those_of_the_embedded_faces(place: int, spec: ModelSpec) -> None:
    opened = rendered_faces().open()
    loaded = spec.load(opened.labels)
    assert isinstance(loaded, Recognizer)
    images = [decode(opened.read(face.image), name=face.image) for face in opened.faces]
    answers = read_answers(
        loaded.recognize(images), images=len(images), labels=opened.labels, model=spec.name
    )
    right: dict[str, list[bool]] = {"all": []}
    for face, answer in zip(opened.faces, answers, strict=True):
        right["all"].append(answer.label == face.expression)
        right.setdefault(face.expression, []).append(answer.label == face.expression)
    table = {
        name: float((first, second)[place])
        for name, first, second in re.findall(
            r"^\| (\w+) \| (\.\d+) \| (\.\d+) \|$", PAGE, flags=re.MULTILINE
        )
    }
    shares = {name: sum(each) / len(each) for name, each in right.items()}
    # A net's scores differ in the sixth decimal between versions of onnxruntime: an answer or two may too.
    assert table == {name: pytest.approx(share, abs=0.011) for name, share in shares.items()}
