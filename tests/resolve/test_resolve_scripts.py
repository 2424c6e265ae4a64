"""Checks of the scripts' text alone: syntax of Python 3.6 and Lua 5.1, calls that every Resolve has."""

import ast
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from fake_resolve import EXPORTS, STUDIO_ONLY
from hypothesis import given
from hypothesis import strategies as st
from test_resolve_fake import stub_classes

SCRIPTS = Path(__file__).parents[2] / "resolve_scripts"
PYTHON = sorted((SCRIPTS / "menu").glob("*.py"))
LUA = sorted((SCRIPTS / "lua").glob("*.lua"))
HELD = ("Resolve", "ProjectManager", "Project", "MediaPool", "Folder", "MediaPoolItem", "Timeline", "TimelineItem")


def methods():
    return {name for kind, found in stub_classes().items() if kind in HELD for name in found}


@pytest.mark.parametrize("path", PYTHON, ids=lambda path: path.name)
def test_python_is_of_3_6_and_of_the_standard_library(path):
    tree = ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 6))
    imported = {
        name.split(".")[0]
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom) and node.level == 0
            else []
        )
    }
    beside = {"fusionscript", "DaVinciResolveScript"}  # types only, and Resolve's own
    assert imported - beside <= set(sys.stdlib_module_names)
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr | ast.NamedExpr | ast.Match)]


def test_every_call_is_one_that_resolve_has_and_none_is_studios():
    known = methods()
    for path in PYTHON:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        called = {
            n.attr for n in ast.walk(tree) if isinstance(n, ast.Attribute) and re.fullmatch("[A-Z][a-z]\\w+", n.attr)
        }
        strange = {"GetResolve", "Popen", "TemporaryFile", "Thread", "Event", "HTTPConnection", "HTTPException"}
        strange.add("GetModuleFileNameW")  # of Windows
        assert called - known - strange == set(), path.name
        assert called.isdisjoint(STUDIO_ONLY)
    for path in LUA:
        text = re.sub(r"--[^\n]*", "", path.read_text(encoding="utf-8"))
        called = set(re.findall(r'maybe\([\w.\[\]]+, "(\w+)"', text)) | set(re.findall(r":([A-Z][a-z]\w+)\(", text))
        assert called - known - {"GetResolve"} == set(), path.name
        assert called.isdisjoint(STUDIO_ONLY)
        constants = set(re.findall(r"EXPORT_(\w+)", text))
        assert constants <= set(EXPORTS)


def test_types_are_those_of_the_stubs(tmp_path):
    pytest.importorskip("mypy")
    if not stub_classes():
        pytest.skip("fusionscript-stubs is not installed")
    copy = tmp_path / "emsync_menu"
    shutil.copytree(SCRIPTS / "menu", copy, ignore=shutil.ignore_patterns("__pycache__"))
    wrong = (copy / "errors.py").read_text(encoding="utf-8")
    command = [sys.executable, "-m", "mypy", "--strict", "--python-version", "3.10", "--cache-dir", tmp_path / "cache"]
    done = subprocess.run([*command, "-p", "emsync_menu"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    (copy / "errors.py").write_text(
        wrong + "\n\nif True:\n    from fusionscript import Timeline\n\n"
        'def wrong(timeline: "Timeline") -> int:\n    return timeline.GetName()\n',
        encoding="utf-8",
    )
    done = subprocess.run([*command, "-p", "emsync_menu"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert 'got "str", expected "int"' in done.stdout  # the stubs are really looked at


@pytest.mark.parametrize("path", LUA, ids=lambda path: path.name)
def test_lua_is_of_5_1(path):
    if shutil.which("luajit") is None:
        pytest.skip("luajit is not installed")
    done = subprocess.run(["luajit", "-bl", path], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    free = set(re.findall(r'G(?:GET|SET)\s.*; "(\w+)"', done.stdout))
    base = "pcall xpcall error type tostring tonumber pairs ipairs select unpack setmetatable getmetatable print dofile"
    allowed = {*base.split(), *["next", "string", "table", "math", "os", "io", "debug"]}
    assert free <= allowed, "a variable that is not local, or a library that Resolve may lack"


texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
documents = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(texts, inner, max_size=5),
    max_leaves=30,
)

ECHO = """
local json = dofile(arg[1])
for line in io.lines() do
    local well, document = pcall(json.decode, line, true)
    if well then
        local again, text = pcall(json.encode, document)
        print(again and text or "!" .. tostring(text.json))
    else
        print("!" .. tostring(type(document) == "table" and document.json or document))
    end
end
"""


@pytest.fixture(scope="module")
def echo(tmp_path_factory):
    """Return a function that reads documents with Lua and gives what Lua writes of them."""
    if shutil.which("luajit") is None:
        pytest.skip("luajit is not installed")
    script = tmp_path_factory.mktemp("echo") / "echo.lua"
    script.write_text("io.stdout:setvbuf('no')" + ECHO)
    process = subprocess.Popen(
        ["luajit", script, SCRIPTS / "lua" / "json.lua"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )

    def ask(line):
        process.stdin.write(line + "\n")
        process.stdin.flush()
        return process.stdout.readline().rstrip("\n")

    yield ask
    process.stdin.close()
    process.stdout.close()
    process.wait(10)


@given(document=documents, ascii_only=st.booleans())
def test_lua_reads_and_writes_json(echo, document, ascii_only):
    said = echo(json.dumps(document, ensure_ascii=ascii_only))
    assert json.loads(said) == document


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[1,]",
        '{"a" 1}',
        '"open',
        "nul",
        "01",
        "1 2",
        '"\\x"',
        '"\\u12"',
        "[" * 200,
        "{1:2}",
        "'a'",
        "--1",
        "\t",
    ],
)
def test_lua_refuses_what_is_no_json(echo, text):
    assert echo(text).startswith("!"), text
