"""Text files of unknown encoding: bytes to text, the way lists and tables arrive from many programs."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from emsync_bridge.errors import TimelineError

MAX_BYTES = 64 * 2**20
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_LINE_END = re.compile(r"\r\n|\r|\n")


def decode_text(data: bytes) -> str:
    """Return the text in UTF-8, UTF-16 (with or without a byte order mark) or, failing both, Latin-1.

    NUL bytes that pad a text are dropped.

    Arguments:
        data: The whole file.
    """
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, errors="replace").replace("\0", "")
    encoding = utf16_without_mark(data)
    if encoding:
        return data.decode(encoding, errors="replace").replace("\0", "")
    data = data.replace(b"\0", b"")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def utf16_without_mark(data: bytes) -> str:
    """Return the encoding of UTF-16 text without a byte order mark; empty for any other text.

    Every other byte of Western text in UTF-16 is zero. In text that is padded with NUL bytes, as lists of tape and
    disk systems are, zeros stand at even and odd places alike.

    Arguments:
        data: The beginning of the text, or all of it.
    """
    head = data.rstrip(b"\0\x1a")[:4096]
    even, odd = head[::2].count(0), head[1::2].count(0)
    if max(even, odd) * 8 <= len(head) or min(even, odd) * 8 > max(even, odd):
        return ""
    return "utf-16-le" if odd > even else "utf-16-be"


def read_text(path: Path) -> str:
    """Return the text of a file.

    Arguments:
        path: A file of at most 64 MB.

    Raises:
        TimelineError: It cannot be read or is too large to be a list.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as problem:
        raise TimelineError(f"This file cannot be read ({problem.strerror})", where=path) from None
    return text_of(data, path)


def text_of(data: bytes, path: Path) -> str:
    """Return the text of the bytes of a file.

    Arguments:
        data: Bytes of the file, at most 64 MB.
        path: The file, for the message.

    Raises:
        TimelineError: It is too large to be a list.
    """
    if len(data) > MAX_BYTES:
        raise TimelineError("This file is larger than 64 MB", where=path, hint="Check that it is the right file")
    return decode_text(data)


def split_lines(text: str) -> list[str]:
    """Return the lines of a text that may mix CRLF, CR and LF, without their ends.

    Unlike ``str.splitlines`` it leaves form feeds and Unicode separators alone: clip names contain them.
    """
    return _LINE_END.split(text)
