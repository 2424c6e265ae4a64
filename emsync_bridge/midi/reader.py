"""Standard MIDI Files in any shape to notes of the five instrument groups on the file's own beat grid."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict, deque
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mido

from emsync_bridge.cue import OFFSETS_PER_TICK, TICKS_PER_QUARTER, Control, Instrument, Meter, Note, Tempo, TempoMap
from emsync_bridge.midi.conductor_track import PLAYERS_NOTE
from emsync_bridge.midi.general_midi import DRUM_CHANNEL
from emsync_bridge.midi.loading import open_midi
from emsync_bridge.midi.players import PLAYERS, Player

_READ_CONTROLS = (1, 11, 64)
_PLAYERS_BY_TITLE = {player.title: player for player in PLAYERS.values()}


@dataclass(frozen=True)
class MidiScore:
    """The notes of a file with its tempo map.

    Arguments:
        notes: Notes in order of start.
        tempo_map: The file's own.
        end: Tick of the last release.
        on_grid: Share of onsets that fall on a sixteenth or an eighth triplet as the file has them; low where somebody
            played without regard to its beats.
    """

    notes: tuple[Note, ...]
    tempo_map: TempoMap
    end: int
    on_grid: float = 1.0
    controls: tuple[Control, ...] = ()


def read_midi(given: Path | mido.MidiFile) -> MidiScore:
    """Return the score in a Standard MIDI File.

    Arguments:
        given: Type 0 or 1 file with ticks per quarter note, or one that ``open_midi`` returned.

    Raises:
        MusicError: The file is too large, damaged, or has no beat grid (SMPTE division).
    """
    midi = open_midi(given) if isinstance(given, Path) else given
    reader = _Reader(midi.ticks_per_beat, ours=_names_players(midi))
    for track in midi.tracks:
        reader.read(track)
    return reader.score()


def instrument_of(program: int, channel: int, track_name: str = "") -> Instrument | None:
    """Return the group that a sound belongs to, or None for sound effects.

    The grouping is Lakh Pianoroll's (drums, piano, guitar, bass, and strings for all that sustains), with tuned
    percussion on the piano.

    Arguments:
        program: General MIDI program, 0 to 127.
        channel: 0 to 15.
        track_name: Name of the track, which tells drums from a track that is not on channel 10.
    """
    name = track_name.casefold()
    if channel == DRUM_CHANNEL or "drum" in name or name in ("percussion", "perc"):
        return "drums"
    if program >= 112:
        return None
    if program < 16:
        return "piano"
    if 24 <= program < 32:
        return "guitar"
    if 32 <= program < 40:
        return "bass"
    return "strings"


class _Reader:
    """Collects notes and time from the tracks of one file."""

    def __init__(self, ticks_per_beat: int, *, ours: bool) -> None:
        self.scale = TICKS_PER_QUARTER / ticks_per_beat
        self.ours = ours
        self.notes: list[Note] = []
        self.controls: list[Control] = []
        self.tempos: dict[int, int] = {0: 500_000}
        self.meters: dict[int, tuple[int, int]] = {0: (4, 4)}
        self.onsets: list[float] = []
        self.barred = [0.0]  # where bars begin to be counted

    def read(self, track: Any) -> None:
        clock = 0
        programs: dict[int, int] = defaultdict(int)
        sounding: dict[tuple[int, int], deque[tuple[float, int]]] = defaultdict(deque)
        player = _PLAYERS_BY_TITLE.get(track.name) if self.ours else None
        for message in track:
            clock += message.time
            exact = clock * self.scale
            tick = round(exact)
            if message.type == "set_tempo":
                self.tempos[tick] = max(1, message.tempo)
            elif message.type == "time_signature":
                self.meters[tick] = (message.numerator, message.denominator)
                self.barred.append(exact)
            elif message.type == "program_change":
                programs[message.channel] = message.program
            elif message.type == "note_on" and message.velocity:
                sounding[message.channel, message.note].append((exact, message.velocity))
                self.onsets.append(exact)
            elif message.type in ("note_on", "note_off") and sounding[message.channel, message.note]:
                onset, velocity = sounding[message.channel, message.note].popleft()
                if player is not None and (player.unpitched or player.program == programs[message.channel]):
                    self.notes.append(_played(onset, exact, player, message.note, velocity))
                    continue
                start = round(onset)
                group = instrument_of(programs[message.channel], message.channel, track.name)
                if group is not None:
                    self.notes.append(Note(start, max(tick, start + 1), group, message.note, velocity))
            elif message.type == "control_change" and player is not None and message.control in _READ_CONTROLS:
                self.controls.append(Control(tick, player.name, message.control, message.value))

    def score(self) -> MidiScore:
        tempos = tuple(Tempo(tick, tempo) for tick, tempo in sorted(self.tempos.items()))
        meters = tuple(
            Meter(tick, numerator, denominator)
            for tick, (numerator, denominator) in sorted(self.meters.items())
            if numerator * TICKS_PER_QUARTER * 4 // denominator
        )
        notes = tuple(sorted(self.notes))
        end = max((note.end for note in notes), default=0)
        return MidiScore(notes, TempoMap(tempos, meters), end, self._share_on_grid(), tuple(sorted(self.controls)))

    def _share_on_grid(self) -> float:
        """Return the share of onsets on the grid, which starts again at every time signature.

        Some editions begin with a bar of a fraction of a beat, and all that follows would lie between the beats.
        """
        barred = sorted(self.barred)
        near = sum(_on_grid(onset - barred[bisect_right(barred, onset) - 1]) for onset in self.onsets)
        return near / len(self.onsets) if self.onsets else 1.0


def _names_players(midi: Any) -> bool:
    """Tell whether emsync wrote the file with a track for each player."""
    first = midi.tracks[0] if midi.tracks else ()
    return any(message.type == "text" and message.text.startswith(PLAYERS_NOTE) for message in first)


def _played(onset: float, release: float, player: Player, pitch: int, velocity: int) -> Note:
    """Return a player's note on the grid, with what the player was early or late by."""
    start = round(onset)
    offset = round((onset - start) * OFFSETS_PER_TICK)
    return Note(start, max(round(release), start + 1), player.group, pitch, velocity, player.name, offset=offset)


def _on_grid(tick: float) -> bool:
    """Tell whether a moment is within a fiftieth of a quarter note of a sixteenth or an eighth triplet."""
    return any(abs(tick - round(tick / step) * step) <= TICKS_PER_QUARTER / 50 for step in (6, 8))
