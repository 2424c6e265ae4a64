"""Piano rolls of Lakh Pianoroll 5 (Dong et al. 2018), as pypianoroll saves them, to notes on their own beat grid."""

from __future__ import annotations

import json
import zipfile
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

import numpy as np

from emsync_bridge.cue import TICKS_PER_QUARTER, Instrument, Meter, Note, Tempo, TempoMap
from emsync_bridge.errors import CorpusError
from emsync_bridge.midi.reader import MidiScore, instrument_of

MAX_STEPS = 200_000
"""Time steps of the longest roll that is read: over two hours at 120 quarter notes a minute."""

_MAX_BYTES = 64 * 2**20
_GROUPS: dict[str, Instrument] = {
    "drums": "drums",
    "piano": "piano",
    "guitar": "guitar",
    "bass": "bass",
    "strings": "strings",
}
_NAMED = ("data", "indices", "indptr", "shape")


def read_lakh(path: Path) -> MidiScore:
    """Return the score in a multitrack piano roll.

    Neighbouring steps of one pitch are one note, since rolls do not tell a repeated note from a held one.

    Arguments:
        path: ``.npz`` with one compressed sparse column matrix a track, tempo and downbeats, and ``info.json``.

    Raises:
        CorpusError: The file is too large, damaged, or no piano roll.
    """
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise CorpusError("This piano roll is larger than 64 MB", where=path)
        with zipfile.ZipFile(path) as archive:
            if any(member.file_size > 8 * _MAX_BYTES for member in archive.infolist()):
                raise CorpusError("This piano roll is too large once unpacked", where=path)
            info = json.loads(archive.read("info.json"))
        with np.load(path, allow_pickle=False) as arrays:
            return _score(info, {name: arrays[name] for name in arrays.files if name != "info.json"})
    except (OSError, EOFError, ValueError, KeyError, IndexError, TypeError, zipfile.BadZipFile) as problem:
        raise CorpusError(f"This is not a Lakh Pianoroll file ({problem})", where=path) from None


def _score(info: dict[str, Any], arrays: dict[str, Any]) -> MidiScore:
    resolution = int(info.get("beat_resolution") or info["resolution"])
    scale = TICKS_PER_QUARTER / resolution
    notes: list[Note] = []
    for index in sorted((key for key in info if key.isdigit()), key=int):
        track = info[index]
        name = str(track.get("name", ""))
        channel = 9 if track.get("is_drum") else 0
        group = _GROUPS.get(name.casefold()) or instrument_of(int(track.get("program", 0)), channel, name)
        if group is not None and f"pianoroll_{index}_csc_data" in arrays:
            notes += _notes([arrays[f"pianoroll_{index}_csc_{part}"] for part in _NAMED], group, scale)
    notes.sort()
    tempo_map = TempoMap(_tempos(arrays.get("tempo"), scale), _meters(arrays.get("downbeat"), scale))
    return MidiScore(tuple(notes), tempo_map, max((note.end for note in notes), default=0))


def _notes(matrix: list[Any], group: Instrument, scale: float) -> list[Note]:
    """Return the notes of one track: a matrix of (steps, 128) velocities, column by column."""
    data, steps, bounds, shape = matrix
    if len(shape) != 2 or int(shape[0]) > MAX_STEPS or int(shape[1]) > 128:
        raise ValueError(f"a track of shape {tuple(map(int, shape))}")
    found: list[Note] = []
    for pitch in range(int(shape[1])):
        column = slice(int(bounds[pitch]), int(bounds[pitch + 1]))
        order = np.argsort(steps[column], kind="stable")
        struck = [
            (int(step), int(value)) for step, value in zip(steps[column][order], data[column][order], strict=True)
        ]
        for _, run in groupby(enumerate(struck), key=lambda item: item[1][0] - item[0]):
            held = [step for _, step in run]
            start, end = round(held[0][0] * scale), round((held[-1][0] + 1) * scale)
            velocity = min(127, max(1, held[0][1]))
            found.append(Note(start, max(end, start + 1), group, pitch, velocity))
    return found


def _tempos(tempo: Any, scale: float) -> tuple[Tempo, ...]:
    """Return the tempo map of one tempo a step, in quarter notes a minute."""
    values = [120.0] if tempo is None or np.size(tempo) == 0 else [float(value) for value in np.ravel(tempo)]
    changes: list[Tempo] = []
    for step, value in enumerate(values):
        length = round(60e6 / min(max(value, 10.0), 1000.0))
        if not changes or changes[-1].microseconds_per_quarter != length:
            changes.append(Tempo(round(step * scale), length))
    return tuple(changes)


def _meters(downbeat: Any, scale: float) -> tuple[Meter, ...]:
    """Return the meters between downbeats, given as steps or as one flag a step; 4/4 where there are none."""
    if downbeat is None or np.size(downbeat) < 2:
        return (Meter(0, 4),)
    steps = np.flatnonzero(downbeat) if np.asarray(downbeat).dtype == bool else np.ravel(downbeat)
    ticks = [round(int(step) * scale) for step in steps]
    meters: list[Meter] = []
    for start, end in pairwise(ticks):
        quarters = round((end - start) / TICKS_PER_QUARTER)
        whole = quarters > 0 and quarters * TICKS_PER_QUARTER == end - start
        if whole and (not meters or meters[-1].numerator != quarters):
            meters.append(Meter(start, quarters))
    return tuple(meters) if meters and meters[0].tick == 0 else (Meter(0, 4),)
