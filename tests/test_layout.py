"""Layout of the package: sizes of folders and modules, import circles, names of classes, what is packed."""

from __future__ import annotations

import ast
import re
from collections import defaultdict

import pytest
from import_graph import circles, javascript_imports, python_imports
from places import ROOT

PACKAGE = ROOT / "emsync_bridge"

MAX_MODULES = 14
"""Modules in a folder that a reader can still take in."""

MAX_LINES = 350
"""Lines of a module that a reader can still take in."""

MIRRORED = {"Meter"}  # as a cue holds it, and as a job document writes it


def folders():
    """Return the modules of every folder of the package, without its ``__init__``."""
    found = defaultdict(list)
    for path in sorted(PACKAGE.rglob("*.py")):
        found[path.parent.relative_to(ROOT).as_posix()].append(path.stem)
    return {folder: [name for name in names if not name.startswith("__")] for folder, names in found.items()}


def test_no_folder_holds_more_modules_than_a_reader_takes_in():
    crowded = {folder: len(names) for folder, names in folders().items() if len(names) > MAX_MODULES}
    assert crowded == {}


def test_no_module_is_longer_than_a_reader_takes_in():
    sizes = {path: len(path.read_text("utf-8").splitlines()) for path in PACKAGE.rglob("*.py")}
    assert len(sizes) > 400
    assert {path.relative_to(ROOT).as_posix(): lines for path, lines in sizes.items() if lines > MAX_LINES} == {}


def test_circles_are_found():
    assert circles({1: {2}, 2: {3}, 3: {1, 4}, 4: {5}, 5: {4}, 6: {1, 7}, 7: set()}) == [{4, 5}, {1, 2, 3}]


@pytest.mark.parametrize("folder", ["emsync_bridge", "resolve_scripts"])
def test_no_modules_import_each_other_in_a_circle(folder):
    graph = python_imports(ROOT / folder, ROOT)
    assert any(graph.values())
    assert circles(graph) == []


def test_no_modules_of_the_page_import_each_other_in_a_circle():
    graph = javascript_imports(PACKAGE / "server" / "page")
    assert sum(map(len, graph.values())) > 100
    assert set().union(*graph.values()) <= graph.keys()
    assert circles(graph) == []


def test_no_public_class_has_the_name_of_another():
    homes = defaultdict(list)
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                homes[node.name].append(path.relative_to(ROOT).as_posix())
    assert len(homes) > 400
    assert {name: where for name, where in homes.items() if len(where) > 1 and name not in MIRRORED} == {}
    assert all(len(homes[name]) > 1 for name in MIRRORED)


def test_every_folder_is_packed():
    tomllib = pytest.importorskip("tomllib", reason="part of Python since 3.11")
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    packed = set(settings["tool"]["setuptools"]["packages"])
    assert set(folders()) <= {name.replace(".", "/") for name in packed}


def test_docstrings_begin_with_what_the_thing_is():
    """A docstring that begins with a question word tells about a thing before it says what it is."""
    question = re.compile(r'"""(What|How|Who|Whose|Whether|Which|Where|When)\b')
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for folder in ("emsync_bridge", "adapters", "resolve_scripts", "otio_examples")
        for path in sorted((ROOT / folder).rglob("*.py"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if question.search(line)
    ]
    assert not found
