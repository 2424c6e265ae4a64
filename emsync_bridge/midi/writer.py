"""A take as a Standard MIDI File that opens in a DAW on its own grid."""

from __future__ import annotations

import io
from pathlib import Path

import mido

from emsync_bridge.cue import INSTRUMENTS, TICKS_PER_QUARTER, Instrument, Spotting, Take
from emsync_bridge.files.atomic import publish, staging_folder
from emsync_bridge.machine_mark import machine_mark
from emsync_bridge.midi.conductor_track import CHARSET, closed_track, conductor_track
from emsync_bridge.midi.form_markers import form_markers
from emsync_bridge.midi.general_midi import CHANNELS, PROGRAMS
from emsync_bridge.midi.key_signatures import key_signatures
from emsync_bridge.midi.player_tracks import PPQ, is_arranged, player_tracks, players_note

__all__ = ["PPQ", "midi_bytes", "write_midi"]

_SCALE = PPQ // TICKS_PER_QUARTER

_PAN: dict[Instrument, int] = {"drums": 64, "bass": 64, "guitar": 44, "piano": 58, "strings": 74}
_VOLUME: dict[Instrument, int] = {"drums": 96, "bass": 100, "guitar": 96, "piano": 104, "strings": 92}


def midi_bytes(take: Take, spotting: Spotting, *, plain: bool = False) -> bytes:
    """Return a type 1 MIDI file of a take.

    Track 0 holds name, SMPTE offset, tempo map, meters, key signatures and a marker per hit point and part of the form;
    then comes one named General MIDI track per player, or per instrument group where the take names no players.

    Arguments:
        take: The music.
        spotting: Names, hit points, frame rate and start timecode.
        plain: Whether onsets are as notated and swells and pedal left out, for a notation program.
    """

    def tick(frame: int) -> int:
        return round(take.tempo_map.tick(float(frame / spotting.rate)) * _SCALE)

    midi = mido.MidiFile(type=1, ticks_per_beat=PPQ, charset=CHARSET)
    end = max([tick(spotting.frames), *(note.end * _SCALE for note in take.notes)])
    marks = [(at * _SCALE, text) for at, text in form_markers(take.score)]
    note = players_note(take) if is_arranged(take) else ""
    mark = mido.MetaMessage("text", text=machine_mark(take), time=0)
    signatures = [(at * _SCALE, signature) for at, signature in key_signatures(take)]
    midi.tracks.append(
        conductor_track(spotting, take.tempo_map, PPQ, tick, marks=marks, signatures=signatures, note=note)
    )
    midi.tracks[0].insert(0, mark)
    midi.tracks += player_tracks(take, end, plain=plain) if is_arranged(take) else _group_tracks(take, end)
    buffer = io.BytesIO()
    midi.save(file=buffer)
    return buffer.getvalue()


def _group_tracks(take: Take, end: int) -> list[mido.MidiTrack]:
    """Return a track per instrument group that plays; each ends at a tick of the file."""
    tracks = []
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
            tracks.append(closed_track(instrument.capitalize(), events, end))
    return tracks


def write_midi(take: Take, spotting: Spotting, path: Path, *, plain: bool = False) -> None:
    """Write the MIDI file of a take, whole or not at all.

    Arguments:
        take: The music.
        spotting: Names, hit points, frame rate and start timecode.
        path: Path of the file to write.
        plain: Whether onsets are as notated and swells and pedal left out.
    """
    with staging_folder(path.parent) as room:
        (room / "take.mid").write_bytes(midi_bytes(take, spotting, plain=plain))
        publish(room / "take.mid", path)
