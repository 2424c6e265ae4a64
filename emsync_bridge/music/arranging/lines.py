"""Bass lines, inner voices and counter-melodies under a theme."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Literal

from emsync_bridge.cue import TICKS_PER_QUARTER as BEAT
from emsync_bridge.music.arranging.themes.motifs import SCALES
from emsync_bridge.music.arranging.themes.statements import LineNote
from emsync_bridge.music.arranging.voicing import nearest_pitch, scale_above, voice_chord
from emsync_bridge.music.planning.harmony import Span
from emsync_bridge.music.planning.scenes import Bar

Plain = tuple[int, int, int, int]
"""(start, end, pitch, weight)."""

BassStyle = Literal["held", "walking", "fifths", "octaves", "eighths", "pedal", "pizzicato", "syncopated"]
InnerStyle = Literal["held", "moving", "breathing", "repeated", "stabs"]


def bass(style: BassStyle, spans: Sequence[Span], bars: Sequence[Bar], before: int | None) -> list[Plain]:
    """Return a bass line between E1 and D3.

    Arguments:
        style: Style of movement.
        spans: Chords of the phrase, cut to it.
        bars: Bars of the phrase.
        before: Last note of the phrase before.
    """
    found: list[Plain] = []
    anchors = {bar.start for bar in bars}
    last = before if before is not None else 40
    for index, span in enumerate(spans):
        held = style == "pedal" and not (span.chord.dominant and span.end > bars[-1].start)
        pitch = _low(span.tonic if held else span.bass, last)
        last = pitch
        following = spans[index + 1] if index + 1 < len(spans) else None
        found.extend(_bass_of(style, span, pitch, following, span.start in anchors))
    return found


def _bass_of(style: BassStyle, span: Span, pitch: int, following: Span | None, on_bar: bool) -> list[Plain]:
    start, end = span.start, span.end
    length = end - start
    fifth = pitch + 7 if pitch + 7 <= 50 else pitch - 5
    if (span.tonic + span.chord.root + 7) % 12 not in span.pitch_classes:
        fifth = pitch
    leads_on = length >= (4 if on_bar else 2) * BEAT  # into the next bar, so that bars keep one rhythm
    if style == "walking" and following is not None and leads_on:
        target = _low(following.bass, pitch)
        approach = _approach(pitch, target, span)
        return [(start, end - BEAT, pitch, 2), (end - BEAT, end, approach, -4)]
    if style == "fifths" and length >= 2 * BEAT:
        half = start + length // 2 // BEAT * BEAT
        return [(start, half, pitch, 3), (half, end, fifth, -3)]
    if style in _STRUCK:
        return _struck(style, span, pitch, fifth)
    return [(start, end, pitch, 2 if on_bar else -2)]


_STRUCK = frozenset({"pizzicato", "octaves", "eighths", "syncopated"})


def _struck(style: BassStyle, span: Span, pitch: int, fifth: int) -> list[Plain]:
    """Return a chord's bass in notes of one length or one rhythm."""
    start, end = span.start, span.end
    length = end - start
    if style == "pizzicato":
        steps = [(pitch, 3), (fifth, -6)]
        return [
            (t, t + 14, *steps[i % 2]) for i, t in enumerate(range(start, end, 2 * BEAT if length > BEAT else BEAT))
        ]
    if style == "octaves":
        return [
            (t, min(end, t + BEAT - 3), pitch + (12 if i % 2 and pitch < 40 else 0), 4 if i % 2 == 0 else -6)
            for i, t in enumerate(range(start, end, BEAT))
        ]
    if style == "eighths":
        turn = (pitch, pitch, fifth, pitch, pitch + 12 if pitch < 40 else pitch, fifth, pitch, fifth)
        return [
            (t, min(end, t + 10), turn[i % 8], 6 if i % 4 == 0 else -3)
            for i, t in enumerate(range(start, end, BEAT // 2))
        ]
    return [
        (start + onset, min(end, start + onset + 20), pitch if onset != 60 else fifth, 4 if onset == 0 else -2)
        for onset in (0, 36, 60)
        if start + onset < end
    ]


def _low(pitch_class: int, near: int) -> int:
    """Return the note of a pitch class in the bass's register that is nearest to another."""
    options = [pitch for pitch in range(28, 51) if pitch % 12 == pitch_class]
    return min(options, key=lambda pitch: (abs(pitch - near) + 0.4 * abs(pitch - 38), pitch))


def _approach(pitch: int, target: int, span: Span) -> int:
    """Return the step of the scale next to a target, on the side that the line comes from."""
    if target == pitch:
        return scale_above(pitch, -1, span.tonic, SCALES[span.minor])
    return scale_above(target, -1 if pitch < target else 1, span.tonic, SCALES[span.minor])


def inner(
    style: InnerStyle,
    spans: Sequence[Span],
    voices: int,
    register: tuple[int, int],
    before: tuple[int, ...],
    second: int,
) -> tuple[list[list[Plain]], tuple[int, ...]]:
    """Return the inner voices of a phrase, the lowest first, and the last chord's notes.

    Arguments:
        style: Way in which chords are held or struck.
        spans: Chords of the phrase.
        voices: Number of them.
        register: Lowest and highest note.
        before: Notes of the chord before the phrase.
        second: Ticks of a second, about: no chord is held longer than two.
    """
    lines: list[list[Plain]] = [[] for _ in range(voices)]
    notes = before
    for number, span in enumerate(spans):
        notes = voice_chord(span.pitch_classes, notes if len(notes) == voices else (), *register, voices)
        for voice, pitch in enumerate(notes):
            lines[voice % voices].extend(_inner_of(style, span, pitch, voice, number, second))
    return lines, notes


def _inner_of(style: InnerStyle, span: Span, pitch: int, voice: int, number: int, second: int) -> list[Plain]:
    start, end = span.start, span.end
    if style == "stabs":
        return [(start + t, min(end, start + t + 9), pitch, 8 if t == 0 else 2) for t in (0, 36, 72) if start + t < end]
    if style == "repeated":
        return [
            (t, min(end, t + BEAT // 2 + 8), pitch, 2 if (t - start) % (2 * BEAT) == 0 else -6)
            for t in range(start, end, BEAT)
        ]
    if style == "breathing":
        stop = min(end - BEAT // 2 - 6 * ((voice + number) % 2), start + int(1.9 * second))
        return [(start, max(start + BEAT // 2, stop), pitch, 0)]
    longest = max(2 * BEAT, int(1.9 * second) // BEAT * BEAT)
    if style == "moving" and end - start >= 3 * BEAT and voice == (number % 3):
        middle = start + (end - start) // 2 // BEAT * BEAT
        step = scale_above(pitch, 1 if number % 2 else -1, span.tonic, SCALES[span.minor])
        if {(step + 1) % 12, (step - 1) % 12} & set(span.pitch_classes):
            step = pitch
        return [(start, middle - BEAT, pitch, 0), (middle - BEAT, middle, step, -3), (middle, end, pitch, -1)]
    found: list[Plain] = []
    at = start
    while at < end:
        # Long chords are bowed again voice by voice, so that they breathe without a gap.
        stop = min(end, at + longest - (BEAT if voice % 2 and at == start else 0))
        stop = end if end - stop < BEAT else stop
        found.append((at, stop, pitch, 0 if at == start else -4))
        at = stop
    return found


def counter(
    melody: Sequence[LineNote], spans: Sequence[Span], center: int, tonic_pitch: int, rng: random.Random
) -> list[Plain]:
    """Return a counter-melody: long tones that move while the melody rests or holds.

    Arguments:
        melody: The theme's notes.
        spans: Chords of the phrase.
        center: Pitch about which it lies.
        tonic_pitch: Pitch that intervals of the melody count from.
        rng: Random numbers for passing notes.
    """
    found: list[Plain] = []
    busy = {note.start for note in melody}
    held = [(note.start, note.end) for note in melody if note.end - note.start >= 3 * BEAT // 2]
    last = center
    for number, span in enumerate(spans):
        tune = next((note.interval + tonic_pitch for note in melody if note.start <= span.start < note.end), None)
        guide = span.pitch_classes[1:] if number % 3 != 2 else span.pitch_classes
        options = [nearest_pitch(pitch_class, last) for pitch_class in guide]
        options = [p for p in options if abs(p - center) <= 9 and (tune is None or p % 12 != tune % 12)] or options
        pitch = min(options, key=lambda p: (abs(p - last) + (0 if p != last else 1.5), p))
        following = spans[number + 1] if number + 1 < len(spans) else None
        open_time = [t for t in range(span.start + BEAT, span.end, BEAT // 2) if _free(t, busy, held)]
        last = pitch
        if following is not None and len(open_time) >= 2 and rng.random() < 0.75:
            target = nearest_pitch(following.pitch_classes[1], pitch)
            up = target > pitch or (target == pitch and rng.random() < 0.5)
            start = open_time[-min(len(open_time), 3)]
            found.append((span.start, start, pitch, 0))
            at = start
            while at < span.end:
                last = scale_above(last, 1 if up else -1, span.tonic, SCALES[span.minor])
                if abs(last - center) > 12:
                    up = not up
                found.append((at, min(span.end, at + BEAT // 2), last, 2))
                at += BEAT // 2
        else:
            found.append((span.start, span.end, pitch, 0))
    return _fused(found)


def _free(tick: int, busy: set[int], held: Sequence[tuple[int, int]]) -> bool:
    """Tell whether the melody leaves room at a tick: nothing begins there, and it holds or rests."""
    return tick not in busy and (any(a < tick < b for a, b in held) or all(not a <= tick < b for a, b in held))


def _fused(notes: Sequence[Plain]) -> list[Plain]:
    """Return a line with equal neighbours joined where they are not longer than a bar together."""
    found: list[Plain] = []
    for start, end, pitch, weight in notes:
        if found and found[-1][2] == pitch and found[-1][1] == start and end - found[-1][0] <= 3 * BEAT:
            found[-1] = (found[-1][0], end, pitch, found[-1][3])
        else:
            found.append((start, end, pitch, weight))
    return found
