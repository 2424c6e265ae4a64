"""Notes of a take into and out of MIDI files."""

from __future__ import annotations

import io
from pathlib import Path

import mido

from emsync_bridge.cue import Spotting, Take
from emsync_bridge.midi.reader import read_midi
from emsync_bridge.midi.writer import PPQ, midi_bytes
from emsync_bridge.timeline.markers.midi_file import spotting_midi


def music_with_markers(take: Take, spotting: Spotting) -> bytes:
    """Return a MIDI file of a take whose first track has the markers of a timeline as it is now.

    Arguments:
        take: The music.
        spotting: The timeline's hit points and directives, perhaps others than the take was made for.
    """
    music = mido.MidiFile(file=io.BytesIO(midi_bytes(take, spotting)))
    markers = spotting_midi(spotting, take.tempo_map)
    both = mido.MidiFile(type=1, ticks_per_beat=PPQ, charset="utf-8")
    both.tracks = [*markers.tracks, *music.tracks[1:]]
    buffer = io.BytesIO()
    both.save(file=buffer)
    return buffer.getvalue()


def take_in(path: Path) -> Take:
    """Return the notes of a MIDI file that emsync wrote.

    Arguments:
        path: The file.

    Raises:
        MusicError: It is damaged.
    """
    score = read_midi(path)
    return Take(seed=0, notes=score.notes, tempo_map=score.tempo_map)
