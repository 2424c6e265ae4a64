"""Harmony: a chord for every half bar, chosen with the melody in view.

Every character has its loops of four bars and its colours (``chord_vocabulary``). A dynamic programme over the half
bars of a phrase weighs how a chord carries the melody's tones, whether it is the loop's chord for that bar, and how it
follows the one before. Cadences are fixed beforehand: open phrases end on the dominant, closed ones on the tonic, the
bar before another scene prepares its key, and the last bars lead home.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from emsync_bridge.cue import TICKS_PER_QUARTER, ChordSpan
from emsync_bridge.music.planning.chord_vocabulary import ChordVocabulary, chord_gains, vocabulary
from emsync_bridge.music.planning.chords import Chord
from emsync_bridge.music.planning.form import Phrase
from emsync_bridge.music.planning.scenes import Scene
from emsync_bridge.music.random_streams import stream

FIXED_HARMONY = frozenset({"tension", "fear"})
"""Characters whose phrases end without a cadence."""

_LOOP, _STAY, _REPEAT = 0.62, 0.4, -0.45
_CARRIED, _RUBBED, _FOREIGN = 1.1, -1.8, -0.35
_HOME = 0.4
_BEGINNING = 1.2
"""Gain of beginning a statement of a theme on the tonic, so that its key is heard."""

_SLOT = 2 * TICKS_PER_QUARTER


@dataclass(frozen=True)
class MelodyTone:
    """A tone of the melody as harmony sees it: semitones above the tonic."""

    start: int
    end: int
    interval: int


@dataclass(frozen=True)
class Span:
    """A chord in its key from one tick to another.

    Arguments:
        start: Tick.
        end: Tick.
        chord: The chord.
        tonic: Pitch class of the key.
        minor: Mode of the key.
    """

    start: int
    end: int
    chord: Chord
    tonic: int
    minor: bool

    @property
    def pitch_classes(self) -> tuple[int, ...]:
        """From the root up."""
        return tuple((self.tonic + tone) % 12 for tone in self.chord.tones)

    @property
    def bass(self) -> int:
        """Pitch class of the lowest note."""
        return (self.tonic + self.chord.lowest) % 12

    def chord_span(self) -> ChordSpan:
        """Return it as a short score keeps it."""
        bass = None if self.chord.bass is None else self.bass
        return ChordSpan(self.start, self.end, (self.tonic + self.chord.root) % 12, self.chord.quality, bass)


def harmonise(
    phrases: Sequence[Phrase],
    scenes: Sequence[Scene],
    tonics: Sequence[int],
    melody: Mapping[int, Sequence[MelodyTone]],
    seeds: Sequence[int],
) -> tuple[Span, ...]:
    """Return the chords of a piece, in order and without gaps.

    Arguments:
        phrases: Its form.
        scenes: Scenes in order.
        tonics: Pitch class of each scene's key.
        melody: Tones by the index of their phrase.
        seeds: Seeds of each phrase.
    """
    spans: list[Span] = []
    for index, phrase in enumerate(phrases):
        scene, tonic = scenes[phrase.scene], tonics[phrase.scene]
        following = phrases[index + 1] if index + 1 < len(phrases) else None
        slots = _slots(phrase)
        words = vocabulary(scene.character, minor=scene.minor)
        loop = _loop(words, phrase, index, seeds[index])
        fixed = _cadence(phrase, scene, slots, following, scenes, tonics)
        before = spans[-1].chord if spans and spans[-1].tonic == tonic else None
        noise = stream(seeds[index], "harmony", phrase.theme, phrase.variant, phrase.turn // 2)
        taste = chord_gains(words, scene, noise, {span.chord for span in spans})
        if not spans and scene.character not in FIXED_HARMONY and 0 not in fixed:
            fixed[0] = (Chord(0, "m" if scene.minor else "M"),)
        opening = _BEGINNING if phrase.variant in ("open", "close") else _HOME
        chosen = _cheapest(slots, taste, loop, melody.get(index, ()), fixed, before, opening)
        spans.extend(
            Span(start, end, chord, tonic, scene.minor) for (start, end, _), chord in zip(slots, chosen, strict=True)
        )
    return tuple(_merged(spans))


def _slots(phrase: Phrase) -> list[tuple[int, int, int]]:
    """Return (start, end, number of the bar) of every half bar."""
    found = []
    for number, bar in enumerate(phrase.bars):
        half = bar.start + max(_SLOT, bar.length // 2 // TICKS_PER_QUARTER * TICKS_PER_QUARTER)
        if bar.length >= 3 * TICKS_PER_QUARTER and half < bar.end:
            found.extend([(bar.start, half, number), (half, bar.end, number)])
        else:
            found.append((bar.start, bar.end, number))
    return found


def _loop(words: ChordVocabulary, phrase: Phrase, index: int, seed: int) -> tuple[Chord, ...]:
    """Return the loop of a phrase: a theme keeps its loop inside a character, other phrases turn it."""
    order = stream(seed, "loops").sample(range(len(words.loops)), len(words.loops))
    place = {"A": 0, "B": 1}.get(phrase.theme, 2 + index) if phrase.theme else 2 + index
    if phrase.variant == "continuation":
        place += 2
    return words.loops[order[place % len(order)]]


def _cadence(
    phrase: Phrase,
    scene: Scene,
    slots: Sequence[tuple[int, int, int]],
    following: Phrase | None,
    scenes: Sequence[Scene],
    tonics: Sequence[int],
) -> dict[int, tuple[Chord, ...]]:
    """Return the chords that some half bars must choose from."""
    home = Chord(0, "m" if scene.minor else "M")
    dominant = (Chord(7, "7"), Chord(7, "M"))
    last, count = len(slots) - 1, len(slots)
    if phrase.part == "coda":
        return dict.fromkeys(range(count), (home,))
    fixed: dict[int, tuple[Chord, ...]] = {}
    if following is not None and following.part == "coda":
        final_bar = [i for i, slot in enumerate(slots) if slot[2] == len(phrase.bars) - 1]
        fixed.update(dict.fromkeys(final_bar, dominant))
        if final_bar[0] > 0:
            subdominant = (Chord(5, "m"), Chord(2, "h7", 5)) if scene.minor else (Chord(5, "M"), Chord(2, "m7"))
            fixed[final_bar[0] - 1] = subdominant
        elif len(final_bar) > 1:
            fixed[final_bar[0]] = (Chord(0, home.quality, 7), Chord(5, "m" if scene.minor else "M"))
        return fixed
    if following is not None and following.scene != phrase.scene and following.part != "silence":
        return {last: _approach(scene, scenes[following.scene], tonics[following.scene] - tonics[phrase.scene])}
    if scene.character in FIXED_HARMONY or count < 4:
        return fixed
    if phrase.variant in ("close", "augmented"):
        final_bar = [i for i, slot in enumerate(slots) if slot[2] == len(phrase.bars) - 1]
        fixed.update(dict.fromkeys(final_bar, (home,)))
        fixed[final_bar[0] - 1] = dominant
    elif phrase.variant in ("open", "continuation") or phrase.part == "build":
        fixed[last] = (Chord(7, "M"), Chord(7, "7"), Chord(7, "s"))
    return fixed


def _approach(scene: Scene, following: Scene, away: int) -> tuple[Chord, ...]:
    """Return the chords that lead into another scene, in the key of the one that ends."""
    away %= 12
    if following.affect.valence < scene.affect.valence - 0.4:
        return (Chord((1 + away) % 12, "M"), Chord((11 + away) % 12, "o7"))
    return (Chord((7 + away) % 12, "7"), Chord((7 + away) % 12, "s"))


def _cheapest(
    slots: Sequence[tuple[int, int, int]],
    taste: Mapping[Chord, float],
    loop: Sequence[Chord],
    tones: Sequence[MelodyTone],
    fixed: Mapping[int, tuple[Chord, ...]],
    before: Chord | None,
    opening: float,
) -> list[Chord]:
    """Return the best chord for every half bar of a phrase; ``opening`` is what a tonic gains in the first."""
    best: dict[Chord, tuple[float, list[Chord]]] = {}
    for index, (start, end, number) in enumerate(slots):
        choices = fixed.get(index, tuple(taste))
        weights = _weights(tones, start, end)
        reached: dict[Chord, tuple[float, list[Chord]]] = {}
        for chord in choices:
            own = _carries(chord, weights) + taste.get(chord, 0.0)
            own += opening if index == 0 and chord.root == 0 and chord.bass is None else 0.0
            own += _LOOP if chord == loop[number % len(loop)] else 0.0
            new_bar = index == 0 or slots[index - 1][2] != number
            if not best:
                reached[chord] = (own + _follows(before, chord, new_bar=True), [chord])
                continue
            score, path = max(
                ((value + _follows(last, chord, new_bar=new_bar), way) for last, (value, way) in best.items()),
                key=lambda option: option[0],
            )
            reached[chord] = (score + own, [*path, chord])
        best = reached
    return max(best.values(), key=lambda option: option[0])[1]


def _weights(tones: Iterable[MelodyTone], start: int, end: int) -> dict[int, float]:
    """Return the beats that each interval above the tonic sounds within a half bar; what begins with it counts more."""
    found: dict[int, float] = {}
    for tone in tones:
        inside = min(tone.end, end) - max(tone.start, start)
        if inside > 0:
            weight = inside / TICKS_PER_QUARTER * (1.5 if tone.start == start else 1.0)
            found[tone.interval % 12] = found.get(tone.interval % 12, 0.0) + weight
    return found


def _carries(chord: Chord, weights: Mapping[int, float]) -> float:
    tones = set(chord.tones)
    total = 0.0
    for interval, weight in weights.items():
        if interval in tones:
            total += _CARRIED * weight
        elif (interval + 1) % 12 in tones or (interval - 1) % 12 in tones:
            total += _RUBBED * weight
        else:
            total += _FOREIGN * weight
    return total


def _follows(before: Chord | None, chord: Chord, *, new_bar: bool) -> float:
    """Return how well one chord follows another."""
    if before is None:
        return _HOME if chord.root == 0 else 0.0
    if before == chord:
        return _REPEAT if new_bar else _STAY
    motion = (chord.root - before.root) % 12
    if motion == 0:
        return -0.1
    if before.dominant and chord.root == 5:
        return -0.4
    return {5: 0.3, 7: 0.1, 2: 0.12, 10: 0.08, 9: 0.15, 8: 0.1, 3: 0.05, 4: 0.05, 1: -0.05, 11: -0.05, 6: -0.3}[motion]


def _merged(spans: Sequence[Span]) -> list[Span]:
    """Return spans with equal neighbours inside a bar's length joined, so that a held chord is one chord."""
    found: list[Span] = []
    for span in spans:
        same = found and (found[-1].chord, found[-1].tonic) == (span.chord, span.tonic)
        if same and found[-1].end - found[-1].start < 4 * TICKS_PER_QUARTER and _within(found[-1], span):
            found[-1] = Span(found[-1].start, span.end, span.chord, span.tonic, span.minor)
        else:
            found.append(span)
    return found


def _within(first: Span, second: Span) -> bool:
    return second.end - first.start <= 6 * TICKS_PER_QUARTER


def spans_between(spans: Sequence[Span], start: int, end: int) -> list[Span]:
    """Return the chords between two ticks, cut to them.

    Arguments:
        spans: Chords in order.
        start: First tick.
        end: Tick after the last.
    """
    first = max(0, bisect_right(spans, start, key=_start_of) - 1)
    return [
        replace(span, start=max(span.start, start), end=min(span.end, end))
        for span in spans[first : bisect_left(spans, end, key=_start_of)]
        if span.end > start
    ]


def chord_at(spans: Sequence[Span], tick: int) -> Span:
    """Return the chord that sounds at a tick; the last one after the end."""
    return spans[max(0, bisect_right(spans, tick, key=_start_of) - 1)]


def _start_of(span: Span) -> int:
    return span.start
