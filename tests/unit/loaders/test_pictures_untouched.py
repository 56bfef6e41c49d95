"""While a set is loaded no picture of it is opened: told by the interpreter's own account of what is opened."""

from __future__ import annotations

import subprocess
import sys
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np
import pytest

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = """
import sys
from pathlib import Path

opened = []
sys.addaudithook(lambda event, given: opened.append(str(given[0])) if event == "open" else None)
from fer_audit.datasets import dataset_from
from fer_audit.errors import ImageError

opened.clear()
dataset = dataset_from(sys.argv[1], Path(sys.argv[2])).open()
print(len(dataset.faces), sum(name.endswith(".jpg") for name in opened), len(opened))
try:
    dataset.read(dataset.faces[0].image)
except ImageError:
    pass
print(sum(name.endswith(".jpg") for name in opened))
"""


def files_of(family: str) -> dict[str, bytes]:
    # No decoder takes these pictures, and none of them has to.
    label = BytesIO()
    np.save(label, np.array("1"))
    return {
        "rafdb": {
            "list_patition_label.txt": b"train_00001.jpg 5\ntrain_00002.jpg 5\n",
            "train_00001_aligned.jpg": b"?",
            "train_00002_aligned.jpg": b"?",
        },
        "affectnet": {
            "training.csv": b"expression,subDirectory_filePath\n1,a.jpg\n2,b.jpg",
            "a.jpg": b"?",
            "b.jpg": b"?",
        },
        "affectnet, arrays": {
            "5.jpg": b"?",
            "5_exp.npy": label.getvalue(),
            "6.jpg": b"?",
            "6_exp.npy": label.getvalue(),
        },
        "expw": {"label.lst": b"a.jpg 0 0 0 9 9 50 3\nb.jpg 0 0 0 9 9 50 3\n", "a.jpg": b"?", "b.jpg": b"?"},
    }[family]


@pytest.mark.parametrize("family", ["rafdb", "affectnet", "affectnet, arrays", "expw"])
def test_a_load_opens_label_files_only(tmp_path: Path, family: str) -> None:
    for name, content in files_of(family).items():
        (tmp_path / name).write_bytes(content)
    command = [sys.executable, "-c", PROGRAM, family.partition(",")[0], str(tmp_path)]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    faces, pictures, files, after_reading_one = told.split()
    assert (faces, pictures) == ("2", "0")
    assert int(files) > 0
    assert after_reading_one == "1"
