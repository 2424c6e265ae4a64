"""The parts of a MIDI file: what each track and channel plays, on the corpus' grid of ticks."""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass
from pathlib import Path

import mido
import numpy as np

from emsync_bridge.cue import TICKS_PER_QUARTER
from emsync_bridge.midi.loading import open_midi

DRUM_CHANNEL = 9

START, END, PITCH, VELOCITY = range(4)
"""Columns of the notes of a part."""


@dataclass(frozen=True)
class InstrumentPart:
    """Part of one instrument in a piece.

    Arguments:
        name: Name of its track.
        program: General MIDI program, 0 to 127.
        drums: Whether it is on the drum channel.
        notes: (n, 4) start and end tick, pitch and velocity, in order of start.
    """

    name: str
    program: int
    drums: bool
    notes: np.ndarray


def read_parts(given: Path | mido.MidiFile) -> list[InstrumentPart]:
    """Return the parts of a MIDI file that have notes, in the order of its tracks.

    Arguments:
        given: The file, or one that ``open_midi`` returned.

    Raises:
        MusicError: The file is damaged or has no beat grid.
    """
    midi = open_midi(given) if isinstance(given, Path) else given
    scale = TICKS_PER_QUARTER / midi.ticks_per_beat
    found: list[InstrumentPart] = []
    for track in midi.tracks:
        notes: dict[tuple[int, int], list[tuple[int, int, int, int]]] = defaultdict(list)
        programs: dict[int, int] = defaultdict(int)
        sounding: dict[tuple[int, int], deque[tuple[int, int, int]]] = defaultdict(deque)
        clock = 0
        for message in track:
            clock += message.time
            if message.type == "program_change":
                programs[message.channel] = message.program
            elif message.type == "note_on" and message.velocity:
                begun = (round(clock * scale), message.velocity, programs[message.channel])
                sounding[message.channel, message.note].append(begun)
            elif message.type in ("note_on", "note_off") and sounding[message.channel, message.note]:
                start, velocity, program = sounding[message.channel, message.note].popleft()
                end = max(round(clock * scale), start + 1)
                notes[message.channel, program].append((start, end, message.note, velocity))
        for (channel, program), played in notes.items():
            found.append(InstrumentPart(track.name, program, channel == DRUM_CHANNEL, np.array(sorted(played))))
    return found
