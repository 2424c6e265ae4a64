"""Music and markers to put into a timeline, the same for every format."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from emsync_bridge.errors import MediaError
from emsync_bridge.files.wav_header import read_wav_header
from emsync_bridge.timecode import frame_at


@dataclass(frozen=True)
class PlacedMarker:
    """A marker for the editor to see.

    Arguments:
        frame: Timeline frame counted from 0 at the timeline's start, never from the start timecode.
        name: Short text beside the marker.
        comment: Longer note.
        color: Colour name in capitals as OpenTimelineIO has them, such as ``GREEN``.
        duration: Frames; 1 for a point.
    """

    frame: int
    name: str
    comment: str = ""
    color: str = "GREEN"
    duration: int = 1


@dataclass(frozen=True)
class Placement:
    """The music for a timeline, from its first frame on or from a later one.

    Arguments:
        audio: The WAV of the whole music.
        frames: Its length in whole timeline frames.
        sample_rate: Samples per second.
        channels: Channels of ``audio`` and of every stem.
        markers: Markers for the timeline, in order of frame.
        track_name: Name of the new track.
        stems: Name and WAV of each instrument group, all as long as ``audio``, for tracks below the music.
            They are added muted, because the music already holds them.
        cue: The cue as a JSON document, to travel with the music in formats that carry foreign data.
        start: Timeline frame on which the music begins, counted from 0.
        media_start: Frame number of the timecode at which ``audio`` and the stems begin, by their own time reference.
            Editors count source positions from there.
        levels: Key frames of the music's level: seconds from its start, and decibels.
        handle: Whole timeline frames of sound after ``frames``, in ``audio`` and in every stem: the clip can be drawn
            out by so many.
        bits: Bits of one sample of one channel.
    """

    audio: Path
    frames: int
    sample_rate: int
    channels: int
    markers: tuple[PlacedMarker, ...] = ()
    track_name: str = "AI Music"
    stems: tuple[tuple[str, Path], ...] = ()
    cue: Mapping[str, Any] | None = None
    start: int = 0
    media_start: int = 0
    levels: tuple[tuple[float, float], ...] = ()
    handle: int = 0
    bits: int = 24

    @property
    def media_frames(self) -> int:
        """Timeline frames that ``audio`` lasts, the handle included."""
        return self.frames + self.handle

    @property
    def tracks(self) -> tuple[tuple[str, Path], ...]:
        """Name and WAV of every track that is added, the music first."""
        return ((self.track_name, self.audio), *((f"{self.track_name} {name}", wav) for name, wav in self.stems))


def placement_of_wav(audio: Path, rate: Fraction, track: str) -> Placement:
    """Return a WAV as it is placed from a timeline's first frame on.

    Arguments:
        audio: The file.
        rate: Frames per second of the timeline.
        track: Name of the new track.

    Raises:
        MediaError: The file is not an uncompressed WAV file, or shorter than one frame.
    """
    sound = read_wav_header(audio)
    frames = int(sound.samples * rate / sound.rate)
    if frames == 0:
        raise MediaError("This sound is shorter than one frame", where=audio, hint="Give the WAV of the music")
    begins = frame_at(sound.start, rate)
    return Placement(
        audio.resolve(), frames, sound.rate, sound.channels, track_name=track, media_start=begins, bits=sound.bits
    )
