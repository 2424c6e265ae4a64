"""Notes of a take into and out of MIDI files."""

from __future__ import annotations

from pathlib import Path

from emsync_bridge.cue import Spotting, Take
from emsync_bridge.midi.reader import read_midi
from emsync_bridge.midi.writer import midi_bytes


def music_with_markers(take: Take, spotting: Spotting) -> bytes:
    """Return a MIDI file of a take whose first track has the markers of a timeline as it is now.

    Arguments:
        take: The music.
        spotting: The timeline's hit points and directives, perhaps others than the take was made for.
    """
    return midi_bytes(take, spotting)


def take_in(path: Path) -> Take:
    """Return the notes of a MIDI file that emsync wrote.

    Arguments:
        path: The file.

    Raises:
        MusicError: It is damaged.
    """
    score = read_midi(path)
    return Take(seed=0, notes=score.notes, tempo_map=score.tempo_map, controls=score.controls)
