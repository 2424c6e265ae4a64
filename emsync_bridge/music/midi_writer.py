"""A take as a Standard MIDI File that opens in a DAW on its own grid."""

from __future__ import annotations

import io
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import mido
from opentimelineio.opentime import RationalTime

from emsync_bridge.cue import INSTRUMENTS, TICKS_PER_QUARTER, Instrument, Spotting, Take

PPQ = 480
_SCALE = PPQ // TICKS_PER_QUARTER

CHANNELS: dict[Instrument, int] = {"drums": 9, "bass": 0, "guitar": 1, "piano": 2, "strings": 3}
"""MIDI channels as sent, from 0; drums are on General MIDI's channel 10."""

PROGRAMS: dict[Instrument, int] = {"drums": 0, "bass": 32, "guitar": 25, "piano": 0, "strings": 48}
"""General MIDI programs from 0: standard kit, acoustic bass, steel guitar, grand piano, string ensemble (EMSYNC's)."""

_PAN: dict[Instrument, int] = {"drums": 64, "bass": 64, "guitar": 44, "piano": 58, "strings": 74}
_VOLUME: dict[Instrument, int] = {"drums": 96, "bass": 100, "guitar": 96, "piano": 104, "strings": 92}

_RATE_CODES = {24: 24, 25: 25, 30: 30}


def midi_bytes(take: Take, spotting: Spotting) -> bytes:
    """Return a type 1 MIDI file of a take.

    Track 0 holds name, SMPTE offset, tempo map, meters and a marker per hit point; then comes one named General MIDI
    track per instrument group.

    Arguments:
        take: The music.
        spotting: Names, hit points, frame rate and start timecode.
    """
    midi = mido.MidiFile(type=1, ticks_per_beat=PPQ)
    end = max([round(take.tempo_map.tick(spotting.duration) * _SCALE), *(n.end * _SCALE for n in take.notes)])
    midi.tracks.append(_track(_conductor(take, spotting), spotting.name or "emsync", end))
    for instrument in INSTRUMENTS:
        notes = [note for note in take.notes if note.instrument == instrument]
        if notes:
            channel = CHANNELS[instrument]
            events = [
                (0, 0, mido.Message("program_change", channel=channel, program=PROGRAMS[instrument])),
                (0, 0, mido.Message("control_change", channel=channel, control=7, value=_VOLUME[instrument])),
                (0, 0, mido.Message("control_change", channel=channel, control=10, value=_PAN[instrument])),
            ]
            for note in notes:
                on = mido.Message("note_on", channel=channel, note=note.pitch, velocity=note.velocity)
                events.append((note.start * _SCALE, 2, on))
                events.append((note.end * _SCALE, 1, mido.Message("note_off", channel=channel, note=note.pitch)))
            midi.tracks.append(_track(events, instrument.capitalize(), end))
    buffer = io.BytesIO()
    midi.save(file=buffer)
    return buffer.getvalue()


def write_midi(take: Take, spotting: Spotting, path: Path) -> None:
    """Write the MIDI file of a take, whole or not at all."""
    draft = path.with_name(f".{path.name}.part")
    draft.write_bytes(midi_bytes(take, spotting))
    draft.replace(path)


def smpte_offset(start_frame: int, rate: Fraction, *, drop_frame: bool) -> mido.MetaMessage:
    """Return the SMPTE offset of a start timecode.

    Standard MIDI Files know 24, 25, 29.97 drop and 30 frames per second; 23.976 is written as 24, 29.97 non-drop as
    30, and rates above 30 at half their frames.

    Arguments:
        start_frame: Counted from 00:00:00:00.
        rate: Frames per second.
        drop_frame: Whether frames are counted in drop frame.
    """
    text = RationalTime(start_frame, rate).to_timecode(float(rate), drop_frame)
    hours, minutes, seconds, frames = (int(part) for part in text.replace(";", ":").split(":"))
    nominal = round(rate)
    while nominal > 30:
        nominal, frames = nominal // 2, frames // 2
    return mido.MetaMessage(
        "smpte_offset",
        frame_rate=29.97 if drop_frame else _RATE_CODES.get(nominal, 24),
        hours=hours % 24,
        minutes=minutes,
        seconds=seconds,
        frames=frames,
    )


def _conductor(take: Take, spotting: Spotting) -> list[tuple[int, int, mido.MetaMessage]]:
    offset = smpte_offset(spotting.start_frame, spotting.rate, drop_frame=spotting.drop_frame)
    events = [(0, 0, offset), (0, 0, mido.MetaMessage("text", text=f"emsync-bridge, seed {take.seed}, {take.key}"))]
    events.extend(
        (tempo.tick * _SCALE, 1, mido.MetaMessage("set_tempo", tempo=tempo.microseconds_per_quarter))
        for tempo in take.tempo_map.tempos
    )
    for meter in take.tempo_map.meters:
        signature = mido.MetaMessage("time_signature", numerator=meter.numerator, denominator=meter.denominator)
        events.append((meter.tick * _SCALE, 2, signature))
    for hit in spotting.hits:
        tick = round(take.tempo_map.tick(hit.time) * _SCALE)
        label = f"{hit.kind} {hit.name}".strip().encode("latin-1", "replace").decode("latin-1")
        events.append((tick, 3, mido.MetaMessage("marker", text=label)))
    return events


def _track(events: Iterable[tuple[int, int, mido.Message]], name: str, end: int) -> mido.MidiTrack:
    """Return a track from events (tick, rank at the same tick, message), closed at ``end``."""
    track = mido.MidiTrack()
    track.name = name.encode("latin-1", "replace").decode("latin-1")
    clock = 0
    for tick, _, message in sorted(events, key=lambda event: event[:2]):
        track.append(message.copy(time=tick - clock))
        clock = tick
    track.append(mido.MetaMessage("end_of_track", time=max(0, end - clock)))
    return track
