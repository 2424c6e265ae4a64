"""Parsing of untrusted XML into a small tree whose elements know their byte offsets.

Expat is driven directly because write-back needs byte positions, which the tree libraries do not keep. What a wrapper
such as defusedxml forbids (entity declarations, external entities) takes three handlers here; expat never opens a file
or a network connection by itself.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.parsers import expat

from emsync_bridge.errors import TimelineError

MAX_DEPTH = 256
MAX_ELEMENTS = 8_000_000
MAX_TEXT = 32_768  # characters kept of one element's text: names and comments, not embedded data

# The encodings of two bytes a character with their byte order mark, and without one by their first character, "<".
_UTF16 = (
    (codecs.BOM_UTF16_LE, b"", "utf-16-le"),
    (codecs.BOM_UTF16_BE, b"", "utf-16-be"),
    (b"", b"<\0", "utf-16-le"),
    (b"", b"\0<", "utf-16-be"),
)
_START_TAG = re.compile(rb"<(?:[^>\"']+|\"[^\"]*\"|'[^']*')*>")


class Node:
    """An element: its name, attributes, own text, children, and where it lies in the document's bytes.

    Arguments:
        tag: Name of the element.
        attributes: Its attributes, values decoded.
        start: Byte offset of its ``<``.
    """

    __slots__ = ("attributes", "children", "mark", "start", "tag", "text")

    def __init__(self, tag: str, attributes: dict[str, str], start: int) -> None:
        self.tag = tag
        self.attributes = attributes
        self.text = ""
        self.children: list[Node] = []
        self.start = start
        self.mark = start

    def child(self, *path: str) -> Node | None:
        """Return the first element at a path of names below this one."""
        node: Node | None = self
        for tag in path:
            node = next((child for child in node.children if child.tag == tag), None) if node else None
        return node

    def all(self, tag: str) -> list[Node]:
        """Return the children of one name."""
        return [child for child in self.children if child.tag == tag]

    def value(self, *path: str) -> str:
        """Return the text of the first element at a path, without white space around it; empty when there is none."""
        node = self.child(*path)
        return node.text if node else ""

    def walk(self) -> Iterator[Node]:
        """Yield this element and all below it in document order."""
        stack = [self]
        while stack:
            node = stack.pop()
            yield node
            stack.extend(reversed(node.children))


@dataclass(frozen=True)
class Document:
    """A parsed XML document and the bytes that its positions count in.

    Arguments:
        path: The file, for messages.
        data: The document in an encoding that contains ASCII; UTF-16 is carried as UTF-8.
        root: The outermost element.
        codec: Encoding of ``data`` for text that is put in.
        outer: Encoding and byte order mark of the file where it is not that of ``data``.
    """

    path: Path
    data: bytes
    root: Node
    codec: str = "utf-8"
    outer: tuple[str, bytes] | None = None

    def inside(self, node: Node) -> int:
        """Return the offset just after an element's start tag."""
        tag = _START_TAG.match(self.data, node.start)
        if tag is None:  # cannot happen in a document that expat accepted
            raise TimelineError("The XML has an unreadable tag", where=self.path)
        return tag.end()

    def is_empty_tag(self, node: Node) -> bool:
        """Tell whether an element is written as ``<name/>``."""
        return self.data[self.inside(node) - 2 : self.inside(node) - 1] == b"/"

    def closing(self, node: Node) -> int:
        """Return the offset of an element's end tag, or of its end when it has none."""
        return self.inside(node) if self.is_empty_tag(node) else node.mark

    def end(self, node: Node) -> int:
        """Return the offset just after an element."""
        return self.inside(node) if self.is_empty_tag(node) else self.data.index(b">", node.mark) + 1

    def encoded(self, text: str) -> bytes:
        """Return text for this document; characters that its encoding lacks become character references."""
        return text.encode(self.codec, errors="xmlcharrefreplace")

    def for_file(self, data: bytes) -> bytes:
        """Return changed ``data`` in the encoding of the file."""
        if self.outer is None:
            return data
        codec, mark = self.outer
        return mark + data.decode("utf-8").encode(codec)


def parse(data: bytes, path: Path, *, root: str, ignore: frozenset[str] = frozenset()) -> Document:
    """Return a document from the bytes of a file.

    Arguments:
        data: The bytes.
        path: The file, for messages.
        root: Name that the outermost element must have.
        ignore: Names of elements that are not needed; they and all below them are left out of the tree.

    Raises:
        TimelineError: It is damaged, is not such a document, declares entities, or exceeds the limits.
    """
    codec, outer = "", None
    for mark, first, name in _UTF16:
        if data.startswith(mark + first):
            try:
                data, codec, outer = data[len(mark) :].decode(name).encode("utf-8"), "utf-8", (name, mark)
            except UnicodeError:
                raise TimelineError(
                    "The file is damaged: it is not valid UTF-16", where=path, hint="Export the timeline again"
                ) from None
            break
    builder = _Builder(path, ignore)
    parser = expat.ParserCreate(codec or None)
    builder.attach(parser)
    try:
        parser.Parse(data, True)  # noqa: FBT003 - expat takes it by position only
    except expat.ExpatError as problem:
        raise TimelineError(
            f"The XML is damaged at line {problem.lineno}: {expat.errors.messages.get(problem.code, 'unreadable')}",
            where=path,
            hint="Export the timeline again",
        ) from None
    except (LookupError, ValueError, UnicodeError):
        raise TimelineError("The encoding of the XML is not known", where=path, hint="Save it as UTF-8") from None
    if builder.root is None or builder.root.tag != root:
        found = builder.root.tag if builder.root else "nothing"
        raise TimelineError(f"The file holds {found}, not {root}", where=path, hint="Export the timeline again")
    return Document(path, data, builder.root, codec or _ascii_or_utf8(builder.encoding), outer)


def _ascii_or_utf8(declared: str) -> str:
    """Text put into UTF-8 stays readable; elsewhere ASCII with character references is always right."""
    return "utf-8" if declared.lower().replace("_", "-") in ("", "utf-8", "utf8") else "ascii"


class _Builder:
    """Expat's handlers: they build the tree and refuse what no timeline needs."""

    def __init__(self, path: Path, ignore: frozenset[str]) -> None:
        self.path = path
        self.root: Node | None = None
        self.encoding = ""
        self._ignore = ignore
        self._open: list[Node] = []
        self._text: list[list[str]] = []
        self._ignored = 0
        self._elements = 0

    def attach(self, parser: expat.XMLParserType) -> None:
        self._parser = parser
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.XmlDeclHandler = self._declaration
        parser.EntityDeclHandler = self._refuse
        parser.UnparsedEntityDeclHandler = self._refuse
        parser.ExternalEntityRefHandler = self._refuse

    def _declaration(self, _version: str, encoding: str | None, _standalone: int) -> None:
        self.encoding = encoding or ""

    def _refuse(self, *_: object) -> int:
        raise TimelineError(
            "The XML declares entities, which no editor writes", where=self.path, hint="Export the timeline again"
        )

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self._elements += 1
        if self._ignored or tag in self._ignore:
            self._ignored += 1
            self._check(len(self._open) + self._ignored)
            return
        node = Node(tag, attributes, self._parser.CurrentByteIndex)
        if self._open:
            self._open[-1].children.append(node)
        else:
            self.root = node
        self._open.append(node)
        self._text.append([])
        self._check(len(self._open))

    def _check(self, depth: int) -> None:
        if depth > MAX_DEPTH or self._elements > MAX_ELEMENTS:
            raise TimelineError(
                f"The XML exceeds the limit of {MAX_DEPTH} levels or {MAX_ELEMENTS:,} elements",
                where=self.path,
                hint="Export the timeline again",
            )

    def _end(self, _tag: str) -> None:
        if self._ignored:
            self._ignored -= 1
            return
        node = self._open.pop()
        node.text = "".join(self._text.pop()).strip()[:MAX_TEXT]
        node.mark = self._parser.CurrentByteIndex

    def _characters(self, text: str) -> None:
        if not self._ignored and self._text:
            self._text[-1].append(text)
