"""Opens Standard MIDI Files safely: limits on size, one message for damage of any kind."""

from __future__ import annotations

import io
from pathlib import Path

import mido

from emsync_bridge.errors import EmsyncError, MusicError

MAX_BYTES = 64 * 2**20

_REFUSALS = (
    *(OSError, EOFError, ValueError, LookupError, TypeError, ArithmeticError, AttributeError),
    mido.KeySignatureError,
)
"""Exceptions that mido raises on damaged files, by trial."""


def open_midi(
    given: Path | bytes,
    *,
    error: type[EmsyncError] = MusicError,
    charset: str = "latin1",
    where: Path | None = None,
    beats: bool = True,
) -> mido.MidiFile:
    """Return a Standard MIDI File.

    Arguments:
        given: The file, or its bytes.
        error: Class of what is raised.
        charset: Encoding of its texts.
        where: The file that bytes came from, for messages.
        beats: Whether files without ticks per quarter note (SMPTE division) are refused.

    Raises:
        EmsyncError: It cannot be read, is larger than ``MAX_BYTES``, damaged, or has no beats.
    """
    place = given if isinstance(given, Path) else where
    try:
        if isinstance(given, Path) and given.stat().st_size > MAX_BYTES:
            data = None
        else:
            data = given.read_bytes() if isinstance(given, Path) else given
    except OSError as problem:
        raise error(f"The MIDI file cannot be read ({problem.strerror})", where=place) from None
    if data is None or len(data) > MAX_BYTES:
        raise error(f"The MIDI file is larger than {MAX_BYTES // 2**20} MB", where=place, hint="Split it")
    try:
        file = mido.MidiFile(file=io.BytesIO(data), clip=True, charset=charset)
    except _REFUSALS as problem:
        reason = f" ({problem})" if str(problem) else ""
        hint = "Give a Standard MIDI File (.mid), as notation programs and DAWs export it"
        raise error(f"Not a MIDI file, or not readable{reason}", where=place, hint=hint) from None
    if beats and not 0 < file.ticks_per_beat < 0x8000:
        raise error("The MIDI file counts time in SMPTE frames and has no beats", where=place)
    return file
