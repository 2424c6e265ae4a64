"""Subtitles (SRT, WebVTT) and scripts: their words with the times at which they hold."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from emsync_bridge.cue import TimedText
from emsync_bridge.errors import EmotionError

MAX_BYTES = 8 * 2**20

MAX_LINES = 20_000

_TIMES = re.compile(
    r"(?:(\d{1,3}):)?(\d{2}):(\d{2})[,.](\d{1,3})\s*-->\s*(?:(\d{1,3}):)?(\d{2}):(\d{2})[,.](\d{1,3})(?:\s.*)?",
    re.ASCII,
)
_TAG = re.compile(r"<[^>]{0,80}>|\{\\[^}]{0,80}\}")
_HEADING = re.compile(r"(?:INT|EXT|INT\./EXT|EXT\./INT|I/E)[. ]", re.IGNORECASE)

SCRIPTS = ("", ".txt", ".text", ".md", ".fountain", ".srt", ".vtt")
"""Suffixes of files that are read as a script."""

ENDINGS = (".srt", ".vtt", ".en.srt", ".en.vtt")
"""Endings of subtitles beside a timeline or movie, in the order in which they are looked for."""

WORDS_A_PIECE = 60
"""Words of a script that make one piece where it has no headings of scenes."""


def subtitles_beside(source: Path) -> Path | None:
    """Return the subtitles of the same name beside a timeline or movie; None where there are none."""
    places = (source.with_name(source.stem + ending) for ending in ENDINGS)
    return next((place for place in places if place != source and place.is_file()), None)


def read_subtitles(path: Path, start: float = 0.0) -> list[TimedText]:
    """Return the lines of an SRT or WebVTT file.

    Arguments:
        path: The file.
        start: Seconds that the timeline's start timecode names: subtitles that begin there or later, and not near 0,
            are counted in timecode.

    Raises:
        EmotionError: It cannot be read, or holds no times.
    """
    lines: list[TimedText] = []
    times: tuple[float, float] | None = None
    words: list[str] = []

    def finish() -> None:
        if times is not None and words and times[1] > times[0] and len(lines) < MAX_LINES:
            lines.append(TimedText(times[0], " ".join(words), "caption", times[1]))

    for raw in read_text(path).splitlines():
        line = raw.strip()
        found = _TIMES.fullmatch(line)
        if found:
            finish()
            times, words = (_seconds(found.groups()[:4]), _seconds(found.groups()[4:])), []
        elif not line:  # what follows is a number, a note or the next line's times
            finish()
            times, words = None, []
        elif times is not None and not line.isdigit():
            words.append(_TAG.sub("", line))
    finish()
    if not lines:
        raise EmotionError(
            "The file holds no subtitles", where=path, hint="Give an SRT or WebVTT file with times and text"
        )
    offset = start if start >= 1 and lines[0].start >= start - 1 else 0.0
    return [TimedText(line.start - offset, line.text, line.source, (line.end or line.start) - offset) for line in lines]


def read_script(path: Path, duration: float, start: float = 0.0) -> list[TimedText]:
    """Return the pieces of a script, each with the stretch of the cut that is taken to show it.

    A script has no times, so its pieces are laid over the cut by their length: scenes where it has headings (``INT.``,
    ``EXT.``), paragraphs otherwise. A file of subtitles keeps its times.

    Arguments:
        path: A plain text, Fountain, SRT or WebVTT file.
        duration: Seconds of the cut.
        start: Seconds that the timeline's start timecode names.

    Raises:
        EmotionError: It cannot be read, or holds no words.
    """
    if path.suffix.lower() not in SCRIPTS:
        raise EmotionError(
            f"A script is plain text, and {path.suffix} files are not read as one",
            where=path,
            hint=f"Give a {', '.join(SCRIPTS[1:-1])} or {SCRIPTS[-1]} file",
            setting="script",
        )
    text = read_text(path)
    if path.suffix.lower() in (".srt", ".vtt") or _TIMES.search(text):
        return read_subtitles(path, start)
    pieces = _scenes(text)
    lengths = [len(piece.split()) for piece in pieces]
    total = sum(lengths)
    if not total:
        raise EmotionError("The script holds no words", where=path, hint="Give a text, Fountain or SRT file")
    found, before = [], 0
    for piece, length in zip(pieces, lengths, strict=True):
        ends = (duration * before / total, duration * (before + length) / total)
        found.append(TimedText(ends[0], piece, "script", ends[1]))
        before += length
    return found


def read_text(path: Path) -> str:
    """Return the text of a file: UTF-8, or Latin-1 as older subtitles are.

    Raises:
        EmotionError: It cannot be read, is too large, or is not a text.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise EmotionError(
                f"The text file is larger than {MAX_BYTES // 2**20} MB", where=path, hint="Give a part of it"
            )
        content = path.read_bytes()
    except OSError as problem:
        raise EmotionError(f"The text cannot be opened: {problem.strerror}", where=path) from None
    if b"\0" in content and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise EmotionError("The file is not a text", where=path, hint="Save it as plain text in UTF-8")
    try:
        return content.decode("utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")  # which reads any bytes


def _scenes(text: str) -> list[str]:
    lines = text.splitlines()
    if any(_HEADING.match(line.strip()) for line in lines):
        scenes: list[list[str]] = [[]]
        for line in lines:
            if _HEADING.match(line.strip()):
                scenes.append([])
            scenes[-1].append(line)
        return [joined for scene in scenes if (joined := " ".join(" ".join(scene).split()))]
    paragraphs = [" ".join(piece.split()) for piece in re.split(r"\n\s*\n", text)]
    pieces: list[str] = []
    for paragraph in filter(None, paragraphs):
        words = paragraph.split()
        pieces += [" ".join(words[i : i + WORDS_A_PIECE]) for i in range(0, len(words), WORDS_A_PIECE)]
    return pieces


def _seconds(fields: tuple[str | Any, ...]) -> float:
    hours, minutes, seconds, fraction = fields
    return int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds) + float(f"0.{fraction}")
