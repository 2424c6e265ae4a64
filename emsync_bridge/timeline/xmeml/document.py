"""Sequences, files, rates and timecodes of a Final Cut Pro 7 XML document (xmeml).

Source: Apple, Final Cut Pro XML Interchange Format (versions 4 and 5), and exports of Premiere Pro, Resolve and Hiero.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

from emsync_bridge.errors import TimelineError
from emsync_bridge.timecode import can_drop, exact_rate, from_timecode
from emsync_bridge.timeline.sequence_choice import SequenceCandidate, choose
from emsync_bridge.timeline.xml.tree import Document, Node, parse

OUR_PREFIX = "emsync-"  # begins every id that emsync writes
OUR_NOTE = "[emsync]"  # ends the comment of every marker that emsync writes: markers carry no id

# Half of an export is logging, labels, links and codec settings that the cut does not need.
UNREAD = frozenset(
    {
        *("logginginfo", "labels", "colorinfo", "link", "itemhistory", "comments"),
        *("filmdata", "appspecificdata", "codec", "outputs", "uuid"),
    }
)
_NUMBER = re.compile(r"[+-]?\d{1,15}(\.\d{0,15})?")


@dataclass(frozen=True)
class Xmeml:
    """A document with its named parts.

    Arguments:
        document: The parsed XML.
        sequences: All sequences that are defined, in document order.
        tops: Whether each of them is nested in no other.
        by_id: Definition of each sequence that has an id.
        files: Definition of each file that has an id, wherever in the document it stands.
        multiclips: Definition of each multiclip that has an id.
        namesakes: Paths under which the document has several files, told apart by the timecode that they begin at.
    """

    document: Document
    sequences: tuple[Node, ...]
    tops: tuple[bool, ...]
    by_id: dict[str, Node]
    files: dict[str, Node]
    multiclips: dict[str, Node]
    namesakes: frozenset[str] = frozenset()

    @property
    def path(self) -> Path:
        """The file."""
        return self.document.path

    def choose(self, name: str | None) -> tuple[Node, list[str]]:
        """Return the sequence to read and what to tell about the choice; see ``sequence_choice.choose``."""
        candidates = [
            SequenceCandidate(sequence.value("name") or self.path.stem, top, bool(_items(sequence)))
            for sequence, top in zip(self.sequences, self.tops, strict=True)
        ]
        index, notes = choose(candidates, name, self.path)
        return self.sequences[index], notes

    def from_premiere(self) -> bool:
        """Tell whether Premiere wrote the document, judged by its own attributes on the sequences."""
        return any(
            key.startswith(("TL.", "MZ.")) or key == "explodedTracks"
            for sequence in self.sequences
            for key in sequence.attributes
        )


def open_xmeml(path: Path, data: bytes, *, whole: bool = False) -> Xmeml:
    """Return a document from the bytes of a file.

    Arguments:
        path: The file.
        data: Its content.
        whole: Whether to keep the elements that only write-back needs.

    Raises:
        TimelineError: It is damaged or not an xmeml document.
    """
    ignore = frozenset[str]() if whole else UNREAD
    document = parse(data, path, root="xmeml", ignore=ignore)
    sequences: list[tuple[Node, bool]] = []
    nested: set[str] = set()
    by_id: dict[str, Node] = {}
    files: dict[str, Node] = {}
    multiclips: dict[str, Node] = {}
    stack: list[tuple[Node, bool]] = [(document.root, False)]
    while stack:
        node, inside = stack.pop()
        key = node.attributes.get("id", "")
        if node.tag == "sequence":
            if inside and key:
                nested.add(key)
            if node.child("media") is not None:
                sequences.append((node, not inside))
                if key:
                    by_id.setdefault(key, node)
            inside = True
        elif node.tag == "file":
            _keep_fuller(files, key, node)
        elif node.tag == "multiclip":
            _keep_fuller(multiclips, key, node)
        stack.extend((child, inside) for child in reversed(node.children))
    return Xmeml(
        document,
        tuple(node for node, _ in sequences),
        tuple(top and node.attributes.get("id", "") not in nested for node, top in sequences),
        by_id,
        files,
        multiclips,
        _namesakes(files),
    )


def tracks(sequence: Node, kind: str) -> list[Node]:
    """Return the tracks of a sequence.

    Arguments:
        sequence: A sequence with media.
        kind: ``video`` or ``audio``.
    """
    media = sequence.child("media", kind)
    return media.all("track") if media else []


def number(text: str) -> Fraction | None:
    """Return a count of frames; None for anything else than a plain number."""
    if text.isdecimal() and text.isascii() and len(text) < 16:
        return Fraction(int(text))
    return Fraction(text) if _NUMBER.fullmatch(text) else None


def is_true(node: Node, tag: str, *, default: bool) -> bool:
    """Return a flag such as ``enabled``, which is TRUE or FALSE in any case."""
    text = node.value(tag).upper()
    return default if text not in ("TRUE", "FALSE", "1", "0") else text in ("TRUE", "1")


def rate_of(node: Node | None) -> Fraction | None:
    """Return the frame rate that an element states; None when it states none.

    Arguments:
        node: An element with a ``rate`` child: a timebase, times 1000/1001 when ``ntsc`` is TRUE.
    """
    rate = node.child("rate") if node else None
    return _rate(rate.value("timebase"), is_true(rate, "ntsc", default=False)) if rate else None


@lru_cache(maxsize=256)
def _rate(timebase: str, ntsc: bool) -> Fraction | None:
    base = number(timebase)
    if base is None or not 1 <= base <= 1000:
        return None
    return base * 1000 / 1001 if ntsc and base.denominator == 1 else exact_rate(base)


def sequence_rate(xmeml: Xmeml, sequence: Node, given: Fraction | None) -> Fraction:
    """Return the frame rate of a sequence: its own, else that of its timecode or picture format, else the given one.

    Arguments:
        xmeml: The document, for messages.
        sequence: A sequence.
        given: Rate that the user gave.

    Raises:
        TimelineError: Neither is known.
    """
    video = sequence.child("media", "video", "format", "samplecharacteristics")
    rate = rate_of(sequence) or rate_of(sequence.child("timecode")) or rate_of(video) or given
    if rate is None:
        raise TimelineError(
            f"The sequence '{sequence.value('name')}' states no frame rate",
            where=xmeml.path,
            hint="Give the frame rate, such as 23.976",
            setting="rate",
        )
    return rate


def timecode_of(node: Node | None, rate: Fraction) -> tuple[Fraction, Fraction, bool] | None:
    """Return the frame number of a timecode, its frame rate and whether it drops frames; None when there is none.

    Arguments:
        node: An element with a ``timecode`` child.
        rate: Its frame rate where the timecode states none.
    """
    timecode = node.child("timecode") if node else None
    if timecode is None:
        return None
    own = rate_of(timecode) or rate
    text = timecode.value("string")
    # Premiere flags rates that cannot drop frames, too.
    drop = (timecode.value("displayformat").upper() == "DF" or ";" in text) and can_drop(own)
    frame = number(timecode.value("frame"))
    if frame is None or frame < 0:
        try:
            frame = Fraction(from_timecode(text, own, drop))
        except TimelineError:
            return None
    return frame, own, drop


def _namesakes(files: dict[str, Node]) -> frozenset[str]:
    """Return the paths of which several files begin at timecodes of their own: renders that replaced each other."""
    begins: dict[str, set[Fraction]] = {}
    for file in files.values():
        timecode = timecode_of(file, rate_of(file) or Fraction(30))
        if timecode is not None:
            begins.setdefault(file.value("pathurl"), set()).add(timecode[0] / timecode[1])
    return frozenset(path for path, found in begins.items() if path and len(found) > 1)


def _keep_fuller(found: dict[str, Node], key: str, node: Node) -> None:
    if key and (key not in found or len(node.children) > len(found[key].children)):
        found[key] = node


def _items(sequence: Node) -> list[Node]:
    kinds = ("clipitem", "generatoritem")
    return [
        item
        for kind in ("video", "audio")
        for track in tracks(sequence, kind)
        for item in track.children
        if item.tag in kinds
    ]
