"""Times, resources, formats and projects of an FCPXML document.

Source: Apple, FCPXML Reference (versions 1.0 to 1.14), and exports of Final Cut Pro and Resolve.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

from emsync_bridge.errors import TimelineError
from emsync_bridge.timecode import exact_rate
from emsync_bridge.timeline.sequence_choice import SequenceCandidate, choose
from emsync_bridge.timeline.xml.tree import Document, Node, parse

OUR_PREFIX = "emsync-"  # begins every id that emsync writes

# Most of an export is effects, colour, collections and bookmarks, which the cut does not need.
UNREAD = frozenset(
    {
        *("bookmark", "metadata", "smart-collection", "keyword-collection", "collection-folder", "keyword", "rating"),
        *("analysis-marker", "text-style-def", "filter-audio", "filter-video-mask", "note", "import-options"),
        *("adjust-volume", "adjust-panner", "audio-channel-source", "reserved"),
        *("audio-role-source", "object-tracker", "adjust-stabilization", "adjust-colorConform", "adjust-corners"),
    }
)
STORY = ("asset-clip", "clip", "ref-clip", "sync-clip", "mc-clip", "gap", "video", "title", "audio", "audition")

_HOLDERS = ("fcpxml", "library", "event", "project")

_TIME = re.compile(r"(-?\d{1,20})(?:/(\d{1,15}))?s?")
_DECIMAL = re.compile(r"(-?\d{1,15}\.\d{1,15})s?")
# FFVideoFormat1080p2997, FFVideoFormatDV720x480i5994: scanning, then frames or fields per second times 100
_FORMAT_NAME = re.compile(r"FFVideoFormat.*?([pi])(\d{2,5})(?:_\w+)?")


@dataclass(frozen=True)
class Fcpxml:
    """A document with its named parts.

    Arguments:
        document: The parsed XML.
        resources: Every resource by its id.
        sequences: The sequences that can be read: of projects, or of compound clips where there is no project.
        candidates: Their names, and whether anything else contains them.
    """

    document: Document
    resources: dict[str, Node]
    sequences: tuple[Node, ...]
    candidates: tuple[SequenceCandidate, ...]

    @property
    def path(self) -> Path:
        """The file."""
        return self.document.path

    @property
    def version(self) -> tuple[int, ...]:
        """The version that the document declares."""
        text = self.document.root.attributes.get("version", "")
        return tuple(int(part) for part in text.split(".")) if re.fullmatch(r"\d{1,3}(\.\d{1,3})*", text) else (1, 8)

    def choose(self, name: str | None) -> tuple[Node, str, list[str]]:
        """Return the sequence to read, its name, and what to tell about the choice."""
        index, notes = choose(self.candidates, name, self.path)
        return self.sequences[index], self.candidates[index].name, notes

    def resource(self, node: Node, attribute: str = "ref") -> Node | None:
        """Return the resource that an element refers to."""
        return self.resources.get(node.attributes.get(attribute, ""))

    def rate(self, node: Node | None) -> Fraction | None:
        """Return the frame rate of what an element's ``format`` names; None when it has none."""
        form = self.resource(node, "format") if node else None
        return _format_rate(form.attributes.get("frameDuration", ""), form.attributes.get("name", "")) if form else None


def open_fcpxml(path: Path, data: bytes, *, whole: bool = False) -> Fcpxml:
    """Return a document from the bytes of a file, or of the document in a ``.fcpxmld`` folder.

    Arguments:
        path: The file or the folder.
        data: Content of the document.
        whole: Whether to keep the elements that only write-back needs.

    Raises:
        TimelineError: It is damaged or not an FCPXML document.
    """
    ignore = frozenset[str]() if whole else UNREAD
    document = parse(data, path, root="fcpxml", ignore=ignore)
    resources = {
        node.attributes["id"]: node
        for group in _resource_groups(document.root)
        for node in group.children
        if "id" in node.attributes
    }
    found = _projects(document.root) or _compounds(resources)
    names = tuple(
        SequenceCandidate(name or path.stem, top, _filled(sequence), group) for name, sequence, top, group in found
    )
    return Fcpxml(document, resources, tuple(sequence for _, sequence, _, _ in found), names)


@lru_cache(maxsize=65536)
def seconds(text: str) -> Fraction | None:
    """Return a time such as ``1001/30000s``, ``5s`` or ``2.5s``; None for anything else."""
    whole = _TIME.fullmatch(text)
    if whole is not None:
        below = int(whole[2] or 1)
        return Fraction(int(whole[1]), below) if below else None
    return Fraction(text.rstrip("s")) if _DECIMAL.fullmatch(text) else None


def time_of(node: Node, attribute: str) -> Fraction | None:
    """Return a time attribute; None when it is missing or not a time."""
    return seconds(node.attributes.get(attribute, ""))


def sequence_rate(fcpxml: Fcpxml, sequence: Node, given: Fraction | None) -> Fraction:
    """Return the frame rate of a sequence: that of its format, else the given one.

    Arguments:
        fcpxml: The document.
        sequence: A sequence or multicam.
        given: Rate that the user gave, or the rate around it.

    Raises:
        TimelineError: Neither is known.
    """
    rate = fcpxml.rate(sequence) or given
    if rate is None:
        raise TimelineError(
            "The project's format states no frame rate",
            where=fcpxml.path,
            hint="Give the frame rate, such as 23.976",
            setting="rate",
        )
    return rate


@lru_cache(maxsize=1024)
def _format_rate(duration: str, name: str) -> Fraction | None:
    frame = seconds(duration)
    if frame is not None and Fraction(1, 1000) <= frame <= 1:
        return exact_rate(1 / frame)
    found = _FORMAT_NAME.fullmatch(name)
    if found is None:
        return None
    number = int(found[2])
    rate = exact_rate(Fraction(number, 100) if number > 240 else Fraction(number))
    # Interlaced formats are named by fields.
    return rate / 2 if found[1] == "i" and rate > 31 else rate


def _resource_groups(root: Node) -> list[Node]:
    """Return all groups of resources: one below the root, before version 1.3 one in each project or event."""
    return [
        node for parent in root.walk() if parent.tag in _HOLDERS for node in parent.children if node.tag == "resources"
    ]


def _projects(root: Node) -> list[tuple[str, Node, bool, str]]:
    """Return name, sequence, whether nothing contains it, and event of every project."""
    found = []
    stack = [(root, "")]
    while stack:
        node, event = stack.pop()
        if node.tag == "project":
            sequence = node.child("sequence")
            if sequence is not None:
                found.append((node.attributes.get("name", ""), sequence, True, event))
        elif node.tag in _HOLDERS:
            inside = node.attributes.get("name", "") if node.tag == "event" else event
            stack.extend((child, inside) for child in reversed(node.children))
    return found


def _compounds(resources: dict[str, Node]) -> list[tuple[str, Node, bool, str]]:
    """Return compound clips, for documents that an event without a project was exported to."""
    media = {key: node for key, node in resources.items() if node.tag == "media" and node.child("sequence")}
    inside = {
        item.attributes.get("ref", "") for node in media.values() for item in node.walk() if item.tag == "ref-clip"
    }
    return [
        (node.attributes.get("name", ""), sequence, key not in inside, "")
        for key, node in media.items()
        if (sequence := node.child("sequence")) is not None
    ]


def _filled(sequence: Node) -> bool:
    spine = sequence.child("spine")
    return spine is not None and bool(spine.children)
