"""OpenTimelineIO adapter for Standard MIDI Files: ``otioconvert -i cut.otio -o cut.mid``, and back.

OpenTimelineIO loads this file by its path, so everything is imported by its full name.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any, get_args

import opentimelineio as otio
from emsync_bridge.adapters.cue_metadata import attach_music, take_of, tempo_map_of
from emsync_bridge.adapters.midi_markers import MidiMarkers, read_midi_markers
from emsync_bridge.adapters.midi_music import music_with_markers, take_in
from opentimelineio.opentime import RationalTime, TimeRange

from emsync_bridge.cue import HitKind
from emsync_bridge.errors import EmsyncError
from emsync_bridge.files.atomic import replacing
from emsync_bridge.midi.form_markers import FORM
from emsync_bridge.timecode import exact_rate, frame_at
from emsync_bridge.timeline.markers.edl_list import HIT_COLORS
from emsync_bridge.timeline.markers.midi_file import spotting_midi
from emsync_bridge.timeline.otio.reader import timelines_in
from emsync_bridge.timeline.otio.to_cut import cut_model
from emsync_bridge.timeline.sequence_choice import SequenceCandidate, choose
from emsync_bridge.timeline.spotting.spot import spot

Rate = Fraction | float | str | None


def read_from_file(filepath: str, rate: Rate = None, **_options: Any) -> otio.schema.Timeline:
    """Return a timeline with the markers of a MIDI file, as long as it and starting at its SMPTE offset.

    Its one track holds a gap. Tempo map and, in files that emsync wrote, the music are in its metadata under
    ``emsync_bridge``.

    Arguments:
        filepath: A Standard MIDI File.
        rate: Frames per second; by default what emsync wrote into the file, else the SMPTE offset's.

    Raises:
        OTIOError: The file is damaged.
    """
    with _as_otio_errors():
        path = Path(filepath)
        found = read_midi_markers(path, None if rate is None else exact_rate(_number(rate)))
        timeline = _timeline(found, found.name or path.stem)
        attach_music(timeline, found.tempo_map, take_in(path) if found.ours and found.has_notes else None)
        return timeline


def write_to_file(
    input_otio: otio.core.SerializableObject,
    filepath: str,
    sequence: str | None = None,
    rate: Rate = None,
    **_options: Any,
) -> str:
    """Write what the viewer sees of a timeline as a MIDI file: a marker for every visible cut and every marker.

    A timeline that carries a cue gets its notes and tempo map too.

    Arguments:
        input_otio: A timeline, or a collection of several.
        filepath: The MIDI file.
        sequence: Name of the timeline, where there are several.
        rate: Frames per second; worked out by default.

    Returns:
        The path that was written to.

    Raises:
        OTIOError: The timeline is empty or invalid, or the file cannot be written.
    """
    with _as_otio_errors():
        path = Path(filepath)
        timelines = timelines_in(input_otio)
        index, notes = choose(
            [SequenceCandidate(line.name, filled=len(line.tracks) > 0) for line in timelines], sequence, path
        )
        timeline = timelines[index]
        wanted = None if rate is None else exact_rate(_number(rate))
        spotting = spot(cut_model(timeline, path, rate=wanted, notes=notes), min_gap=0)
        take = take_of(timeline)
        with replacing(path) as draft:
            if take is None:
                spotting_midi(spotting, tempo_map_of(timeline)).save(draft)
            else:
                draft.write_bytes(music_with_markers(take, spotting))
        return str(path)


def _timeline(found: MidiMarkers, name: str) -> otio.schema.Timeline:
    rate = float(found.rate)
    timeline = otio.schema.Timeline(name, global_start_time=RationalTime(found.start_frame, rate))
    length = frame_at(found.duration, found.rate)
    # a file that ends inside a frame needs the whole of it
    length += found.duration * found.rate - length > Fraction(1, 100)
    if length:
        track = otio.schema.Track(kind=otio.schema.TrackKind.Video)
        track.append(otio.schema.Gap(duration=RationalTime(length, rate)))
        timeline.tracks.append(track)
    for seconds, text in found.markers:
        kind, label = _split(text) if found.ours else ("", text)
        if kind in ("start", "end") or (found.ours and text.startswith(FORM)):
            continue  # every timeline has the former; the latter are the music's
        place = TimeRange(RationalTime(frame_at(seconds, found.rate), rate), RationalTime(1, rate))
        timeline.tracks.markers.append(
            otio.schema.Marker(label or kind, place, color=HIT_COLORS.get(kind, otio.schema.MarkerColor.GREEN))
        )
    return timeline


def _split(text: str) -> tuple[str, str]:
    """Return kind and name of a marker that emsync wrote."""
    kind, _, name = text.partition(" ")
    return (kind, name) if kind in get_args(HitKind) else ("", text)


def _number(rate: Fraction | float | str) -> Fraction:
    try:
        number = Fraction(str(rate))
    except (ValueError, ZeroDivisionError):
        number = Fraction(0)
    if not 1 <= number <= 1000:
        raise EmsyncError(f"'{rate}' is not a frame rate", hint="Give one such as 25 or 24000/1001")
    return number


@contextmanager
def _as_otio_errors() -> Iterator[None]:
    """Raise what a caller of OpenTimelineIO expects."""
    try:
        yield
    except EmsyncError as problem:
        raise otio.exceptions.OTIOError(str(problem)) from problem
