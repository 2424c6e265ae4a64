"""Paths of media: conversion between the paths and URLs that editors write and those of an operating system.

Percent-encoding follows RFC 3986, file URLs follow RFC 8089 with its Windows forms (appendix E).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from enum import Enum
from pathlib import Path, PurePosixPath, PureWindowsPath
from urllib.parse import quote, unquote

_DRIVE = re.compile(r"^[A-Za-z]:[\\/]")
_FILE_URL = re.compile(r"^file:", re.IGNORECASE)
_OTHER_URL = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]+://")
# A file URL path that begins with a drive: ``/C:/``, ``/C|/`` (old browsers) or ``/C%3A/`` (Premiere)
_URL_DRIVE = re.compile(r"^/([A-Za-z])(?::|\||%3[Aa])(/|$)")


class UrlStyle(Enum):
    """Style in which a document writes the paths of its media."""

    PATH = "/Volumes/A/b c.wav"
    URL = "file:///Volumes/A/b%20c.wav"
    LOCALHOST = "file://localhost/Volumes/A/b%20c.wav"
    RELATIVE = "media/b c.wav"
    RELATIVE_URL = "media/b%20c.wav"


def to_path(url_or_path: str) -> str:
    """Return the path that a document means, written for the system it came from.

    Arguments:
        url_or_path: A file URL in any editor's spelling, or a path. Windows drives and network shares keep
            their form: ``file:///C:/a%20b.mov`` gives ``C:/a b.mov``, ``file://server/share/a`` gives
            ``//server/share/a``. A relative reference counts as a URL too; absolute paths and URLs of other schemes
            come back as they are.
    """
    text = url_or_path.strip()
    if not _FILE_URL.match(text):
        return text if is_absolute(text) else unquote(text)
    rest = text[len("file:") :]
    host = ""
    if rest.startswith("//"):
        host, slash, path = rest[2:].partition("/")
        rest = slash + path
        if host.lower() in ("localhost", "127.0.0.1"):
            host = ""
        elif re.fullmatch(r"[A-Za-z](:|%3[Aa])", host):  # ``file://C:/``: two slashes where three belong
            rest, host = f"/{host}{rest}", ""
    drive = _URL_DRIVE.match(rest)
    if drive:
        return f"{drive[1].upper()}:/" + unquote(rest[drive.end() :])
    if host:
        return f"//{unquote(host)}{unquote(rest)}"
    # ``file:////server/share``: the share is in the path
    return unquote(rest)


def to_url(path: str | Path, style: UrlStyle, *, beside: Path | None = None) -> str:
    """Return how a document of a given style writes a path.

    Arguments:
        path: An absolute path of this system or of Windows; a relative one stays relative in the relative styles.
        style: Style that the document already uses.
        beside: Folder of the document, which the relative styles count from. Media outside of it gets an absolute
            path or URL.
    """
    text = str(path)
    if style in (UrlStyle.RELATIVE, UrlStyle.RELATIVE_URL):
        inside = _relative(text, beside)
        if inside is not None:
            return inside if style is UrlStyle.RELATIVE else _quoted(inside)
        style = UrlStyle.PATH if style is UrlStyle.RELATIVE else UrlStyle.URL
    if style is UrlStyle.PATH:
        return text
    if not is_absolute(text):
        return _quoted(text.replace("\\", "/"))
    host = "localhost" if style is UrlStyle.LOCALHOST else ""
    if _DRIVE.match(text):
        drive, rest = text[0], text[2:].replace("\\", "/")
        return f"file://{host}/{drive}:{_quoted(rest)}"
    if text.startswith(("\\\\", "//")):
        server, _, rest = text[2:].replace("\\", "/").partition("/")
        return f"file://{_quoted(server)}/{_quoted(rest)}"
    return f"file://{host}{_quoted(text)}"


def is_absolute(url_or_path: str) -> bool:
    """Tell whether a document names a place that does not depend on where the document lies."""
    text = url_or_path.strip()
    return bool(_DRIVE.match(text) or _FILE_URL.match(text) or _OTHER_URL.match(text) or text.startswith(("/", "\\\\")))


def style_of(urls: Iterable[str | None], default: UrlStyle = UrlStyle.URL) -> UrlStyle:
    """Return the style that most of a document's media is written in.

    Arguments:
        urls: Addresses of the document's media; empty ones are passed over.
        default: The style of a document without media.
    """
    counts = Counter(_style(url.strip()) for url in urls if url and url.strip())
    counts.pop(None, None)
    return next((style for style, _ in counts.most_common(1) if style is not None), default)


def _style(url: str) -> UrlStyle | None:
    if _FILE_URL.match(url):
        return UrlStyle.LOCALHOST if url.lower().startswith("file://localhost/") else UrlStyle.URL
    if _OTHER_URL.match(url):
        return None
    if is_absolute(url):
        return UrlStyle.PATH
    return UrlStyle.RELATIVE_URL if re.search(r"%[0-9A-Fa-f]{2}", url) else UrlStyle.RELATIVE


def _relative(text: str, beside: Path | None) -> str | None:
    if not is_absolute(text):
        return text.replace("\\", "/")
    if beside is None:
        return None
    try:
        return Path(text).relative_to(beside).as_posix()
    except ValueError:
        return None


def _quoted(path: str) -> str:
    return quote(path, safe="/", errors="surrogateescape")


def media_path(name: str) -> PurePosixPath | PureWindowsPath | None:
    r"""Return the path that a timeline means by a path or URL, in the flavour of the system it comes from.

    Arguments:
        name: Name, such as ``file:///C:/clips/a%20b.mov``, ``file://localhost/Volumes/x/a.mov``, ``D:\clips\a.mov`` or
            ``media/a.mov``.

    Returns:
        The path; None when the name is a URL of something else than a file.
    """
    if url := re.match(r"^file:(?://([^/]*))?(.*)$", name, re.DOTALL | re.IGNORECASE):
        host, rest = url[1] or "", unquote(url[2])
        if re.match(r"^/?[A-Za-z]:[/\\]", rest):
            return PureWindowsPath(rest.lstrip("/"))
        if host and host.lower() != "localhost":
            return PureWindowsPath(f"//{host}{rest}")
        return PurePosixPath(rest)
    if re.match(r"^[A-Za-z][A-Za-z0-9+.-]+://", name):
        return None
    if re.match(r"^[A-Za-z]:[/\\]", name) or name.startswith("\\\\") or ("\\" in name and "/" not in name):
        return PureWindowsPath(name)
    return PurePosixPath(name)


def media_stem(name: str) -> str:
    """Return the name of a media file without folder and suffix.

    Arguments:
        name: A path or URL, as a timeline writes it, or any other name.
    """
    return unquote((media_path(name) or PurePosixPath(name)).stem)


def media_paths(name: str) -> list[PurePosixPath | PureWindowsPath]:
    """Return the paths that a timeline may mean: as it is written, and with percent-encoding undone.

    Arguments:
        name: A path or URL, as a timeline writes it.
    """
    return [path for text in dict.fromkeys((name, unquote(name))) if (path := media_path(text)) is not None]
