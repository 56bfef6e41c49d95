from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("torch")

if TYPE_CHECKING:
    from pathlib import Path

FAULT = "operator torchvision::nms does not exist"
# What torchvision does when it is imported, as far as the fault is concerned.
BROKEN = f"""
import torch
from torchvision import half
try:
    torch.ops.torchvision.nms
except AttributeError:
    raise RuntimeError("{FAULT}") from None
if not half.operators:
    raise RuntimeError("a part of the import that failed is still there")
"""
HALF = """
import torch
operators = hasattr(torch.ops.torchvision, "nms")
"""
IMPORT = """
import warnings
warnings.simplefilter("error")
from fer_audit.models.torch_runtime.vision import import_with_torchvision
print(import_with_torchvision({module!r}, extra="clip", model="net").__name__)
"""


def run(code: str, path: Path | None = None) -> subprocess.CompletedProcess[str]:
    folders = [*([str(path)] if path else []), *sys.path]
    return subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, folders))},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def torchvision(tmp_path: Path) -> Path:
    """A torchvision whose import fails as long as an operator is missing."""
    (tmp_path / "torchvision").mkdir()
    (tmp_path / "torchvision" / "__init__.py").write_text(BROKEN)
    (tmp_path / "torchvision" / "half.py").write_text(HALF)
    return tmp_path


def test_the_missing_operators_are_defined_and_it_is_imported_again(torchvision: Path) -> None:
    assert FAULT in run("import torchvision", torchvision).stderr
    # torch may remember a torchvision whose import failed, so a second import alone is not enough either.
    done = run(IMPORT.format(module="torchvision"), torchvision)
    assert (done.stdout.strip(), done.stderr) == ("torchvision", "")


@pytest.mark.skipif(find_spec("torchvision") is None, reason="torchvision is not installed")
def test_the_installed_torchvision_is_imported_whether_or_not_it_is_broken() -> None:
    done = run(IMPORT.format(module="torchvision.transforms"))
    assert (done.stdout.strip(), done.stderr) == ("torchvision.transforms", "")


def test_another_fault_is_not_cured(torchvision: Path) -> None:
    (torchvision / "torchvision" / "__init__.py").write_text("raise RuntimeError('no kernel')")
    done = run(IMPORT.format(module="torchvision"), torchvision)
    assert done.returncode != 0
    assert done.stderr.splitlines()[-1] == "RuntimeError: no kernel"


def test_a_torchvision_that_does_not_load_is_answered_with_the_pip_line(torchvision: Path) -> None:
    (torchvision / "torchvision" / "__init__.py").write_text("import a_package_nobody_has")
    done = run(IMPORT.format(module="torchvision"), torchvision)
    assert done.stderr.splitlines()[-1] == (
        "fer_audit.errors.MissingExtraError: model 'net' needs 'torchvision', which does not load (No module named "
        "'a_package_nobody_has'): pip install 'fer-audit[clip]'"
    )
