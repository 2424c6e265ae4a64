"""Figures of accompaniment as patterns of chord tones, by rule and from written music.

A pattern says when a tone sounds within a bar of 4/4 and which: a number counts chord tones upwards from the figure's
register, ``s2`` a step of the scale and ``n0`` the neighbour above a chord tone. Written figures (donors) come from the
piano parts of OpenScore Lieder (CC0), mined by ``training.themes.mine_donors`` into ``donors.json``.
"""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Literal

from emsync_bridge.music.arranging.themes.motifs import BAR, SCALES
from emsync_bridge.music.arranging.voicing import above, scale_above
from emsync_bridge.music.planning.harmony import Span, chord_at
from emsync_bridge.music.planning.scenes import Bar

ToneKind = Literal["chord", "scale", "neighbour"]


@dataclass(frozen=True)
class PatternTone:
    """One tone of a pattern.

    Arguments:
        onset: Ticks from the bar line.
        length: Ticks.
        tone: Index of the chord tone, or steps.
        kind: Kind of unit that ``tone`` counts.
        weight: Velocity on top.
    """

    onset: int
    length: int
    tone: int
    kind: ToneKind = "chord"
    weight: int = 0


@dataclass(frozen=True)
class Pattern:
    """A figure.

    Arguments:
        name: Name as palettes call it.
        events: Events in order of onset.
        length: Ticks after which it begins again.
    """

    name: str
    events: tuple[PatternTone, ...]
    length: int = BAR

    @property
    def density(self) -> float:
        """Onsets a bar."""
        return len({event.onset for event in self.events}) * BAR / self.length


# name: (ticks of a step, tones, ticks that one sounds, steps from accent to accent)
_RULES: dict[str, tuple[int, str, int, int]] = {
    "arpeggio": (12, "0 2 3 4 5 4 3 2", 20, 8),
    "arpeggio_wide": (12, "0 2 4 5 7 5 4 2", 22, 8),
    "arpeggio16": (6, "0 1 2 3 4 5 6 5 4 3 2 1 2 3 2 1", 6, 8),
    "rising16": (6, "0 1 2 3 1 2 3 4 2 3 4 5 3 4 5 6", 6, 4),
    "broken": (12, "0 2 1 2 0 2 1 3", 12, 4),
    "alberti16": (6, "0 2 1 2 0 3 1 3 0 2 1 2 0 3 2 1", 6, 4),
    "rolling": (12, "0 1 2 3 2 1 3 2", 14, 8),
    "sparse": (24, "0 - 2 4", 44, 4),
    "drops": (24, "5 - 3 -", 40, 4),
    "halves": (48, "1+3 2+4", 44, 2),
    "pulse": (24, "0 2 1 2", 12, 2),
    "pulse8": (12, "0 2 1 2 0 3 1 2", 8, 4),
    "offbeat": (12, "- 1+2 - 2+3 - 1+2 - 2+3", 8, 2),
    "afterbeat": (24, "- 1+2+3 - 1+2+3", 14, 4),
    "waltz": (24, "0 2+3 2+3 1+2", 16, 4),
    "syncopated": (12, "1+2 - - 2+3 - - 1+3 -", 22, 8),
    "ostinato": (12, "0 2 n0 0 1 0 2 1", 10, 4),
    "ostinato_low": (12, "0 s1 0 s2 s1 0 s-1 0", 10, 4),
    "creep": (24, "0 n0 0 s-1", 22, 4),
    "spiccato8": (12, "0 1 2 1 3 2 1 2", 9, 4),
    "spiccato16": (6, "0 1 0 2 1 2 1 3 2 3 2 1 2 0 1 0", 5, 4),
    "gallop": (6, "0 - 1 0 2 - 1 2 3 - 2 1 2 - 0 1", 5, 4),
    "drive16": (6, "0 2 0 1 2 0 1 0 3 1 2 1 2 0 1 2", 5, 4),
    "triplets": (8, "0 1 2 3 2 1 0 1 2 3 2 1", 7, 3),
    "triplets_wide": (8, "0 2 4 2 4 5 4 2 4 5 4 2", 8, 3),
    "run": (12, "0 s1 s2 s3 s4 s3 s2 s1", 11, 4),
    "run16": (6, "0 s1 s2 s3 s4 s3 s2 s1 s2 s3 s4 s5 s6 s5 s4 s2", 6, 4),
    "stabs": (12, "0+1+2 - - 1+2+3 - - 0+1+2 -", 8, 8),
    "stabs332": (12, "0+2 - - 1+3 - - 0+2 -", 9, 3),
    "strum": (12, "0+1+2+3 - 1+2+3 - 0+1+2+3 1+2+3 - 1+2+3", 11, 4),
    "picking": (12, "0 3 2 4 1 3 2 4", 20, 8),
    "riff": (12, "0 0 - 2 - 0 1 -", 9, 8),
    "shimmer": (6, "3 4 5 4 3 5 4 5 3 4 5 4 3 5 4 3", 7, 8),
    "sequencer": (6, "0 3 2 3 4 2 3 1 0 3 2 4 3 2 1 2", 5, 4),
}


@lru_cache(maxsize=1)
def rules() -> dict[str, Pattern]:
    """Return the patterns by rule, by name."""
    return {name: _parsed(name, *rule) for name, rule in _RULES.items()}


@lru_cache(maxsize=1)
def donors() -> tuple[Pattern, ...]:
    """Return the written figures, from the sparsest to the densest."""
    path = files("emsync_bridge.music.arranging").joinpath("donors.json")
    found = [
        Pattern(f"donor{number}", tuple(PatternTone(onset, length, tone) for onset, length, tone in row))
        for number, row in enumerate(json.loads(path.read_text(encoding="utf-8"))["figures"])
    ]
    return tuple(sorted(found, key=lambda pattern: (pattern.density, pattern.name)))


@lru_cache(maxsize=1)
def by_name() -> dict[str, Pattern]:
    """Return all patterns, by rule and written, by name."""
    return {**rules(), **{pattern.name: pattern for pattern in donors()}}


def donor(density: float, rng: random.Random) -> Pattern:
    """Return a written figure with about so many onsets a bar.

    Arguments:
        density: Onsets a bar.
        rng: Random numbers for the choice among those that are near.
    """
    ranked = sorted(donors(), key=lambda pattern: (abs(pattern.density - density), pattern.name))
    return rng.choice(ranked[: max(1, len(ranked) // 12)])


def figure(
    pattern: Pattern, bars: Sequence[Bar], chords: Sequence[Span], low: int, high: int
) -> list[tuple[int, int, int, int]]:
    """Return a pattern on some bars as (start, end, pitch, weight).

    Arguments:
        pattern: The figure; it begins again with every bar.
        bars: Bars in order.
        chords: Chords of the piece.
        low: Pitch that tones are counted from.
        high: Pitch above which tones fall an octave.
    """
    found: list[tuple[int, int, int, int]] = []
    for bar in bars:
        for begin in range(bar.start, bar.end, pattern.length):
            for event in pattern.events:
                start = begin + event.onset
                if start >= bar.end:
                    break
                span = chord_at(chords, start)
                pitch = _pitch(event, span, low)
                while pitch > high:
                    pitch -= 12
                end = min(start + event.length, bar.end, max(span.end, start + 3))
                found.append((start, end, pitch, event.weight))
    return found


def _pitch(event: PatternTone, span: Span, low: int) -> int:
    classes = span.pitch_classes
    if event.kind == "chord":
        return above(classes, low, event.tone)
    if event.kind == "neighbour":
        return above(classes, low, event.tone) + 1
    return scale_above(above(classes, low, 0), event.tone, span.tonic, SCALES[span.minor])


def _parsed(name: str, step: int, tones: str, length: int, accent: int) -> Pattern:
    events = []
    for number, word in enumerate(tones.split()):
        if word == "-":
            continue
        for tone in word.split("+"):
            kind: ToneKind = "scale" if tone[0] == "s" else "neighbour" if tone[0] == "n" else "chord"
            weight = 7 if number % accent == 0 else 0
            events.append(PatternTone(number * step, length, int(tone.lstrip("sn")), kind, weight))
    return Pattern(name, tuple(events), step * len(tones.split()))
