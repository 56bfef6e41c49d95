"""from_type knows the package's types, and who does not ask for them does not pay."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path
from textwrap import dedent

import pytest

ROOT = Path(__file__).parents[3]
HEAVY = ["numpy", "pandas", "PIL", "scipy", "onnxruntime", "pyarrow", "matplotlib", "jinja2"]
DRAW = """
    from hypothesis import Phase, find, settings, strategies as st

    def draw(cls):
        quick = settings(max_examples=3, database=None, deadline=None, phases=[Phase.generate])
        return find(st.from_type(cls), lambda value: True, settings=quick)
"""


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """A folder on the path in which the package says what its pyproject.toml says to Hypothesis."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    hooks = project["entry-points"]["hypothesis"]
    info = tmp_path / "fer_audit_declared-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Name: fer_audit_declared\nVersion: 1.0\n", encoding="utf-8")
    lines = "".join(f"{name} = {value}\n" for name, value in hooks.items())
    (info / "entry_points.txt").write_text(f"[hypothesis]\n{lines}", encoding="utf-8")
    return tmp_path


def run(script: str, installed: Path) -> str:
    path = os.pathsep.join([str(installed), str(ROOT), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", dedent(script)],
        env={**os.environ, "PYTHONPATH": path},
        cwd=installed,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_importing_hypothesis_loads_a_few_small_modules_of_ours_and_nothing_heavy(installed: Path) -> None:
    script = f"""
    import json, sys
    import hypothesis.strategies
    before = sorted(name for name in sys.modules if name.split(".")[0] in {["fer_audit", *HEAVY]!r})
    print(json.dumps(before))
    """
    assert json.loads(run(script, installed)) == [
        "fer_audit",
        "fer_audit.drawable",
        "fer_audit.strategies",
        "fer_audit.strategies.registration",
    ]


@pytest.mark.parametrize(
    "order",
    [
        "import hypothesis\n    from fer_audit import Predictions",
        "from fer_audit import Predictions\n    import hypothesis",
        "from fer_audit.strategies import predictions\n    from fer_audit import Predictions",
        "from fer_audit.strategies.registration import register\n    from fer_audit import Predictions\n    register()",
    ],
    ids=["hypothesis first", "ours first", "strategies first", "by hand"],
)
def test_a_type_is_known_whichever_is_imported_first(order: str, installed: Path) -> None:
    script = f"""
    {order}
    {DRAW}
    table = draw(Predictions)
    print(type(table).__name__, table.attributes["group"].levels)
    """
    assert run(script, installed).strip() == "Predictions ('a', 'b')"


def test_every_registered_type_is_drawn(installed: Path) -> None:
    script = f"""
    {DRAW}
    from importlib import import_module
    from fer_audit.strategies.registration import STRATEGIES
    homes = ["records", "results", "criteria", "predictions", "stats.counts", "stats.tally", "stats.measures"]
    modules = [import_module("fer_audit." + home) for home in homes]
    types = [next(getattr(m, name) for m in modules if hasattr(m, name)) for name in STRATEGIES]
    assert len(types) == 14
    for cls in types:
        assert isinstance(draw(cls), cls), cls
    """
    run(script, installed)


def test_types_of_others_with_the_same_name_are_left_alone(installed: Path) -> None:
    script = f"""
    {DRAW}
    from fer_audit.drawable import drawable

    @drawable
    class Face:
        def __init__(self, number: int) -> None:
            self.number = number

    assert draw(Face).number == 0
    """
    run(script, installed)
