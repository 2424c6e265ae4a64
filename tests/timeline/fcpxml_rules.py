"""Rules of Apple's DTDs that emsync's additions to FCPXML can break, and the DTDs themselves where they are found.

The DTDs are Apple's and not part of this project. Every Final Cut Pro installation has them; a folder with copies can
be named in EMSYNC_FCPXML_DTDS.
"""

from __future__ import annotations

import os
import re
from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree as ET

_FOLDERS = (
    os.environ.get("EMSYNC_FCPXML_DTDS", ""),
    "/Applications/Final Cut Pro.app/Contents/Frameworks/Interchange.framework/Versions/A/Resources",
)
_CLIPS = {
    *("audio", "video", "clip", "title", "caption", "mc-clip", "ref-clip", "sync-clip", "asset-clip", "audition"),
    "spine",
}
_MARKS = {"marker", "chapter-marker", "rating", "keyword", "analysis-marker", "hidden-clip-marker"}
_TAIL = {
    "audio-channel-source",
    "audio-role-source",
    "sync-source",
    "filter-video",
    "filter-video-mask",
    "filter-audio",
}
_RESOURCES = {"asset", "effect", "format", "media", "locator"}
_MARKER = {"start", "duration", "value", "completed", "note", "posterOffset"}
_LAST = {"metadata", "reserved"}
_SPINE = {*_CLIPS - {"caption", "spine"}, "gap", "transition"}
_TIME = re.compile(r"-?\d+(/\d+)?s")
_TIMES = ("start", "duration", "offset", "tcStart", "frameDuration")


def dtd_path(version: str) -> Path | None:
    """Apple's DTD of a version, where it is at hand."""
    names = (f"FCPXMLv{version.replace('.', '_')}.dtd", f"Final_Cut_Pro_XML_DTD_version_{version}.dtd")
    found = (Path(folder) / name for folder in _FOLDERS if folder for name in names)
    return next((path for path in found if path.is_file()), None)


def dtd_errors(data: bytes, path: Path) -> list[str]:
    """Errors that Apple's DTD finds in a document."""
    from lxml import etree

    with path.open("rb") as file:
        dtd = etree.DTD(file)
    dtd.validate(etree.fromstring(data))
    return [str(error) for error in dtd.error_log]


def broken_rules(data: bytes) -> list[str]:
    """Errors that a DTD would find in a document, as far as emsync could be the cause."""
    root = ET.fromstring(data)
    version = tuple(map(int, root.get("version").split(".")))
    wrong = []
    ids = [element.get("id") for element in root.iter() if element.get("id") is not None]
    wrong += [f"id {key} twice" for key in {key for key in ids if ids.count(key) > 1}]
    wrong += [
        f"no {ref}" for e in root.iter() if (ref := e.get("ref") or e.get("format")) is not None and ref not in ids
    ]
    order = ("import-options", "resources", "library", "event", "project")
    ranks = [order.index(child.tag) for child in root if child.tag in order]
    if ranks != sorted(ranks) or len(root.findall("resources")) > 1:
        wrong.append("order in fcpxml")
    for element in root.iter():
        wrong += _wrong_in(element, version)
    return wrong


def _wrong_in(element: ET.Element, version: tuple[int, ...]) -> list[str]:
    tag = element.tag
    wrong = [f"{tag}@{key}" for key in _TIMES if element.get(key) and not _TIME.fullmatch(element.get(key))]
    children = [child.tag for child in element]
    if tag == "resources":
        wrong += [
            f"{child} in resources"
            for child in children
            if child not in ("asset", "effect", "format", "media", "locator")
        ]
    if tag == "spine":
        wrong += [f"{child} in spine" for child in children if child not in _SPINE]
    if tag == "asset":
        wrong += _wrong_in_asset(element, version)
    if tag in ("asset-clip", "ref-clip", "mc-clip", "video", "audio", "title") and not element.get("ref"):
        wrong.append(f"{tag} without ref")
    if tag in ("marker", "chapter-marker"):
        wrong += [f"{tag} without {key}" for key in ("start", "value") if element.get(key) is None]
        wrong += [
            f"{key} of {tag}"
            for key in set(element.keys()) - {"start", "duration", "value", "completed", "note", "posterOffset"}
        ]
    if tag in _CLIPS - {"spine", "audition"} or tag == "gap":
        ranks = [_rank(child) for child in children]
        if ranks != sorted(ranks):
            wrong.append(f"order in {tag}: {children}")
    return wrong


def _wrong_in_asset(element: ET.Element, version: tuple[int, ...]) -> list[str]:
    if version >= (1, 9):
        good = element.get("src") is None and len(element) and element[0].tag == "media-rep" and element[0].get("src")
    else:
        good = element.get("src") is not None and element.find("media-rep") is None
    return [] if good else [f"asset {element.get('id')} of {version}"]


def _rank(child: str) -> int:
    for rank, group in enumerate((_CLIPS | {"gap"}, _MARKS, _TAIL, _LAST), start=1):
        if child in group:
            return rank
    return 0


def on_grid(data: bytes, frame: Fraction) -> bool:
    """True when all times of emsync's own clips are whole frames, as Final Cut Pro requires."""
    root = ET.fromstring(data)
    ours = [e for e in root.iter("asset-clip") if e.get("ref", "").startswith("emsync-")]
    texts = [clip.get(key) for clip in ours for key in ("start", "duration")]
    texts += [mark.get(key) for clip in ours for mark in clip for key in ("start", "duration")]
    return bool(ours) and all((Fraction(text.rstrip("s")) / frame).denominator == 1 for text in texts)
