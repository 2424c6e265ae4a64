"""The outline of a piece: scenes, form, melodies and chords, before players are chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from emsync_bridge.cue import (
    TICKS_PER_QUARTER,
    EmotionCurve,
    Spotting,
    Theme,
)
from emsync_bridge.music.arranging.dialogue import Ticks, spoken_ticks, texture_under_speech
from emsync_bridge.music.arranging.key_plan import keys_of
from emsync_bridge.music.arranging.themes.meters import beats_of
from emsync_bridge.music.arranging.themes.motifs import semitones
from emsync_bridge.music.arranging.themes.statements import (
    LineNote,
    statement,
    statement_on_bars,
)
from emsync_bridge.music.generation.request import mode_of
from emsync_bridge.music.planning.form import Phrase, Variant, phrases
from emsync_bridge.music.planning.harmony import MelodyTone, Span, chord_at, harmonise
from emsync_bridge.music.planning.hit_ranks import RankedHit, rank_hits
from emsync_bridge.music.planning.plan import CompositionPlan
from emsync_bridge.music.planning.scenes import Bar, Scene, bars, scenes
from emsync_bridge.music.random_streams import stream
from emsync_bridge.options import MusicOptions, PaletteName
from emsync_bridge.orders.music import music_orders

_CLOSING_NOTES = 5
"""Notes of the theme that are heard over the last chord."""

_SHORT_BAR = 3 * TICKS_PER_QUARTER
"""Ticks of a first bar under which a melody waits for the next one."""


@dataclass(frozen=True)
class Outline:
    """Everything that is decided before players are chosen.

    Arguments:
        grid: Bars.
        scenes: Scenes in order.
        hits: Ranked hits.
        phrases: The form.
        tonics: Pitch class of each scene's key.
        seeds: Seeds of each phrase.
        lines: Melody of each phrase that states a theme, by index.
        spans: Chords.
        spoken: First and last tick of stretches in which people speak and the music steps back.
    """

    grid: tuple[Bar, ...]
    scenes: tuple[Scene, ...]
    hits: tuple[RankedHit, ...]
    phrases: tuple[Phrase, ...]
    tonics: tuple[int, ...]
    seeds: tuple[int, ...]
    lines: Mapping[int, tuple[LineNote, ...]]
    spans: tuple[Span, ...]
    spoken: tuple[Ticks, ...] = ()


@dataclass(frozen=True)
class PieceInputs:
    """Brief of a piece: the cut, its mood, and the options of the music.

    Arguments:
        plan: Tempo, hits and sections.
        spotting: The cut.
        curve: The mood.
        options: Options of the music.
    """

    plan: CompositionPlan
    spotting: Spotting
    curve: EmotionCurve
    options: MusicOptions


@dataclass(frozen=True)
class Material:
    """Material of a piece: its themes, home key, seeds and chords.

    Arguments:
        themes: Themes of the piece.
        tonic: Pitch class of the home key.
        seed: Seed of sections whose seeds are not kept.
        kept: Seeds of sections by their first tick.
        chords: Chords that the music keeps to; they are worked out when None.
        palette: Palette where none is asked for.
    """

    themes: tuple[Theme, ...]
    tonic: int
    seed: int
    kept: Mapping[int, int] = field(default_factory=dict)
    chords: tuple[Span, ...] | None = None
    palette: PaletteName = "orchestra"


def outline_piece(brief: PieceInputs, material: Material) -> Outline:
    """Return everything that is decided before players are chosen.

    Arguments:
        brief: Brief of the music.
        material: Material of the music.
    """
    plan, themes = brief.plan, material.themes
    root = root_seed(themes, material.tonic)
    grid = bars(plan)
    minor = asked_minor(brief.options)
    found = scenes(plan, brief.curve, grid, minor=minor)
    hits = rank_hits(plan, brief.spotting, found)
    spoken = spoken_ticks(plan, brief.options.spoken)
    form = _with_orders(phrases(plan, found, hits, grid, root), plan, brief.spotting)
    form = texture_under_speech(form, spoken)
    tonics = keys_of(found, material.tonic, root, fixed=brief.options.key is not None)
    seeds = tuple(material.kept.get(phrase.start, section_seed(material.seed, phrase.start)) for phrase in form)
    beats = beats_of(plan.tempo.tempo_map, plan.end)
    lines = _lines(form, found, themes, hits, seeds, beats)
    tones = {
        index: tuple(MelodyTone(note.start, note.end, note.interval) for note in line) for index, line in lines.items()
    }
    spans = harmonise(form, found, tonics, tones, seeds) if material.chords is None else material.chords
    fitted = {
        index: tuple(_on_chord(note, spans, plan.final, minor=found[form[index].scene].minor) for note in line)
        for index, line in lines.items()
    }
    return Outline(grid, found, hits, form, tonics, seeds, fitted, spans, spoken)


def _with_orders(form: Sequence[Phrase], plan: CompositionPlan, spotting: Spotting) -> tuple[Phrase, ...]:
    """Return the form with the themes that the cut asks for in their stretches."""
    orders = [order for order in music_orders(spotting) if order.kind == "theme"]
    found = []
    counts: dict[str, int] = {}
    for phrase in form:
        middle = (plan.seconds(phrase.start) + plan.seconds(phrase.end)) / 2
        asked = [order.name for order in orders if order.start <= middle < order.end]
        if not asked or phrase.part in ("silence", "coda"):
            found.append(phrase)
            continue
        turn = counts.get(asked[-1], 0)
        counts[asked[-1]] = turn + 1
        fresh: Variant = "head" if len(phrase.bars) < 3 else "open" if turn % 2 == 0 else "close"
        found.append(
            replace(
                phrase,
                part="theme",
                theme=asked[-1],
                variant=phrase.variant if turn > 1 and phrase.variant else fresh,
                turn=turn,
            )
        )
    return tuple(found)


def _lines(
    form: Sequence[Phrase],
    found: Sequence[Scene],
    themes: Sequence[Theme],
    hits: Sequence[RankedHit],
    seeds: Sequence[int],
    beats: int,
) -> dict[int, tuple[LineNote, ...]]:
    """Return the melodies of the phrases that state a theme."""
    named = {theme.name: theme for theme in themes}
    turns = {hit.tick for hit in hits if hit.rank == "turn"}
    lines: dict[int, tuple[LineNote, ...]] = {}
    for index, phrase in enumerate(form):
        if not phrase.variant:
            continue
        if phrase.part == "coda":
            lines[index] = _closing_notes(named["A"], phrase, minor=found[phrase.scene].minor)
            continue
        rng = stream(seeds[index], "statement")
        theme = named.get(phrase.theme, named["A"]) if phrase.theme else named["A"]
        after_turn = phrase.start in turns
        room = index > 0 and not after_turn and form[index - 1].part != "silence"
        late = len(phrase.bars) >= 5 and after_turn
        short = len(phrase.bars) >= 3 and phrase.bars[0].length < _SHORT_BAR
        body = replace(phrase, bars=phrase.bars[1:]) if late or short else phrase
        upbeat = -min(0, theme.notes[0].start)
        notes = statement(theme, body, rng, upbeat=(room or body is not phrase) and body.start >= upbeat)
        line = statement_on_bars(notes, body, minor=found[phrase.scene].minor, beats=beats)
        lines[index] = line
    lines = {index: line for index, line in lines.items() if line}
    for first, second in pairwise(sorted(lines)):
        begin = lines[second][0].start if lines[second] else form[second].start
        lines[first] = tuple(replace(note, end=min(note.end, begin)) for note in lines[first] if note.start < begin)
    return lines


def _closing_notes(theme: Theme, phrase: Phrase, *, minor: bool) -> tuple[LineNote, ...]:
    """Return the theme's first notes over the last chord, from its second beat; none where it does not ring so long."""
    head = [note for note in theme.notes if note.start >= 0][:_CLOSING_NOTES]
    start = phrase.start + TICKS_PER_QUARTER
    # A slow theme is played twice as fast rather than left out.
    pace = next((n for n in (1, 2) if start + head[-1].start // n + 2 * TICKS_PER_QUARTER <= phrase.end), 0)
    if not pace:
        return ()
    triad = (0, 3 if minor else 4, 7)
    tones = [(start + note.start // pace, semitones(note.degree, minor=minor) + note.alter) for note in head]
    at, last = tones[-1]
    if last % 12 not in triad:
        home = min(range(last - 4, last + 5), key=lambda pitch: (pitch % 12 not in triad, abs(pitch - last)))
        tones.append((at + min(head[-1].length // pace, TICKS_PER_QUARTER), home))
    ends = [tick for tick, _ in tones[1:]] + [phrase.end]
    return tuple(LineNote(tick, end, pitch) for (tick, pitch), end in zip(tones, ends, strict=True))


def _on_chord(note: LineNote, spans: Sequence[Span], final: int | None, *, minor: bool) -> LineNote:
    """Return a note of the theme as the harmony lets it stand: leading tones over dominants, no long rub.

    Before the last chord nothing but the dominant is heard.
    """
    span = chord_at(spans, note.start)
    tones = {tone % 12 for tone in span.chord.tones}
    interval = note.interval % 12
    if minor and interval == 10 and span.chord.dominant and span.chord.root == 7:
        return replace(note, interval=note.interval + 1)
    short = TICKS_PER_QUARTER if span.chord.dominant else 3 * TICKS_PER_QUARTER // 2
    closing = final is not None and span.start < final <= span.end + TICKS_PER_QUARTER and span.chord.dominant
    if interval in tones or note.end - note.start < (TICKS_PER_QUARTER // 2 if closing else short):
        return note
    rubs = (interval + 1) % 12 in tones or (interval - 1) % 12 in tones
    if not closing and (not rubs or _resolves(note, span, spans)):
        return note
    for step in (-1, 1, -2, 2):
        if (interval + step) % 12 in tones:
            return replace(note, interval=note.interval + step)
    return note


def _resolves(note: LineNote, span: Span, spans: Sequence[Span]) -> bool:
    """Tell whether a note is foreign to its first chord for a beat at most, and then belongs to the next."""
    following = chord_at(spans, min(note.end - 1, span.end))
    belongs = note.interval % 12 in {tone % 12 for tone in following.chord.tones}
    return belongs and span.end - note.start <= TICKS_PER_QUARTER and note.end - span.end >= TICKS_PER_QUARTER


def root_seed(themes: Sequence[Theme], tonic: int) -> int:
    """Return the seed of what holds for the whole piece; it stays when a section is written again."""
    shape = [str(tonic)]
    for theme in themes:
        shape += [theme.name, *(f"{note.start}:{note.degree}:{note.alter}" for note in theme.notes)]
    return stream(0, *shape).getrandbits(48)


def section_seed(seed: int, start: int) -> int:
    """Return the seed of a section that begins at a tick, out of the seed of the take."""
    return stream(seed, "section", start).getrandbits(48)


def asked_minor(options: MusicOptions) -> bool | None:
    """Return whether the mode that is asked for is minor; None where the moods decide."""
    mode = mode_of(options)
    return None if mode is None else mode == "minor"
