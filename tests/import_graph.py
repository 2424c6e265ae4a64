"""Imports between the modules of a folder, read from their source, and the circles among them."""

from __future__ import annotations

import ast
import re
from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import TypeVar

Node = TypeVar("Node", bound=Hashable)

_JS_IMPORT = re.compile(r"""^\s*(?:import|export)\b(?:[^;"']*?\bfrom)?\s*["'](\.[^"']+)["']""", re.MULTILINE)


def python_imports(folder: Path, root: Path) -> dict[str, set[str]]:
    """Return the modules that each module imports, also inside functions; imports for type checking do not count.

    Arguments:
        folder: The package's folder.
        root: Folder that dotted names count from.
    """
    paths = {_name(path, root): path for path in sorted(folder.rglob("*.py"))}
    return {name: _imported(name, path, paths) - {name} for name, path in paths.items()}


def javascript_imports(folder: Path) -> dict[Path, set[Path]]:
    """Return the modules of a folder that each module of it imports."""
    return {
        path.resolve(): {(path.parent / found).resolve() for found in _JS_IMPORT.findall(path.read_text("utf-8"))}
        for path in sorted(folder.rglob("*.js"))
    }


def circles(graph: Mapping[Node, set[Node]]) -> list[set[Node]]:
    """Return the sets of nodes that reach each other, by Tarjan's algorithm (1972)."""
    index: dict[Node, int] = {}
    low: dict[Node, int] = {}
    stack: list[Node] = []
    found: list[set[Node]] = []

    def visit(node: Node) -> None:
        index[node] = low[node] = len(index)
        stack.append(node)
        for target in sorted(graph.get(node, ()), key=str):
            if target not in index:
                visit(target)
            if target in stack:
                low[node] = min(low[node], low[target])
        if low[node] == index[node]:
            at = stack.index(node)
            if len(stack) - at > 1:
                found.append(set(stack[at:]))
            del stack[at:]

    for node in graph:
        if node not in index:
            visit(node)
    return found


def _name(path: Path, root: Path) -> str:
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imported(name: str, path: Path, paths: Mapping[str, Path]) -> set[str]:
    waiting: list[ast.AST] = [ast.parse(path.read_text("utf-8"))]
    found: set[str] = set()
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            package = name.split(".") if path.name == "__init__.py" else name.split(".")[:-1]
            before = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*before, *([node.module] if node.module else [])])
            for alias in node.names:
                inner = f"{base}.{alias.name}"
                found.add(inner if inner in paths else base)
        waiting += ast.iter_child_nodes(node)
    return found & paths.keys()
