"""From a spotting and an emotion curve to a take, with the chords on hits given as notes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from emsync_bridge.cue import EmotionCurve, Instrument, Note, Spotting, Take
from emsync_bridge.music.composers_assistant import vocabulary as tok
from emsync_bridge.music.composers_assistant.filling import Blank, fill
from emsync_bridge.music.composers_assistant.generator import ComposersAssistant
from emsync_bridge.music.composers_assistant.score import Place, ScoreBar, Track, TrackNote, in_order, request
from emsync_bridge.music.generation.density import ceiling
from emsync_bridge.music.generation.request import draw_shift, plan_for
from emsync_bridge.music.generation.sampling import Sampler
from emsync_bridge.music.generation.take import hit_answers, key_of, voice_notes
from emsync_bridge.music.hit_harmony import is_minor_at, key_bias, pitches_on_hit
from emsync_bridge.music.planning.plan import CompositionPlan
from emsync_bridge.options import MusicOptions, Sampling

TOP_P = 0.85
"""Share of probability drawn from, as its author has it; the nucleus that is asked for narrows it."""

VELOCITY = 74
"""MIDI velocity of what it writes; it knows none but the loudness of a bar."""

SWELL = 12
"""MIDI velocity that full arousal adds to the loudness that it is told."""

CLEAR = 4
"""Clicks around a hit in which nothing else begins, so that the chord stands alone."""

BARS, CONTEXT = 4, 4
"""Bars that are written at once, and bars before them that are given: it reads nine at most."""

MAX_REQUEST = 1000
"""Tokens of a request at most."""

_DENSITY = 0.4
"""Onsets of a track, as a share of the most that music of its arousal has."""

_CHORD_TICKS = 48


@dataclass(frozen=True)
class _Part:
    """One track of a group: its program, its lowest and highest pitch, and notes at once."""

    program: int
    low: int
    high: int
    voices: int


_PARTS: dict[Instrument, tuple[_Part, ...]] = {
    "piano": (_Part(0, 36, 96, 4),),
    "strings": (_Part(40, 57, 91, 1), _Part(42, 36, 67, 2)),
    "guitar": (_Part(24, 40, 81, 3),),
    "bass": (_Part(32, 28, 55, 1),),
    "drums": (_Part(tok.DRUMS, 35, 59, 4),),
}
_GIVEN: dict[Instrument, int] = {"strings": 48, "piano": 0, "guitar": 24, "bass": 32}
"""Program of the chords on hits, by the group that plays them; the first that is asked for does."""


def compose_takes(
    spotting: Spotting,
    curve: EmotionCurve,
    generator: ComposersAssistant,
    *,
    seeds: Sequence[int],
    options: MusicOptions | None = None,
    progress: Callable[[float], None] | None = None,
) -> tuple[Take, ...]:
    """Return one take for each seed, composed one after the other, four bars at a time.

    Bar lines, tempo and hits are the plan's; the chords on hits are given to it as notes that cannot be changed. It is
    told tempo, loudness and density, and knows no mood: pitches outside the key of the mood's mode are made unlikely.

    Arguments:
        spotting: The cut.
        curve: The mood.
        generator: The network.
        seeds: Seeds of everything that is drawn, one for each take.
        options: The options of the music.
        progress: Function called with the share that is done, from 0 to 1.

    Raises:
        MusicError: The options ask for what cannot be met.
    """
    options = options or MusicOptions()
    plan = plan_for(spotting, curve, options)
    takes = []
    for number, seed in enumerate(seeds):
        rng = np.random.default_rng(seed)
        shift = draw_shift(options, rng)

        def tell(share: float, number: int = number) -> None:
            if progress:
                progress((number + share) / len(seeds))

        notes = generate_notes(plan, generator, rng, options, tell)
        takes.append(
            Take(
                seed=seed,
                notes=tuple(voice_notes(notes, plan, shift)),
                tempo_map=plan.tempo.tempo_map,
                key=key_of(notes, options, shift),
                answers=hit_answers(spotting, notes, plan),
                model=generator.name,
            )
        )
    return tuple(takes)


def generate_notes(
    plan: CompositionPlan,
    generator: ComposersAssistant,
    rng: np.random.Generator,
    options: MusicOptions,
    tell: Callable[[float], None],
) -> list[Note]:
    """Return the notes of a piece in C major or A minor."""
    sampler = Sampler(rng, Sampling(options.sampling.temperature, min(TOP_P, options.sampling.top_p), 0.0))
    given = hit_chords(plan, options)
    group = _given_group(options)
    parts = {part.program: (name, part) for name in options.ensemble for part in _PARTS[name]}
    chords = Track(_GIVEN[group], given)
    tracks = in_order([*(Track(program) for program in parts), chords])
    writing = [number for number, track in enumerate(tracks) if track is not chords]
    bars = score_bars(plan, plan.bar_lines)
    for first in range(0, len(bars), BARS):
        begin, end = max(0, first - CONTEXT), min(len(bars), first + BARS)
        window = bars[begin:end]
        places: list[Place] = []
        blanks: list[Blank] = []
        for index in range(first - begin, len(window)):
            for number in writing:
                part = parts[tracks[number].program][1]
                blank = blank_for(window[index], part, plan, options, given)
                if blank is not None:
                    places.append((number, index))
                    blanks.append(blank)
        if blanks:
            asked = {number: _asked(parts[tracks[number].program][1], window, plan) for number in writing}
            tokens = request(window, tracks, places, asked)
            session = generator.session(tokens)
            for (number, _), notes in zip(places, fill(session, blanks, sampler), strict=True):
                tracks[number].notes.extend(notes)
        tell(end / len(bars))
    return _notes(plan, tracks, {**{p: name for p, (name, _) in parts.items()}}, (chords, group))


def score_bars(plan: CompositionPlan, lines: Sequence[int]) -> list[ScoreBar]:
    """Return the bars between some lines, longer ones than the network knows in two or more."""
    bars = []
    for start, end in pairwise(lines):
        for begin in range(start, end, tok.MAX_CLICKS):
            velocity = VELOCITY + SWELL * plan.section_at(begin).affect.arousal
            bpm = plan.tempo.tempo_map.bpm(begin)
            bars.append(ScoreBar(begin, min(end, begin + tok.MAX_CLICKS), bpm, velocity))
    return bars


def hit_chords(plan: CompositionPlan, options: MusicOptions) -> list[TrackNote]:
    """Return the notes that are given: a chord with its bass on every hit and at the end, in C major or A minor."""
    found = []
    ticks = list(plan.chords)
    for number, tick in enumerate(ticks):
        minor = is_minor_at(plan, tick, options)
        last = tick == plan.final
        following = ticks[number + 1] if number + 1 < len(ticks) else plan.end
        length = max(1, min(following - tick, plan.end - tick if last else _CHORD_TICKS, tok.MAX_CLICKS))
        found += [TrackNote(tick, pitch, length) for pitch in pitches_on_hit(number, minor=minor, last=last)]
    return found


def free_clicks(bar: ScoreBar, plan: CompositionPlan, hits: Sequence[int]) -> np.ndarray:
    """Return where notes may begin in a bar: on the network's grids, outside silences, on hits but not beside them."""
    clicks = np.arange(bar.end - bar.start)
    free = np.zeros(len(clicks), dtype=bool)
    for step in tok.GRID:
        free[::step] = True
    ticks = clicks + bar.start
    for hit in hits:
        free &= (np.abs(ticks - hit) > CLEAR) | (ticks == hit)
    for section in plan.sections:
        if section.silence:
            free &= (ticks < section.start_tick) | (ticks >= section.end_tick)
    if plan.final is not None:
        free &= ticks < plan.final
    return free


def chord_pitches(classes: set[int]) -> np.ndarray:
    """Return which pitches belong to some pitch classes, shape (128,)."""
    return np.array([pitch % 12 in classes for pitch in range(tok.PITCHES)])


def blank_for(
    bar: ScoreBar, part: _Part, plan: CompositionPlan, options: MusicOptions, given: Sequence[TrackNote]
) -> Blank | None:
    """Return the blank of a part in a bar; None where nothing may begin."""
    free = free_clicks(bar, plan, plan.chords)
    if not free.any():
        return None
    minor = is_minor_at(plan, bar.start, options)
    drums = part.program == tok.DRUMS
    pitches = np.zeros(tok.PITCHES, dtype=bool)
    pitches[part.low : part.high + 1] = True
    struck: dict[int, set[int]] = {}
    for note in given:
        if bar.start <= note.start < bar.end:
            struck.setdefault(note.start - bar.start, set()).add(note.pitch % 12)
    silences = [section.start_tick for section in plan.sections if section.silence and section.start_tick > bar.start]
    return Blank(
        bar,
        drums,
        free,
        pitches,
        np.zeros(tok.PITCHES) if drums else key_bias(9 if minor else 0, minor=minor),
        part.voices,
        min([plan.end, *silences]),
        {} if drums else {click: chord_pitches(classes) for click, classes in struck.items()},
    )


def _asked(part: _Part, window: Sequence[ScoreBar], plan: CompositionPlan) -> tuple[int, ...]:
    """Return the instructions for a track: density by the mood of the last bar, lowest and highest pitch."""
    bar = window[-1]
    onsets = _DENSITY * ceiling(plan.section_at(bar.start).affect.arousal) * 60 / bar.bpm
    drums = part.program == tok.DRUMS
    low, high = (tok.note(pitch, drums=drums) for pitch in (part.low, part.high))
    return tok.density(onsets), tok.LOWEST, low, tok.HIGHEST, high


def _given_group(options: MusicOptions) -> Instrument:
    return next(name for name in _GIVEN if name in options.ensemble)


def _notes(
    plan: CompositionPlan, tracks: Sequence[Track], groups: dict[int, Instrument], given: tuple[Track, Instrument]
) -> list[Note]:
    """Return the notes of all tracks, each pitch of a group sounding once."""
    chords, group = given
    found: dict[tuple[int, str, int], Note] = {}
    for track in (chords, *(track for track in tracks if track is not chords)):
        instrument = group if track is chords else groups[track.program]
        for note in track.notes:
            end = min(plan.end, note.start + note.length)
            key = (note.start, instrument, note.pitch)
            if end > note.start and key not in found:
                found[key] = Note(note.start, end, instrument, note.pitch, VELOCITY)
    return sorted(found.values())
