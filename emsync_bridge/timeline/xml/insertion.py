"""Insertion of elements into an XML document, and their removal; every other byte stays.

Whatever goes in goes right behind a ``>`` and begins with its own line break, so that taking it out, with the white
space before it, gives back the bytes from before.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

from emsync_bridge.files.urls import UrlStyle, is_absolute, style_of, to_url
from emsync_bridge.timeline.xml.tree import Document, Node

Element = ET.Element

# Characters that XML 1.0 cannot hold in any form
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SPACE = b" \t\r\n"


@dataclass(frozen=True)
class ByteEdit:
    """A change of a document's bytes.

    Arguments:
        start: Offset of the first byte that goes.
        end: Offset after the last byte that goes; equal to ``start`` for a mere insertion.
        data: Bytes that come in their place.
    """

    start: int
    end: int
    data: bytes = b""


def apply(document: Document, edits: Iterable[ByteEdit]) -> bytes:
    """Return a document with changes made, in the encoding of its file.

    Arguments:
        document: The document.
        edits: Changes that do not overlap; those at one place keep their order.
    """
    pieces = []
    at = 0
    for edit in sorted(edits, key=lambda edit: edit.start):
        pieces += [document.data[at : edit.start], edit.data]
        at = edit.end
    return document.for_file(b"".join([*pieces, document.data[at:]]))


def element(tag: str, text: str | int | None = None, **attributes: str) -> Element:
    """Return a new element, without the characters that XML cannot hold.

    Arguments:
        tag: Its name.
        text: Its text.
        attributes: Its attributes in order.
    """
    made = Element(tag, {key: legal_text(value) for key, value in attributes.items()})
    made.text = None if text is None else legal_text(str(text))
    return made


def branch(tag: str, *children: Element, **attributes: str) -> Element:
    """Return a new element with children."""
    made = element(tag, **attributes)
    made.extend(children)
    return made


def legal_text(text: str) -> str:
    """Return text without the characters that XML cannot hold."""
    return _ILLEGAL.sub("", text)


class Layout:
    """Layout of a document: its line breaks and indentation, which new elements follow.

    Arguments:
        document: The document.
        outer: An element that has children.
    """

    def __init__(self, document: Document, outer: Node) -> None:
        self.document = document
        self.line_break = "\r\n" if b"\r\n" in document.data[:65536] else "\n"
        own, inner = self.indentation(outer), self.indentation(outer.children[0]) if outer.children else None
        self.unit = inner[len(own or "") :] if inner and inner.startswith(own or "") and inner != own else "\t"

    def indentation(self, node: Node) -> str | None:
        """Return the white space before an element on its line; None when something else stands there."""
        line = self.document.data.rfind(b"\n", 0, node.start) + 1
        before = self.document.data[line : node.start]
        return None if before.strip(_SPACE) else before.decode("ascii")

    def inside(self, parent: Node) -> str:
        """Return the indentation of an element's children."""
        for child in reversed(parent.children):
            found = self.indentation(child)
            if found is not None:
                return found
        return (self.indentation(parent) or "") + self.unit

    def written(self, elements: Sequence[Element], indentation: str) -> bytes:
        """Return elements as bytes, each beginning with a line break."""
        lines = []
        for made in elements:
            ET.indent(made, space=self.unit)
            for part in made.iter():
                if len(part):
                    part.text = (part.text or "").replace("\n", f"\n{indentation}")
                part.tail = (part.tail or "").replace("\n", f"\n{indentation}")
            made.tail = None
            text = ET.tostring(made, encoding="unicode")
            lines.append(f"\n{indentation}{text}")
        return self.document.encoded("".join(lines).replace("\n", self.line_break))

    def after(self, sibling: Node, elements: Sequence[Element]) -> ByteEdit:
        """Return the insertion of elements behind a sibling."""
        at = self.document.end(sibling)
        return ByteEdit(at, at, self.written(elements, self.indentation(sibling) or ""))

    def first(self, parent: Node, elements: Sequence[Element]) -> ByteEdit:
        """Return the insertion of elements as the first children; a self-closed parent is opened for them."""
        at = self.document.inside(parent)
        data = self.written(elements, self.inside(parent))
        if not self.document.is_empty_tag(parent):
            return ByteEdit(at, at, data)
        closing = f"{self.line_break}{self.indentation(parent) or ''}</{parent.tag}>"
        return ByteEdit(at - 2, at, b">" + data + self.document.encoded(closing))

    def last(self, parent: Node, elements: Sequence[Element]) -> ByteEdit:
        """Return the insertion of elements as the last children."""
        return self.after(parent.children[-1], elements) if parent.children else self.first(parent, elements)


def removal(document: Document, node: Node) -> ByteEdit:
    """Return the removal of an element with the white space that was put in before it."""
    start = len(document.data[: node.start].rstrip(_SPACE))
    if document.data[start - 1 : start] != b">":
        start = node.start
    return ByteEdit(start, document.end(node))


def media_url(path: Path, urls: Iterable[str], default: UrlStyle) -> str:
    """Return the URL of a file in the style that a document uses; relative styles are not kept, editors differ on them.

    Arguments:
        path: The file.
        urls: URLs of the document's own media.
        default: The style for a document without media.
    """
    style = style_of(urls, default)
    if style in (UrlStyle.RELATIVE, UrlStyle.RELATIVE_URL):
        style = UrlStyle.URL
    return to_url(path if is_absolute(str(path)) else Path(os.path.abspath(path)), style)  # noqa: PTH100 - keeps links
