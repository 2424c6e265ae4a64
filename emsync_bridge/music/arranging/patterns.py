"""Figures of accompaniment as patterns of chord tones, by rule and from written music.

A pattern says when a tone sounds within a bar and which: a number counts chord tones upwards from the figure's
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
from typing import Any, Literal

from emsync_bridge.music.arranging.themes.meters import THREE, MotifMeter
from emsync_bridge.music.arranging.themes.motifs import BAR, SCALES
from emsync_bridge.music.arranging.voicing import chord_tone_above, scale_above
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
        """Onsets in four quarter notes."""
        return len({event.onset for event in self.events}) * BAR / self.length


@lru_cache(maxsize=3)
def rule_patterns(meter: MotifMeter) -> dict[str, Pattern]:
    """Return the patterns by rule of a meter, by name; every meter has those of 4/4, with its own beats.

    ``patterns.json`` has for each the ticks of a step, the tones, the ticks that one sounds, and the steps from accent
    to accent.

    Arguments:
        meter: Meter of the figures.
    """
    entries = _data("patterns.json")[meter]
    return {name: _parsed(name, *entry) for name, entry in entries.items()}


@lru_cache(maxsize=3)
def donor_patterns(meter: MotifMeter) -> tuple[Pattern, ...]:
    """Return the written figures of a meter, from the sparsest to the densest."""
    length = BAR if meter == "4/4" else THREE
    found = [
        Pattern(f"donor{number}", tuple(PatternTone(onset, length, tone) for onset, length, tone in row), length)
        for number, row in enumerate(_data("donors.json")[meter])
    ]
    return tuple(sorted(found, key=lambda pattern: (pattern.density, pattern.name)))


@lru_cache(maxsize=3)
def patterns_by_name(meter: MotifMeter) -> dict[str, Pattern]:
    """Return all patterns of a meter, by rule and written, by name."""
    return {**rule_patterns(meter), **{pattern.name: pattern for pattern in donor_patterns(meter)}}


def donor_pattern(density: float, rng: random.Random, meter: MotifMeter) -> Pattern:
    """Return a written figure with about so many onsets in the time of a bar of 4/4.

    Arguments:
        density: Onsets in four quarter notes.
        rng: Random numbers for the choice among those that are near.
        meter: Meter of the figure.
    """
    ranked = sorted(donor_patterns(meter), key=lambda pattern: (abs(pattern.density - density), pattern.name))
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
        return chord_tone_above(classes, low, event.tone)
    if event.kind == "neighbour":
        return chord_tone_above(classes, low, event.tone) + 1
    return scale_above(chord_tone_above(classes, low, 0), event.tone, span.tonic, SCALES[span.minor])


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


def _data(name: str) -> Any:
    return json.loads(files("emsync_bridge.music.arranging").joinpath(name).read_text(encoding="utf-8"))
