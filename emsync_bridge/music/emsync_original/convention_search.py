"""Finding out what descriptions leave open: the reading of a set of weights under which plain music is likeliest.

A network that has learnt music finds a plain accompaniment far likelier than chance when its tokens and vectors are
read as they were trained, and about as unlikely as chance when they are not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from emsync_bridge.cue import Affect, Instrument, Note
from emsync_bridge.music.emsync_original import vocabulary as tok
from emsync_bridge.music.emsync_original.codec import encode
from emsync_bridge.music.emsync_original.config import PREFIX, Conventions, OriginalConfig
from emsync_bridge.music.emsync_original.network import HORIZON, ContextWindow, Network

CHANCE = float(np.log(tok.VOCABULARY))
"""Nats per token of a network that knows nothing."""

_CLEARLY = 0.05
"""Nats per token by which a reading must be better to be taken instead of the first."""

POOR = 4.5
"""Nats per token above which a network is not being read as it was trained, or was never trained."""

_BAR = 2 * tok.UNITS_PER_SECOND  # four beats at 120 a minute
_BARS = 4
_CHORDS = ((48, 52, 55), (45, 48, 52), (41, 45, 48), (43, 47, 50))  # C, Am, F, G
_KICK, _SNARE, _HAT = 36, 38, 42


@dataclass(frozen=True)
class Reading:
    """One way to read a set of weights.

    Arguments:
        numbers: The number that the file gives to each of our tokens, shape (vocabulary,).
        order: Name of that order of tokens.
        conventions: Conventions that descriptions of the network leave open.
        cost: Nats per token of plain music.
    """

    numbers: np.ndarray
    order: str
    conventions: Conventions
    cost: float


def likeliest_reading(
    sizes: OriginalConfig,
    weights: Mapping[str, np.ndarray],
    orders: Mapping[str, np.ndarray],
    progress: Callable[[float], None] | None = None,
) -> Reading:
    """Return the reading under which plain music is likeliest, the first one unless another is clearly better.

    Arguments:
        sizes: Sizes of the network.
        weights: Weights by our names, tokens in the file's order.
        orders: Numbers that the file may give to each of our tokens, by name of order; the usual order first.
        progress: Function called with the share that has been tried, from 0 to 1.
    """
    written = [tok.BAR, *encode(plain_music(), range(_BAR, _BARS * _BAR, _BAR))][: sizes.context - PREFIX]
    ways = [Conventions(first, scaled) for first, scaled in product((True, False), (False, True))]
    readings = []
    for number, conventions in enumerate(ways):
        network = Network(sizes, weights, conventions)
        for index, (order, numbers) in enumerate(orders.items()):
            readings.append(Reading(numbers, order, conventions, _cost(network, written, numbers)))
            if progress:
                progress((number + (index + 1) / len(orders)) / len(ways))
    best = min(readings, key=lambda reading: reading.cost)
    return best if best.cost < min(POOR, readings[0].cost - _CLEARLY) else readings[0]


def usual_orders() -> dict[str, np.ndarray]:
    """Return orders that the published tokens may have where no map of theirs is at hand, the likeliest first."""
    marks, shifts = list(range(tok.PAD, tok.MORE_INSTRUMENTS + 1)), list(range(tok.SHIFT_0 + 1, tok.ON_0))
    ons, offs = list(range(tok.ON_0, tok.OFF_0)), list(range(tok.OFF_0, tok.VOCABULARY))
    parts = [slice(first, first + tok.PITCHES) for first in range(0, len(ons), tok.PITCHES)]
    notes = {
        "all ON before all OFF": ons + offs,
        "all OFF before all ON": offs + ons,
        "ON and OFF by instrument": [token for part in parts for token in ons[part] + offs[part]],
        "OFF and ON by instrument": [token for part in parts for token in offs[part] + ons[part]],
    }
    found = {}
    for name, sounding in notes.items():
        found[f"marks, shifts, {name}"] = np.argsort(marks + shifts + sounding)
        found[f"marks, {name}, shifts"] = np.argsort(marks + sounding + shifts)
    return found


def plain_music() -> list[Note]:
    """Return four bars of an accompaniment of piano, bass and drums in C major at 120 beats a minute."""
    notes = []

    def add(instrument: Instrument, pitch: int, beat: float, beats: float) -> None:
        start, end = (round(moment * _BAR / 4) for moment in (beat, beat + beats))
        notes.append(Note(start, end, instrument, pitch, 80))

    for bar in range(_BARS):
        chord = _CHORDS[bar % len(_CHORDS)]
        for beat in range(4 * bar, 4 * bar + 4):
            add("bass", chord[0] - 12, beat, 0.9)
            add("drums", _SNARE if beat % 2 else _KICK, beat, 0.25)
            for half in (0.0, 0.5):
                add("drums", _HAT, beat + half, 0.25)
            if beat % 2 == 0:
                for pitch in chord:
                    add("piano", pitch + 12, beat, 1.9)
    return notes


def _cost(network: Network, written: Sequence[int], numbers: np.ndarray) -> float:
    """Return the nats per token of music, its tokens renumbered as the file does."""
    theirs = numbers[np.array(written)]
    window = ContextWindow(network, Affect(0.4, 0.2), int(numbers[tok.MORE_INSTRUMENTS]))
    scores = window.read_all(theirs[:-1].tolist(), [HORIZON] * (len(theirs) - 1)).astype(np.float64)
    chosen = scores[np.arange(len(scores)), theirs[1:]]
    return float((np.logaddexp.reduce(scores, axis=1) - chosen).mean())
