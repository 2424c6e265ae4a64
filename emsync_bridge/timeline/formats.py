"""Format of a timeline file, judged by its content: suffixes lie, and editors share them."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from pathlib import Path
from typing import IO

from emsync_bridge.errors import TimelineError
from emsync_bridge.files.text import decode_text

HEAD_BYTES = 1 << 16
MAX_BYTES = 512 * 1024 * 1024
"""Bytes of a document; larger ones are refused."""


class Format(Enum):
    """Format of a timeline's file or folder."""

    OTIO = "OpenTimelineIO"
    OTIOZ = "zipped OpenTimelineIO bundle"
    OTIOD = "OpenTimelineIO bundle folder"
    XMEML = "Final Cut Pro 7 XML"
    FCPXML = "FCPXML"
    EDL = "EDL"
    AAF = "AAF"
    VIDEO = "video"


ZIPPED = "content.otio"
"""Name of the document inside an .otioz file."""

DOCUMENTS = {Format.OTIOD: ZIPPED, Format.FCPXML: "Info.fcpxml"}
"""Name of the document inside the folder of a bundle."""

SUFFIXES = {
    Format.OTIO: (".otio",),
    Format.OTIOZ: (".otioz",),
    Format.OTIOD: (".otiod",),
    Format.XMEML: (".xml",),
    Format.FCPXML: (".fcpxml", ".xml"),
    Format.EDL: (".edl",),
    Format.AAF: (".aaf",),
}
"""Suffixes by which editors know the formats, the usual one first."""

_PICTURES = (b"\xff\xd8\xff", b"\x89PNG\r\n", b"GIF8", b"II*\0", b"MM\0*", b"SDPX", b"XPDS", b"\x76\x2f\x31\x01")
"""First bytes of JPEG, PNG, GIF, TIFF, DPX and OpenEXR."""

_EXPORT_HINT = "Export the timeline from the editor as .otio, .xml, .fcpxml, .edl or .aaf and give that file"

# Signatures: ISO base media (box type at byte 4), EBML, MPEG program stream and elementary video, FLV, ASF,
# Ogg, YUV4MPEG2, raw DV, GIF.
_VIDEO_PREFIXES = (
    b"\x1aE\xdf\xa3",
    b"\x00\x00\x01\xba",
    b"\x00\x00\x01\xb3",
    b"FLV\x01",
    b"\x30\x26\xb2\x75\x8e\x66\xcf\x11",
    b"OggS",
    b"YUV4MPEG2",
    b"\x1f\x07\x00",
    b"GIF8",
)
_ISO_BOXES = (b"ftyp", b"moov", b"mdat", b"free", b"wide", b"skip", b"pnot")
# SMPTE ST 377-1: the partition pack key of an MXF file, which may follow a run-in of less than 64 KiB
_MXF_KEY = b"\x06\x0e\x2b\x34\x02\x05\x01\x01\x0d\x01\x02\x01\x01\x02"
_COMPOUND_FILE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # AAF structured storage

_EDL_HEADER = re.compile(r"^\s*(TITLE|FCM)\s*:", re.IGNORECASE)
_EDL_EVENT = re.compile(r"^\s*\d{1,6}[A-Z]?\s+\S.*\s(\d{1,2}[:;.]\d{2}[:;.]\d{2}[:;.,]\d{2,3}\s+){3}\d{1,2}[:;.]")


def sniff(path: Path) -> Format:
    """Return what a file or folder holds; see ``source.open_source``, which reads it as well.

    Arguments:
        path: A timeline, a timeline bundle or a video.

    Raises:
        TimelineError: It cannot be opened, or its format is not known.
    """
    with refuse_unreadable(path):
        if path.is_dir():
            return folder_format(path)
        with path.open("rb") as file:
            return format_of(path, file.read(HEAD_BYTES), file)


@contextmanager
def refuse_unreadable(path: Path) -> Iterator[None]:
    """Turn errors of opening and reading a file into messages.

    Raises:
        TimelineError: It cannot be opened.
    """
    try:
        if path.exists() and not (path.is_file() or path.is_dir()):
            raise TimelineError(
                "This is a pipe or a device, not a file", where=path, hint="Save the timeline as a file first"
            )
        yield
    except FileNotFoundError:
        raise TimelineError("File not found", where=path, hint="Check the path") from None
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or str(problem)
        raise TimelineError(f"The file cannot be opened: {reason}", where=path) from None


def check_size(path: Path, size: int) -> None:
    """Refuse a document that is far larger than any timeline.

    Arguments:
        path: The file, for the message.
        size: Bytes of the document.

    Raises:
        TimelineError: It is larger than ``MAX_BYTES``.
    """
    if size > MAX_BYTES:
        raise TimelineError(
            f"The document is larger than the limit of {MAX_BYTES // 2**20} MB",
            where=path,
            hint="Check that this is the timeline and not its media",
        )


def folder_format(path: Path) -> Format:
    """Return what a bundle folder holds.

    Raises:
        TimelineError: It is not a bundle of a timeline.
    """
    for kind, name in DOCUMENTS.items():
        if (path / name).is_file():
            return kind
    raise TimelineError("This folder is not a timeline bundle", where=path, hint="Give the timeline file itself")


def format_of(path: Path, head: bytes, file: IO[bytes]) -> Format:
    """Return what a file holds.

    Arguments:
        path: Its name, for messages.
        head: Its first ``HEAD_BYTES`` bytes.
        file: The file itself, from which more is read where that is not enough.

    Raises:
        TimelineError: It is nothing that emsync reads.
    """
    if not head.strip():
        raise TimelineError("The file is empty", where=path, hint="Export or copy it again")
    if head.startswith(_COMPOUND_FILE):
        return Format.AAF
    if head.startswith(b"PK"):
        return _zip_format(path, file)
    if _is_video(head):
        return Format.VIDEO
    if head.startswith(b"\x1f\x8b"):
        raise TimelineError("Compressed file; Premiere projects (.prproj) are not read", where=path, hint=_EXPORT_HINT)
    return _text_format(path, head, file)


def _zip_format(path: Path, file: IO[bytes]) -> Format:
    try:
        with zipfile.ZipFile(file) as bundle:
            if ZIPPED in bundle.namelist():
                return Format.OTIOZ
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        raise TimelineError("The zip file is damaged", where=path, hint="Export the timeline again") from None
    raise TimelineError(f"The zip file holds no {ZIPPED}", where=path, hint=_EXPORT_HINT)


def _is_video(head: bytes) -> bool:
    if head.startswith(_VIDEO_PREFIXES) or _MXF_KEY in head:
        return True
    if head[4:8] in _ISO_BOXES and 0 in head[:4]:
        return True
    if head.startswith(b"RIFF") and head[8:12] == b"AVI ":
        return True
    # MPEG transport stream: 188-byte packets, or 192 with a time stamp in front of each
    return any(
        len(head) > 2 * size + skip and all(head[skip + n * size] == 0x47 for n in range(3))
        for size, skip in ((188, 0), (192, 4))
    )


def _text_format(path: Path, head: bytes, file: IO[bytes]) -> Format:
    text = decode_text(head).lstrip("\ufeff \t\r\n")
    if text.startswith("<"):
        for mark, found in (("<xmeml", Format.XMEML), ("<fcpxml", Format.FCPXML)):
            if re.search(rf"{mark}[\s>/]", text):
                return found
        raise TimelineError("The XML is neither FCPXML nor Final Cut Pro 7 XML", where=path, hint=_EXPORT_HINT)
    if text.startswith("{"):
        if '"OTIO_SCHEMA"' in text or _contains(file, b'"OTIO_SCHEMA"'):
            return Format.OTIO
        raise TimelineError("The JSON is not an OpenTimelineIO document", where=path, hint=_EXPORT_HINT)
    # The last line may be cut off by the head; events come within the first lines of any list.
    if any(_EDL_HEADER.match(line) or _EDL_EVENT.match(line) for line in text.splitlines()[:200]):
        return Format.EDL
    if head.startswith(_PICTURES):
        raise TimelineError("This is a still picture, neither a timeline nor a video", where=path, hint=_EXPORT_HINT)
    raise TimelineError("Unsupported file: neither a known timeline format nor a video", where=path, hint=_EXPORT_HINT)


def _contains(file: IO[bytes], needle: bytes) -> bool:
    """Look for a word through the rest of a file, piece by piece."""
    file.seek(0)
    tail = b""
    while piece := file.read(1 << 20):
        if needle in tail + piece:
            return True
        tail = piece[-len(needle) :]
    return False
