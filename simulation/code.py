"""Which code an answer came from: a fingerprint of modules and of all they import in the statistics.

Results are compared with the code at hand by this and not by a version number, for nobody remembers to raise
one. Comments and docstrings do not count, and neither do modules that a question never reaches: a new
criterion makes no measurement of another one stale.
"""

from __future__ import annotations

import ast
import hashlib
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

__all__ = ["fingerprint", "modules_behind"]

_WITHIN = "fer_audit.stats"


@lru_cache(maxsize=64)
def fingerprint(modules: tuple[str, ...]) -> str:
    """Twelve hexadecimal digits that change when the code behind these modules does.

    >>> len(fingerprint(("fer_audit.stats.tally",)))
    12
    """
    digest = hashlib.sha256()
    for name in sorted(modules_behind(modules)):
        digest.update(name.encode() + b"\0" + _code_of(name).encode() + b"\0")
    return digest.hexdigest()[:12]


def modules_behind(modules: tuple[str, ...]) -> frozenset[str]:
    """These modules of the statistics, and those that they import, directly or through others.

    >>> sorted(modules_behind(("fer_audit.stats.ratios.score",)))
    ['fer_audit.stats.ratios.score']
    """
    found: set[str] = set()
    waiting = list(modules)
    while waiting:
        name = waiting.pop()
        if name in found or not name.startswith(f"{_WITHIN}."):
            continue
        found.add(name)
        waiting.extend(_imports(_tree(name)))
    return frozenset(found)


def _tree(module: str) -> ast.Module:
    spec = find_spec(module)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"no module {module!r}, which a question says it asks")
    return ast.parse(Path(spec.origin).read_text(encoding="utf-8"))


def _imports(tree: ast.Module) -> list[str]:
    """What is imported when the module runs; what only the type checker sees is code of nothing."""
    seen: list[str] = []
    for node in ast.walk(_Running().visit(tree)):
        if isinstance(node, ast.ImportFrom) and node.module:
            parent = node.module
            # `from package import module` names the module last.
            seen += [parent, *(f"{parent}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Import):
            seen += [alias.name for alias in node.names]
    return [name for name in seen if name.startswith(f"{_WITHIN}.") and _is_module(name)]


def _is_module(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:
        return False


@lru_cache(maxsize=256)
def _code_of(module: str) -> str:
    return ast.unparse(_Running().visit(_tree(module)))


class _Running(ast.NodeTransformer):
    """Leaves out docstrings and what stands under TYPE_CHECKING."""

    def visit_If(self, node: ast.If) -> ast.AST | None:
        if isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            return None
        return self.generic_visit(node)

    def visit_Expr(self, node: ast.Expr) -> ast.AST | None:
        if isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            return ast.Pass()
        return node
