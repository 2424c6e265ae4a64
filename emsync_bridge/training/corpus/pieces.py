"""Pieces of a tokenised corpus as music again: notes, tempo map and bar lines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from emsync_bridge.cue import TICKS_PER_QUARTER, Note, Tempo, TempoMap
from emsync_bridge.music.tokenizer import codec
from emsync_bridge.music.tokenizer import vocabulary as tok
from emsync_bridge.training.corpus.dataset import CorpusPiece, Split


@dataclass(frozen=True)
class Music:
    """A piece as it can be measured.

    Arguments:
        notes: Notes in order of start.
        tempo_map: Map from ticks to seconds; its meters are not known, ``bar_lines`` are.
        bar_lines: Ticks.
        chords: Ticks of long chords.
        end: Tick of the end.
    """

    notes: tuple[Note, ...]
    tempo_map: TempoMap
    bar_lines: tuple[int, ...]
    chords: tuple[int, ...]
    end: int

    def stretches(self, seconds: float) -> Iterator[tuple[int, int]]:
        """Yield the ticks of stretches of at least some seconds, from bar line to bar line."""
        start = 0
        for line in (*self.bar_lines, self.end):
            if self.tempo_map.seconds(line) - self.tempo_map.seconds(start) >= seconds:
                yield start, line
                start = line


def ticks_of(tokens: np.ndarray) -> np.ndarray:
    """Return the clock in ticks after each token of a piece."""
    steps = np.where((tokens > tok.SHIFT_0) & (tokens < tok.VELOCITY_0), tokens - tok.SHIFT_0, 0)
    found: np.ndarray = np.cumsum(steps)
    return found


def music_of(split: Split, piece: CorpusPiece) -> Music:
    """Return a piece of a corpus as music.

    Arguments:
        split: The split that holds it.
        piece: One of its pieces.
    """
    span = slice(piece.start, piece.start + piece.length)
    tokens = np.array(split.tokens[span], dtype=np.int64)
    ticks, times = ticks_of(tokens), np.array(split.time[span], dtype=np.float64)
    notes, bars, chords = codec.decode(tokens.tolist())
    return Music(tuple(notes), _tempo_map(ticks, times), tuple(bars), tuple(chords), int(ticks[-1]))


def _tempo_map(ticks: np.ndarray, times: np.ndarray) -> TempoMap:
    """Return the tempo map that passes through given times at given ticks, to a ten-thousandth."""
    tempos: list[Tempo] = []
    changes = np.flatnonzero(np.diff(ticks))
    for index in changes:
        lasting = (times[index + 1] - times[index]) / (ticks[index + 1] - ticks[index])
        tempo = max(1, round(lasting * TICKS_PER_QUARTER * 1e6))
        if not tempos or abs(tempo / tempos[-1].microseconds_per_quarter - 1) > 0.005:
            tempos.append(Tempo(int(ticks[index]) if tempos else 0, tempo))
    return TempoMap(tuple(tempos) or (Tempo(0, 500_000),))
