"""Each extra alone makes its models work; a model whose extra is missing answers with the line for pip.

An environment for every extra would take minutes each. Here the packages of the others are hidden from a
process: all that neither the package itself nor the one extra needs, directly or through something else.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from contextlib import ExitStack, suppress
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution, packages_distributions, requires
from typing import TYPE_CHECKING

import pytest
from adapters import ADAPTERS, HERE
from packaging.requirements import Requirement

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from adapters import Prepared

PROJECT = tomllib.loads((HERE.parents[1] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = ("clip", "gemini", "gemini-legacy", "huggingface", "openai", "paligemma")
# What the test itself runs on.
RUNNER = ("pytest", "packaging")


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@cache
def needed(requirement: str) -> frozenset[str]:
    """The installed distributions that a requirement brings, itself included."""
    seen: set[str] = set()
    waiting = [Requirement(requirement)]
    while waiting:
        wanted = waiting.pop()
        mark = f"{normal(wanted.name)}[{','.join(sorted(wanted.extras))}]"
        if mark in seen:
            continue
        seen |= {mark}
        try:
            lines = requires(wanted.name) or []
        except PackageNotFoundError:
            continue
        for line in lines:
            found = Requirement(line)
            extras = [*wanted.extras, ""]
            if found.marker is None or any(found.marker.evaluate({"extra": extra}) for extra in extras):
                waiting.append(found)
    return frozenset(mark.partition("[")[0] for mark in seen)


def missing_with(extra: str | None) -> list[str]:
    """The modules that an environment with the package and this extra alone would lack."""
    wanted = [*PROJECT["dependencies"], *RUNNER]
    if extra is not None:
        wanted += PROJECT["optional-dependencies"][extra]
    present = frozenset[str]().union(*map(needed, wanted))
    return sorted(
        module
        for module, owners in packages_distributions().items()
        if not present & {normal(owner) for owner in owners} and module != "fer_audit"
    )


@pytest.fixture(scope="session")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Iterable[dict[str, Prepared]]:
    """Every adapter whose packages are installed here."""
    with ExitStack() as stack:
        found = {}
        for name, prepare in ADAPTERS.items():
            with suppress(pytest.skip.Exception):
                found[name] = stack.enter_context(prepare(tmp_path_factory.mktemp(name)))
        yield found


def outcomes(ready: dict[str, Prepared], extra: str | None, folder: Path) -> dict[str, str]:
    asked = {
        "missing": missing_with(extra),
        "models": {name: prepared.text for name, prepared in ready.items()},
    }
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE), *sys.path])}
    environment |= {"FER_AUDIT_CACHE": str(folder), "FER_AUDIT_PRECISION": "fp32", "FER_AUDIT_DEVICE": "cpu"}
    for prepared in ready.values():
        environment |= prepared.environment
    done = subprocess.run(
        [sys.executable, str(HERE / "alone.py")],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env=environment,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, str] = json.loads(done.stdout)
    return found


def test_every_extra_of_a_model_is_tried() -> None:
    assert {*EXTRAS, "chicago", "hypothesis", "sensitivity"} == set(PROJECT["optional-dependencies"])


def test_what_an_extra_does_not_bring_is_missing() -> None:
    """The walk over what is installed finds what it is for: numpy stays, packages of others go."""
    modules = packages_distributions()
    for extra in (None, *EXTRAS):
        missing = missing_with(extra)
        assert {"numpy", "onnxruntime", "PIL", "tenacity", "fer_audit"}.isdisjoint(missing)
        for module, needs in (("torch", "clip paligemma huggingface"), ("openai", "openai")):
            if module in modules:
                assert (module in missing) == (extra not in needs.split())


@pytest.mark.parametrize("extra", [None, *EXTRAS])
def test_an_extra_alone_makes_its_models_work_and_the_others_say_what_to_install(
    extra: str | None, ready: dict[str, Prepared], tmp_path: Path
) -> None:
    for line in PROJECT["optional-dependencies"][extra] if extra else ():
        try:
            distribution(Requirement(line).name)
        except PackageNotFoundError:
            pytest.skip(f"{line} is not installed here")
    found = outcomes(ready, extra, tmp_path)
    assert set(found) == set(ready)
    for name, prepared in ready.items():
        if not prepared.extras or extra in prepared.extras:
            assert found[name] == "answered", (name, extra)
            continue
        first = found[name].splitlines()[0]
        assert found[name] == first
        assert first.startswith("MissingExtraError: model ")
        assert first.endswith(f": pip install 'fer-audit[{prepared.extras[0]}]'")
