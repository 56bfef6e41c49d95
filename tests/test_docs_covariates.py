"""The page about covariates is true: its table is the catalogue, and its command measures what it names."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import skew

from fer_audit.covariates import COVARIATES, blur
from fer_audit.datasets import rendered_faces
from fer_audit.pixels import decode

PAGE = (Path(__file__).parent.parent / "docs/covariates.md").read_text(encoding="utf-8")


def test_the_table_is_the_catalogue() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \|", PAGE, flags=re.MULTILINE)
    assert rows == [(covariate.name, covariate.meaning) for covariate in COVARIATES]


def test_the_command_plans_what_it_says(pytester: pytest.Pytester) -> None:
    (command,) = re.findall(r"^```bash\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)
    program, *options = shlex.split(command)
    assert program == "pytest"
    pytester.makepyfile("def test_gap(audit):\n    pass\n")
    done = pytester.runpytest(*options, "--collect-only")
    done.stdout.fnmatch_lines(["mini-xception-faces: *; covariates: brightness, blur, yaw; tests*"])


def test_the_logarithm_is_less_skewed_on_the_embedded_faces() -> None:
    opened = rendered_faces().open()
    values = np.array([blur(decode(opened.read(f.image), name=f.image)) for f in opened.faces])
    found = re.search(r"skewness of the variance is ([\d.]+), that of `blur` (-?[\d.]+)\.\n", PAGE)
    assert found is not None
    variance, logarithm = map(float, found.groups())
    assert skew(values) == pytest.approx(logarithm, abs=0.02)
    assert skew(2.0 ** (-2 * values)) == pytest.approx(variance, abs=0.02)
