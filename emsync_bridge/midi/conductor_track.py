"""The first track of every MIDI file that emsync writes: where it begins, tempo and meter, a marker per hit point."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from fractions import Fraction

import mido

from emsync_bridge.cue import TICKS_PER_QUARTER, Spotting, TempoMap
from emsync_bridge.timecode import can_drop, frame_at, to_timecode

SIGNATURE = "emsync-bridge"
"""First word of a text event in every MIDI file that emsync writes."""

PLAYERS_NOTE = f"{SIGNATURE} players"
"""Beginning of the text event of a file that has a track for each player."""

CHARSET = "utf-8"

# hours byte of the SMPTE offset: Standard MIDI Files 1.0, meta event 54
_RATE_CODES = {24: 24.0, 25: 25.0, 30: 30.0}

Event = tuple[int, int, mido.Message]
"""Tick, rank among the events of that tick, message."""


def conductor_track(
    spotting: Spotting,
    tempo_map: TempoMap,
    resolution: int,
    tick: Callable[[int], int],
    *,
    marks: Iterable[tuple[int, str]] = (),
    signatures: Iterable[tuple[int, mido.MetaMessage]] = (),
    note: str = "",
) -> mido.MidiTrack:
    """Return the track with SMPTE offset, tempo map, key signatures, and a marker for each hit point and directive.

    Arguments:
        spotting: Name, rate, start timecode, hit points and directives.
        tempo_map: Tempo and meter.
        resolution: Ticks per quarter note of the file.
        tick: Function that gives the file's tick at which a frame begins.
        marks: Tick of the file and text of further markers.
        signatures: Tick of the file and message of each key signature.
        note: Text for people at the start; none when empty.
    """
    scale = resolution // TICKS_PER_QUARTER
    orders = ((max(0, frame_at(order.start, spotting.rate)), f"emsync: {order.text}") for order in spotting.directives)
    texts = [*((hit.frame, f"{hit.kind} {hit.name}".strip()) for hit in spotting.hits), *orders]
    events: list[Event] = [(0, 0, message) for message in identity_messages(spotting)]
    events += [
        (each.tick * scale, 1, mido.MetaMessage("set_tempo", tempo=each.microseconds_per_quarter))
        for each in tempo_map.tempos
    ]
    for meter in tempo_map.meters:
        signature = mido.MetaMessage("time_signature", numerator=meter.numerator, denominator=meter.denominator)
        events.append((meter.tick * scale, 2, signature))
    events += [(at, 2, signature) for at, signature in signatures]
    events += [(tick(frame), 3, mido.MetaMessage("marker", text=encodable_text(text))) for frame, text in texts]
    events += [(at, 3, mido.MetaMessage("marker", text=encodable_text(text))) for at, text in marks]
    if note:
        events.append((0, 0, mido.MetaMessage("text", text=encodable_text(note))))
    return closed_track(spotting.name, events, tick(spotting.frames))


def closed_track(name: str, events: Iterable[Event], end: int) -> mido.MidiTrack:
    """Return a named track that ends at a tick, or with its last event if that is later."""
    track = mido.MidiTrack([mido.MetaMessage("track_name", name=encodable_text(name))])
    clock = 0
    for tick, _, message in sorted(events, key=lambda event: event[:2]):
        track.append(message.copy(time=tick - clock))
        clock = tick
    track.append(mido.MetaMessage("end_of_track", time=max(0, end - clock)))
    return track


def identity_messages(spotting: Spotting) -> list[mido.MetaMessage]:
    """Return the messages that say where the file begins: SMPTE offset, and in words the rate that it cannot name.

    Arguments:
        spotting: Rate, start timecode and way of counting of the timeline.
    """
    drop = ", drop frame" if spotting.drop_frame else ""
    return [
        smpte_offset(spotting.start_frame, spotting.rate, drop_frame=spotting.drop_frame),
        mido.MetaMessage("text", text=f"{SIGNATURE}, {spotting.rate} frames per second{drop}"),
    ]


def smpte_offset(start_frame: int, rate: Fraction, *, drop_frame: bool) -> mido.MetaMessage:
    """Return the SMPTE offset of a start timecode.

    Standard MIDI Files know 24, 25, 29.97 drop and 30 frames per second: 23.976 is written as 24, 29.97 without drop
    frame as 30, and the multiples of these at half or a quarter of their frames, with the rest in hundredths of a
    frame. Other rates give the time of day at 30.

    Arguments:
        start_frame: Number of the frame, counted from 00:00:00:00.
        rate: Frames per second, exact.
        drop_frame: Whether timecode is counted in drop frame.
    """
    drops = drop_frame and can_drop(rate)
    base = math.ceil(rate)
    part = next((part for part in (1, 2, 4, 5) if base / part in _RATE_CODES), 0)
    hours, minutes, seconds, label = (
        int(field) for field in to_timecode(start_frame, rate, drops).replace(";", ":").split(":")
    )
    frames = Fraction(label, part) if part else Fraction(label * 30, base)
    return mido.MetaMessage(
        "smpte_offset",
        frame_rate=29.97 if drops else _RATE_CODES[base // part] if part else 30.0,
        hours=hours,
        minutes=minutes,
        seconds=seconds,
        frames=int(frames),
        sub_frames=int(frames % 1 * 100),
    )


def encodable_text(text: str) -> str:
    """Return text without what UTF-8 cannot spell, such as half a surrogate pair out of a damaged file."""
    return text.encode(CHARSET, "replace").decode(CHARSET)
