"""Untrusted XML: it is read, or refused in one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emsync_bridge.errors import TimelineError
from emsync_bridge.timeline.xml.tree import MAX_DEPTH, Node, parse

HERE = Path("a.xml")


def test_a_node_knows_where_its_bytes_are():
    data = b"\xef\xbb\xbf<?xml version='1.0'?>\n<a x='>'><b y=\"/>\"/><c>t<d ></d ></c ></a>"
    document = parse(data, HERE, root="a")
    whole = {node.tag: data[node.start : document.end(node)] for node in document.root.walk()}
    assert whole["b"] == b'<b y="/>"/>'
    assert whole["c"] == b"<c>t<d ></d ></c >"
    assert whole["d"] == b"<d ></d >"
    assert whole["a"] == data[data.index(b"<a") :]
    b, c = document.root.child("b"), document.root.child("c")
    assert document.is_empty_tag(b)
    assert not document.is_empty_tag(c)
    assert data[document.inside(c) : document.closing(c)] == b"t<d ></d >"


@given(
    st.recursive(
        st.tuples(st.sampled_from("abc"), st.booleans(), st.just([])),
        lambda inner: st.tuples(st.sampled_from("abc"), st.just(False), st.lists(inner, max_size=4)),
        max_leaves=15,
    )
)
def test_positions_in_any_tree(tree):
    pieces: list[str] = []

    def write(node) -> str:
        tag, empty, children = node
        inside = "".join(write(child) for child in children)
        text = f"<{tag} k='é>'/>" if empty and not children else f"<{tag}>é{inside} </{tag}\n>"
        pieces.append(text)
        return text

    text = f"<root>{write(tree)}</root>"
    document = parse(text.encode(), HERE, root="root")
    found = [document.data[n.start : document.end(n)].decode() for n in document.root.walk() if n.tag != "root"]
    assert sorted(found) == sorted(pieces)


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_goes_out_as_it_came_in(codec):
    text = '\ufeff<?xml version="1.0" encoding="UTF-16"?><a name="é漢"><b/></a>'
    data = text.encode(codec) if codec != "utf-16" else text[1:].encode(codec)
    document = parse(data, HERE, root="a")
    assert document.root.attributes["name"] == "é漢"
    assert document.for_file(document.data) == data


def test_a_declared_encoding_is_obeyed():
    document = parse('<?xml version="1.0" encoding="ISO-8859-1"?><a>é</a>'.encode("latin-1"), HERE, root="a")
    assert document.root.text == "é"
    assert document.encoded("é漢") == b"&#233;&#28450;"


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>',
        '<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a>&e;</a>',
        '<!DOCTYPE a [<!ENTITY % e SYSTEM "http://localhost/x">%e;]><a/>',
        '<!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><a>&b;</a>',
        '<!DOCTYPE a [<!NOTATION n SYSTEM "n"><!ENTITY e SYSTEM "x" NDATA n>]><a/>',
        "<a>&unknown;</a>",
        "<a" + "><a" * (MAX_DEPTH + 1) + "/>",
        "<a><x" + "><x" * (MAX_DEPTH + 1) + "/>",
        "<a>",
        "<a></b>",
        "<a/><a/>",
        "",
        "no xml",
        "<b/>",
        '<?xml version="1.0" encoding="klingon"?><a/>',
        '<?xml version="1.0" encoding="shift_jis"?><a/>',
    ],
)
def test_what_is_refused(text):
    with pytest.raises(TimelineError) as problem:
        parse(text.encode(), HERE, root="a", ignore=frozenset({"x"}))
    assert "a.xml" in str(problem.value)


def test_an_external_dtd_is_not_fetched():
    document = parse(b'<!DOCTYPE a SYSTEM "http://localhost:1/a.dtd"><a/>', HERE, root="a")
    assert document.root.tag == "a"


def test_damaged_utf_16_is_refused():
    with pytest.raises(TimelineError, match="UTF-16"):
        parse(b"\xff\xfe<\0a\0/", HERE, root="a")


def test_ignored_elements_leave_nothing():
    document = parse(b"<a><x><b>1</b></x><b>2</b></a>", HERE, root="a", ignore=frozenset({"x"}))
    assert [node.text for node in document.root.walk() if node.tag == "b"] == ["2"]


def test_paths_of_names():
    root = parse(b"<a><b><c> 1 </c></b><b><c>2</c></b></a>", HERE, root="a").root
    assert root.value("b", "c") == "1"
    assert root.value("b", "d") == ""
    assert [node.value("c") for node in root.all("b")] == ["1", "2"]
    assert isinstance(root.child(), Node)
