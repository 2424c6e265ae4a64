"""Mine figures of accompaniment: ``python -m emsync_bridge.training.themes.mine_donors DATA OUT``.

Reads the piano parts of OpenScore Lieder (CC0, training split). A figure is a bar in 4/4, 3/4 or 6/8 of one chord whose
shape comes more than once in its song; it is kept as onset, length and index of the chord tone above the bass, so that
it can be played on any chord.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from emsync_bridge.cue import Note, TempoMap
from emsync_bridge.music.arranging.themes.meters import MotifMeter
from emsync_bridge.training.themes.written import pieces

SONGS = 1308
MAX_FIGURES: dict[MotifMeter, int] = {"4/4": 420, "3/4": 160, "6/8": 160}
"""Figures that are kept, by meter."""

_METERS: dict[tuple[int, int], MotifMeter] = {(4, 4): "4/4", (2, 2): "4/4", (3, 4): "3/4", (6, 8): "6/8"}

_CHORDS = [
    frozenset((root + tone) % 12 for tone in tones)
    for root in range(12)
    for tones in ((0, 4, 7), (0, 3, 7), (0, 4, 7, 10), (0, 3, 6), (0, 3, 7, 10))
]
_MAX_TONES, _HIGHEST, _MAX_REPEATS = 24, 8, 0.3

Figure = tuple[tuple[int, int, int], ...]


def figure_of(notes: Sequence[Note], start: int, length: int) -> Figure | None:
    """Return the figure in a bar, above its bass; None where it is none.

    Arguments:
        notes: Notes of the piano that begin in the bar.
        start: Tick of the bar line.
        length: Ticks of the bar.
    """
    if not 3 <= len(notes) <= _MAX_TONES:
        return None
    chord = min(_CHORDS, key=lambda tones: (sum(note.pitch % 12 not in tones for note in notes), len(tones)))
    bass = min(note.pitch for note in notes)
    upper = [note for note in notes if note.pitch > bass]
    if any(note.pitch % 12 not in chord for note in notes) or len({note.start for note in upper}) < 2:
        return None
    low = min(note.pitch for note in upper)
    tones = [pitch for pitch in range(low, 109) if pitch % 12 in chord]
    events = sorted(
        {(note.start - start, min(note.end - note.start, length), tones.index(note.pitch)) for note in upper}
    )
    if any(index > _HIGHEST for _, _, index in events) or any(onset % 6 and onset % 8 for onset, _, _ in events):
        return None
    if max(Counter(onset for onset, _, _ in events).values()) > 3 or not {o for o, _, _ in events} - {0}:
        return None
    return tuple(events) if _repeats(events) <= _MAX_REPEATS else None


def _repeats(events: Sequence[tuple[int, int, int]]) -> float:
    """Return the share of tones that are struck again within a beat."""
    again = sum(
        any(0 < onset - before <= 24 and index == other for before, _, other in events) for onset, _, index in events
    )
    return again / len(events)


def mine_figures(data: Path) -> dict[MotifMeter, list[Figure]]:
    """Return the figures that come more than once in a song, by meter, the most frequent first."""
    counts: dict[MotifMeter, Counter[Figure]] = {meter: Counter() for meter in MAX_FIGURES}
    for piece in pieces(data, "OpenScore Lieder", most=SONGS):
        piano = [note for note in piece.score.notes if note.instrument == "piano"]
        lines = piece.bar_lines
        bars: list[list[Note]] = [[] for _ in lines]
        place = 0
        for note in piano:
            while place + 1 < len(lines) and lines[place + 1] <= note.start:
                place += 1
            bars[place].append(note)
        seen: set[tuple[MotifMeter, Figure]] = set()
        for number, (first, last) in enumerate(pairwise(lines)):
            meter = _meter_at(piece.score.tempo_map, first, last)
            figure = figure_of(bars[number], first, last - first) if meter is not None else None
            if meter is None or figure is None:
                continue
            if (meter, figure) in seen:
                counts[meter][figure] += 1
            seen.add((meter, figure))
    return {meter: [figure for figure, _ in found.most_common(MAX_FIGURES[meter])] for meter, found in counts.items()}


def _meter_at(tempo_map: TempoMap, first: int, last: int) -> MotifMeter | None:
    """Return the meter of a bar; None where it is another than those of figures, or the bar is not whole."""
    meter = tempo_map.meter_at(first)
    kind = _METERS.get((meter.numerator, meter.denominator))
    return kind if last - first == meter.bar_ticks else None


if __name__ == "__main__":
    mined = mine_figures(Path(sys.argv[1]))
    tables = []
    for meter, found in mined.items():
        ordered = sorted(found, key=lambda figure: (len({onset for onset, _, _ in figure}), figure))
        rows = ",\n".join(json.dumps(figure, separators=(",", ":")) for figure in ordered)
        tables.append(f'"{meter}":[\n{rows}\n]')
        sys.stderr.write(f"{meter}: {len(ordered)} figures\n")
    source = '"from":"piano parts of OpenScore Lieder, CC0-1.0"'
    Path(sys.argv[2]).write_text("{" + ",\n".join([source, *tables]) + "}\n", encoding="utf-8")
