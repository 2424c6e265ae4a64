"""Lines of an edit decision list to statements: CMX 3600 and the dialects that editors write.

Field layout after the CMX 3600 list as SMPTE RP 146 and the manuals of Avid, Final Cut Pro, Premiere and Resolve
show it: event, reel, channels, transition, source in and out, record in and out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import Literal, NamedTuple

MAX_LINE = 4096

EditKind = Literal["cut", "dissolve", "wipe", "key background", "key in", "key out"]


class Label(NamedTuple):
    """A timecode as written, its frames field, and whether its last separator says drop frame."""

    text: str
    frames: int
    drop: bool


@dataclass(frozen=True)
class EventLine:
    """An edit: what is taken from where, and where it goes.

    Arguments:
        number: Event number as written.
        reel: Name of the source; empty when left out.
        video: Video track from 1 on; 0 when the edit is sound only.
        kind: Kind of its beginning, such as a cut.
        code: Number of a wipe's pattern, as written.
        length: Frames of the transition.
        source_in: First source frame.
        source_out: Source frame after the last.
        record_in: First frame in the programme.
        record_out: Frame after the last in the programme.
    """

    number: str
    reel: str
    video: int
    kind: EditKind
    code: str
    length: int
    source_in: Label
    source_out: Label
    record_in: Label
    record_out: Label


@dataclass(frozen=True)
class Title:
    """The list's name."""

    text: str


@dataclass(frozen=True)
class FrameCode:
    """``FCM``: how the timecodes from here on count."""

    drop: bool


@dataclass(frozen=True)
class Speed:
    """``M2``: source frames per second of a reel, 0 for a freeze, negative in reverse."""

    reel: str
    fps: Fraction
    source: Label | None


@dataclass(frozen=True)
class ClipName:
    """The clip of the outgoing (``from``), incoming (``to``) or keyed (``key``) side of an event."""

    side: Literal["from", "to", "key"]
    text: str


@dataclass(frozen=True)
class SourceFile:
    """The media file or tape behind an event."""

    text: str


@dataclass(frozen=True)
class EffectName:
    """Name of the transition in the editor."""

    text: str


@dataclass(frozen=True)
class Locator:
    """``LOC``: a marker at a record timecode."""

    time: Label
    color: str
    name: str


@dataclass(frozen=True)
class ResolveMarker:
    """The line below an event that turns it into a marker, as DaVinci Resolve writes it; the length is in frames."""

    color: str
    name: str
    note: str
    frames: int


@dataclass(frozen=True)
class IgnoredLine:
    """A known line that does not change where the picture is cut."""


@dataclass(frozen=True)
class UnreadableLine:
    """A line that no known dialect has."""

    text: str


Statement = (
    EventLine
    | Title
    | FrameCode
    | Speed
    | ClipName
    | SourceFile
    | EffectName
    | Locator
    | ResolveMarker
    | IgnoredLine
    | UnreadableLine
)

# the colours of Avid's locators and Resolve's markers; elsewhere the word after the timecode belongs to the name
_COLORS = """
    RED GREEN BLUE CYAN MAGENTA YELLOW BLACK WHITE PINK ORANGE PURPLE VIOLET FOREST DENIM GOLD GREY GRAY
    FUCHSIA ROSE LAVENDER SKY MINT LEMON SAND COCOA CREAM
"""
MARKER_COLORS = frozenset(_COLORS.split())
# first words of lines about sound, switchers, triggers, film and metadata
_WORDS = """
    REM AUD SPLIT GPI EFFECT EFFECTS BLEND MOTION FINAL REEL DLEDL SWM TYPE FCM FROM TO KEY CLIP SOURCE MEDIA FRMC
    BLOCK AUDIO VIDEO TRANSITION PATCH M2 LOC COMMENT
"""
_NOTE_WORDS = frozenset(_WORDS.split())
_NOTE_MARKS = ("*", ">", "#", ";", "=>", "ASC_", "\x1a", "\xff", "\ufffd")

# No pattern below has two neighbours that match the same characters: a hostile line costs linear time.
_LABEL = re.compile(r"\d{1,2}[:;.,][0-5]\d[:;.,][0-5]\d([:;.,])(\d{2,3})")
_NUMBER = re.compile(r"\d{1,9}[A-Za-z]?")
_CHANNELS = re.compile(r"NONE|ASMBL|B|[VA][VA\d/,+]*", re.IGNORECASE)
_KIND = re.compile(r"(?:(C)|(D)|W ?(\d{0,4})|K ?([BO]?)(?: ?\(F\))?) ?(\d{1,4})?", re.IGNORECASE)
_LENGTH = re.compile(r"\d{1,4}")
_CUT = ("C", None, None, None, None)
_FPS = re.compile(r"[+-]?\d{1,4}(?:\.\d{1,4})?")
_RESOLVE_MARKER = re.compile(r"([^|]*)\| ?C: ?(?:ResolveColor)?(\w*) ?\| ?M:(.*)\| ?D: ?(\d{1,9}) *", re.IGNORECASE)


def parse_line(line: str) -> Statement:
    """Return what a line of a list says.

    Arguments:
        line: One line without its end; longer than 4096 characters counts as junk.
    """
    if len(line) > MAX_LINE:
        return UnreadableLine(line[:80])
    tokens = line.split()
    if not tokens:
        return IgnoredLine()
    return _event(tokens) or _speed(tokens) or _resolve_marker(line) or _named(line) or _other(line, tokens)


def parse_label(text: str) -> Label | None:
    """Return the parts of a timecode; None when it is none. A last `;` or `,` marks drop frame (SMPTE ST 12-1)."""
    found = _LABEL.fullmatch(text)
    return Label(text, int(found[2]), found[1] in ";,") if found else None


def _event(tokens: list[str]) -> EventLine | None:
    if len(tokens) < 6 or not _NUMBER.fullmatch(tokens[0]):
        return None
    first = next((i for i, token in enumerate(tokens) if _LABEL.fullmatch(token)), 0)
    labels = [label for label in map(parse_label, tokens[first : first + 4]) if label]
    edit = _edit(tokens[1:first])
    if len(labels) < 4 or edit is None:
        return None
    reel, channels, (cut, dissolve, wipe, key, length) = edit
    kind: EditKind
    if cut:
        kind = "cut"
    elif dissolve:
        kind = "dissolve"
    elif wipe is not None:
        kind = "wipe"
    else:
        kind = "key background" if key in ("B", "b") else "key out" if key else "key in"
    return EventLine(tokens[0], reel, _video_track(channels), kind, wipe or "", int(length or 0), *labels)


def _edit(fields: list[str]) -> tuple[str, str, tuple[str | None, ...]] | None:
    """Return reel, channels and the parts of the transition from the fields between number and timecodes.

    Only the last four fields can hold channels and transition; what stands before them is the reel.
    """
    for i in range(max(0, len(fields) - 4), len(fields) - 1):
        kind = _KIND.fullmatch(" ".join(fields[i + 1 :]))
        if kind and _CHANNELS.fullmatch(fields[i]) and (i or len(fields) == 2):
            return " ".join(fields[:i]), fields[i].upper(), kind.groups()
    if len(fields) > 1 and _CHANNELS.fullmatch(fields[-1]):  # a blank transition is a cut
        return " ".join(fields[:-1]), fields[-1].upper(), _CUT
    if len(fields) > 2 and _LENGTH.fullmatch(fields[-1]) and _CHANNELS.fullmatch(fields[-2]):
        # A length without a kind is that of a dissolve, unless it is zero.
        blank = (None, "D", None, None, fields[-1]) if int(fields[-1]) else _CUT
        return " ".join(fields[:-2]), fields[-2].upper(), blank
    kind = _KIND.fullmatch(" ".join(fields[1:]))  # some lists leave the channels out
    return (fields[0], "V", kind.groups()) if kind else None


def _video_track(channels: str) -> int:
    """Return the video track that a channel field such as ``V``, ``AA/V``, ``V2``, ``B`` or ``A2`` names, or 0."""
    if channels in ("B", "ASMBL"):
        return 1
    found = re.search(r"V(\d{0,2})", channels)
    return max(1, int(found[1] or 1)) if found else 0


def _speed(tokens: list[str]) -> Speed | None:
    if tokens[0].upper() != "M2" or len(tokens) < 2:
        return None
    source = parse_label(tokens[-1])
    fields = tokens[1:-1] if source else tokens[1:]
    if not fields or not _FPS.fullmatch(fields[-1]):
        return None
    return Speed(" ".join(fields[:-1]), Fraction(fields[-1]), source)


def _resolve_marker(line: str) -> ResolveMarker | None:
    found = _RESOLVE_MARKER.fullmatch(line.strip()) if "|" in line else None
    if not found:
        return None
    return ResolveMarker(found[2].upper(), found[3].strip(), found[1].strip(" *"), int(found[4]))


def _named(line: str) -> Statement | None:
    """Return a statement of the form ``NAME: value``, with or without a comment star before it."""
    before, colon, after = line.partition(":")
    key, value = " ".join(before.replace("*", " ").split()).upper(), after.strip()
    if not colon:
        name = re.match(r"EFFECTS? NAME IS\b(.*)", key)
        return EffectName(name[1].strip()) if name else None
    build = _NAMED.get(key)
    return build(value) if build else None


def _frame_code(value: str) -> FrameCode | None:
    return FrameCode(not value.upper().startswith("NON")) if "DROP" in value.upper() else None


def _source_file(value: str) -> SourceFile:
    return SourceFile("" if value.upper() == "(NULL)" else value)


def _locator(value: str) -> Locator | None:
    time, *rest = value.split(maxsplit=2) or [""]
    label = parse_label(time)
    if label is None:
        return None
    if rest and rest[0].upper() in MARKER_COLORS:
        return Locator(label, rest[0].upper(), rest[1].strip() if len(rest) > 1 else "")
    return Locator(label, "", value[len(time) :].strip())


_NAMED: Mapping[str, Callable[[str], Statement | None]] = {
    "TITLE": Title,
    "FCM": _frame_code,
    "CLIP NAME": partial(ClipName, "from"),
    "FROM CLIP NAME": partial(ClipName, "from"),
    "TO CLIP NAME": partial(ClipName, "to"),
    "KEY CLIP NAME": partial(ClipName, "key"),
    "SOURCE FILE": _source_file,
    "MEDIA FILE": _source_file,
    "FROM FILE": _source_file,
    "TO FILE": _source_file,
    "EFFECT NAME": EffectName,
    "EFFECTS NAME": EffectName,
    "LOC": _locator,
}


def _other(line: str, tokens: list[str]) -> Statement:
    known = line.lstrip().startswith(_NOTE_MARKS) or tokens[0].rstrip(":").upper() in _NOTE_WORDS
    return IgnoredLine() if known else UnreadableLine(line.strip()[:80])
