"""The arranger: plan, motifs and options to a take for players, whole, in one section, or from a bar on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from emsync_bridge.cue import (
    TICKS_PER_QUARTER,
    Affect,
    EmotionCurve,
    Note,
    ScoreSection,
    ShortScore,
    Spotting,
    Statement,
    Take,
    Theme,
)
from emsync_bridge.errors import MusicError
from emsync_bridge.midi.players import PLAYERS
from emsync_bridge.music.analysis import keys
from emsync_bridge.music.arranging import accents, performance
from emsync_bridge.music.arranging.motifs import BAR, Motif
from emsync_bridge.music.arranging.orchestration import Memory, Setting, orchestrated
from emsync_bridge.music.arranging.palettes import Scoring, Wanted, palette_named, scoring, wanted
from emsync_bridge.music.arranging.score_notes import ScoreNote
from emsync_bridge.music.arranging.themes import BARS, LineNote, inverted, laid, statement, theme_from, theme_of
from emsync_bridge.music.generation.compose import answers
from emsync_bridge.music.generation.request import mode_of
from emsync_bridge.music.planning.dynamics import Dynamics
from emsync_bridge.music.planning.form import Phrase, Variant, phrases
from emsync_bridge.music.planning.harmony import MelodyTone, Span, chord_at, harmonised, keys_of
from emsync_bridge.music.planning.plan import CompositionPlan
from emsync_bridge.music.planning.ranks import RankedHit, ranked
from emsync_bridge.music.planning.scenes import Bar, Scene, bars, scene_at, scenes
from emsync_bridge.music.streams import stream
from emsync_bridge.music_orders import music_orders
from emsync_bridge.options import MusicOptions

WORST_MOTIF = -1.5
"""Score of written melody's median; motifs below it are used only where there is no other."""

_CHOICE = 36
"""Motifs that suit a piece at most."""

_MOOD = 0.9
"""Score that a motif loses by a mood that is 1 away."""

_STAYS = 2.5
"""Score that a motif loses by repeating every note."""

_SHORT_BAR = 3 * TICKS_PER_QUARTER
"""Ticks of a first bar under which a melody waits for the next one."""

_TONICS = (0, 2, 3, 4, 5, 7, 9, 10)


@dataclass(frozen=True)
class Outline:
    """Everything that is decided before players are chosen.

    Arguments:
        grid: Bars.
        scenes: In order.
        hits: Ranked.
        phrases: The form.
        tonics: Pitch class of each scene's key.
        seeds: Of each phrase.
        lines: Melody of each phrase that states a theme, by index.
        spans: Chords.
    """

    grid: tuple[Bar, ...]
    scenes: tuple[Scene, ...]
    hits: tuple[RankedHit, ...]
    phrases: tuple[Phrase, ...]
    tonics: tuple[int, ...]
    seeds: tuple[int, ...]
    lines: Mapping[int, tuple[LineNote, ...]]
    spans: tuple[Span, ...]


def arrange(
    plan: CompositionPlan,
    spotting: Spotting,
    curve: EmotionCurve,
    motifs: Sequence[Motif],
    options: MusicOptions,
    seed: int,
) -> Take:
    """Return a take for players; the same seed gives the same take.

    Arguments:
        plan: Tempo, hits and sections.
        spotting: The cut.
        curve: The mood.
        motifs: That themes may grow from; the bank's, or those of a generator.
        options: What else is asked.
        seed: Of everything that is drawn.

    Raises:
        MusicError: The options cannot be met.
    """
    grid = bars(plan)
    minor = _minor(options)
    found = scenes(plan, curve, grid, minor=minor)
    home = next((scene for scene in found if not scene.silent), found[0])
    tonic = home_tonic(spotting, options, seed, minor=home.minor)
    named = tuple(dict.fromkeys(order.name for order in music_orders(spotting) if order.kind == "theme"))
    ranked_motifs = suited(motifs, curve.mean(), plan.tempo.base_bpm, fingerprint(spotting))
    themes = chosen_themes(ranked_motifs, options.themes, named, seed)
    return _written(plan, spotting, curve, themes, options, tonic, seed, {})


def rearranged(
    take: Take,
    plan: CompositionPlan,
    spotting: Spotting,
    curve: EmotionCurve,
    options: MusicOptions,
    *,
    start: int,
    end: int,
    seed: int,
    only: Callable[[Note], bool] | None = None,
) -> Take:
    """Return a take with what begins between two ticks written again; all else stays note for note.

    Themes, key and the seeds of the other sections are kept. Live, ``end`` is the end of the plan.

    Arguments:
        take: An arranged take.
        plan: On the take's tempo map up to ``start``.
        spotting: The cut as it is now.
        curve: The mood as it is now.
        options: As of the take, or others.
        start: Tick.
        end: Tick.
        seed: Of the section.
        only: Which of its notes are written again, over the same chords; all, with new chords, when None.
    """
    score = take.score or ShortScore()
    seeds = {section.start: section.seed for section in score.sections}
    kept = {tick: old for tick, old in seeds.items() if not start <= tick < end}
    tonic = _tonic_of(take.key)
    spans = None
    if only is not None:
        spans = outlined(plan, spotting, curve, score.themes, options, tonic, seed, seeds).spans
    fresh = _written(plan, spotting, curve, score.themes, options, tonic, seed, kept, spans)
    notes = [note for note in take.notes if not start <= note.start < end or (only is not None and not only(note))]
    occupied = {(note.player, note.pitch): note.end for note in take.notes if note.start < start <= note.end}
    inside = [
        _stopped(note, end, take.notes)
        for note in fresh.notes
        if start <= note.start < end
        and (only is None or only(note))
        and occupied.get((note.player, note.pitch), 0) <= note.start
    ]
    if only is not None:
        inside = _beside(inside, [note for note in notes if note.end > start and note.start < end])
    busy = {note.player for note in notes if start <= note.start < end}
    controls = [each for each in take.controls if not start <= each.tick < end or each.player in busy]
    controls += [each for each in fresh.controls if start <= each.tick < end and each.player not in busy]
    return replace(
        take,
        seed=seed,
        notes=tuple(sorted((*notes, *inside))),
        controls=tuple(sorted(controls)),
        score=score if only is not None else _merged(score, fresh.score or ShortScore(), start, end),
        tempo_map=plan.tempo.tempo_map,
        answers=answers(spotting, sorted((*notes, *inside)), plan),
    )


def home_tonic(spotting: Spotting, options: MusicOptions, seed: int, *, minor: bool) -> int:
    """Return the pitch class of the home key: what is asked for, else drawn from the cut and the seed together.

    Arguments:
        spotting: The cut.
        options: Key and transposition.
        seed: Of the take.
        minor: Mode of the first scene.
    """
    shift = None
    if options.key is not None:
        shift = keys.parse_key(options.key)[0]
    elif options.transpose is not None:
        shift = options.transpose
    if shift is not None:
        return (shift + (9 if minor else 0)) % 12
    return stream(seed, "key", fingerprint(spotting)).choice(_TONICS)


def fingerprint(spotting: Spotting) -> str:
    """Return what tells one cut from another: name, duration and hits."""
    hits = " ".join(str(hit.frame) for hit in spotting.hits)
    return f"{spotting.name}/{round(spotting.duration * 1000)}/{hits}"


def suited(motifs: Sequence[Motif], affect: Affect, bpm: float, cut: str) -> list[Motif]:
    """Return the motifs that suit a piece, in an order that belongs to its cut.

    Arguments:
        motifs: To choose from.
        affect: Mood of the piece.
        bpm: Base tempo: quick motifs do not suit a fast one.
        cut: Fingerprint of the cut.
    """

    def value(motif: Motif) -> float:
        away = abs(motif.affect.valence - affect.valence) + 0.5 * abs(motif.affect.arousal - affect.arousal)
        hurried = max(0.0, len(motif.notes) * bpm / 60 / 8 - 2.2)
        stays = sum(step == 0 for step in motif.contour) / len(motif.contour)
        return motif.score - _MOOD * away - hurried - _STAYS * stays

    ordered = sorted(motifs, key=value, reverse=True)
    best = ([motif for motif in ordered if motif.score >= WORST_MOTIF] or ordered)[:_CHOICE]
    return stream(0, "motifs", cut).sample(best, len(best))


def chosen_themes(
    motifs: Sequence[Motif], given: Sequence[Theme], named: Sequence[str], seed: int
) -> tuple[Theme, ...]:
    """Return the themes of a piece: those that are given, and where there is none, one from a motif.

    Neighbouring seeds take motifs that are apart from each other, so that takes do not share a tune.

    Arguments:
        motifs: To choose from, as ``suited`` orders them.
        given: Themes of a person; the one named ``A`` or the first is the main theme.
        named: Names of themes that the cut asks for.
        seed: Of the take.

    Raises:
        MusicError: There is neither a theme nor a motif.
    """
    themes = {theme.name: _whole(theme, seed) for theme in given}
    turned = [motifs[(2 * seed + step) % len(motifs)] for step in range(len(motifs))]
    first = turned[0] if turned else None
    if "A" not in themes:
        free = [theme for name, theme in themes.items() if name not in named]
        if free:
            themes["A"] = replace(free[0], name="A")
        elif first is not None:
            themes["A"] = theme_of(first, "A", seed, "motif")
        elif themes:
            themes["A"] = replace(next(iter(themes.values())), name="A")
        else:
            raise MusicError("There is neither a theme nor a motif to make one of")
    others = [motif for motif in turned if first is None or _contrasts(motif, first)]
    for number, name in enumerate(("B", *named)):
        if name not in themes:
            themes[name] = (
                theme_of(others[number], name, seed, "motif") if len(others) > number else inverted(themes["A"], name)
            )
    return tuple(sorted(themes.values(), key=lambda theme: (theme.name not in ("A", "B"), theme.name)))


def _whole(theme: Theme, seed: int) -> Theme:
    """Return a given theme with eight bars."""
    if theme.length == BARS * BAR:
        return theme
    return theme_from(theme.notes, theme.length, theme.name, minor=theme.minor, source=theme.source, seed=seed)


def _contrasts(motif: Motif, first: Motif) -> bool:
    common = len(set(motif.rhythm) & set(first.rhythm)) / len(set(motif.rhythm) | set(first.rhythm))
    return common < 0.7 and motif.contour[:3] != first.contour[:3]


def outlined(
    plan: CompositionPlan,
    spotting: Spotting,
    curve: EmotionCurve,
    themes: Sequence[Theme],
    options: MusicOptions,
    tonic: int,
    seed: int,
    kept: Mapping[int, int],
    given: Sequence[Span] | None = None,
) -> Outline:
    """Return everything that is decided before players are chosen.

    Arguments:
        plan: Tempo, hits and sections.
        spotting: The cut.
        curve: The mood.
        themes: Of the piece.
        options: What is asked.
        tonic: Pitch class of the home key.
        seed: Of sections that are not kept.
        kept: Seeds of sections by their first tick.
        given: Chords that the music keeps to; they are worked out when None.
    """
    root = _root_seed(themes, tonic)
    grid = bars(plan)
    minor = _minor(options)
    found = scenes(plan, curve, grid, minor=minor)
    hits = ranked(plan, spotting, found)
    form = _with_orders(phrases(plan, found, hits, grid, root), plan, spotting)
    tonics = keys_of(found, tonic, root, fixed=options.key is not None)
    seeds = tuple(kept.get(phrase.start, _section_seed(seed, phrase.start)) for phrase in form)
    lines = _lines(form, found, themes, hits, seeds)
    tones = {
        index: tuple(MelodyTone(note.start, note.end, note.interval) for note in line) for index, line in lines.items()
    }
    spans = harmonised(form, found, tonics, tones, seeds) if given is None else tuple(given)
    fitted = {
        index: tuple(_on_chord(note, spans, minor=found[form[index].scene].minor) for note in line)
        for index, line in lines.items()
    }
    return Outline(grid, found, hits, form, tonics, seeds, fitted, spans)


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
) -> dict[int, tuple[LineNote, ...]]:
    """Return the melodies of the phrases that state a theme."""
    named = {theme.name: theme for theme in themes}
    turns = {hit.tick for hit in hits if hit.rank == "turn"}
    lines: dict[int, tuple[LineNote, ...]] = {}
    for index, phrase in enumerate(form):
        if not phrase.variant:
            continue
        rng = stream(seeds[index], "statement")
        theme = named.get(phrase.theme, named["A"]) if phrase.theme else named["A"]
        after_turn = phrase.start in turns
        room = index > 0 and not after_turn and form[index - 1].part != "silence"
        late = len(phrase.bars) >= 5 and after_turn
        short = len(phrase.bars) >= 3 and phrase.bars[0].length < _SHORT_BAR
        body = replace(phrase, bars=phrase.bars[1:]) if late or short else phrase
        notes = statement(theme, body, rng, upbeat=room or body is not phrase)
        line = laid(notes, body, minor=found[phrase.scene].minor)
        lines[index] = line
    for first, second in pairwise(sorted(lines)):
        begin = lines[second][0].start if lines[second] else form[second].start
        lines[first] = tuple(replace(note, end=min(note.end, begin)) for note in lines[first] if note.start < begin)
    return lines


def _on_chord(note: LineNote, spans: Sequence[Span], *, minor: bool) -> LineNote:
    """Return a note of the theme as the harmony lets it stand: leading tones over dominants, no long rub."""
    span = chord_at(spans, note.start)
    tones = {tone % 12 for tone in span.chord.tones}
    interval = note.interval % 12
    if minor and interval == 10 and span.chord.dominant and span.chord.root == 7:
        return replace(note, interval=note.interval + 1)
    short = TICKS_PER_QUARTER if span.chord.dominant else 3 * TICKS_PER_QUARTER // 2
    if interval in tones or note.end - note.start < short:
        return note
    rubs = (interval + 1) % 12 in tones or (interval - 1) % 12 in tones
    if not rubs:
        return note
    for step in (-1, 1, -2, 2):
        if (interval + step) % 12 in tones:
            return replace(note, interval=note.interval + step)
    return note


def _written(
    plan: CompositionPlan,
    spotting: Spotting,
    curve: EmotionCurve,
    themes: Sequence[Theme],
    options: MusicOptions,
    tonic: int,
    seed: int,
    kept: Mapping[int, int],
    given: Sequence[Span] | None = None,
) -> Take:
    """Return the take of themes, a key and seeds, over given chords where there are any."""
    outline = outlined(plan, spotting, curve, themes, options, tonic, seed, kept, given)
    root = _root_seed(themes, tonic)
    second = max(8, round(plan.tempo.base_bpm / 60 * TICKS_PER_QUARTER))
    wants = _wants(outline, plan, options)
    marked = accents.marks(
        _spots(outline, plan, wants, second),
        [stream(_seed_at(outline, hit.tick), "hit", hit.tick) for hit in outline.hits],
    )
    dynamics = Dynamics(outline.phrases, outline.scenes, marked.swells, frozenset(hit.tick for hit in outline.hits))
    texture, scorings = _texture(outline, wants, dynamics, root, second)
    texture = _with_cuts(texture, marked.cuts)
    silent = [(scene.start, scene.end) for scene in outline.scenes if scene.silent]
    notes = performance.playable((*marked.notes, *texture), plan.seconds, plan.end)
    notes = _silenced(notes, silent)
    played = performance.performed(
        notes, dynamics, outline.hits, frozenset(bar.start for bar in outline.grid), outline.seeds
    )
    controls = performance.controls(played, dynamics, outline.hits, outline.spans, plan.end)
    home = next((scene for scene in outline.scenes if not scene.silent), outline.scenes[0])
    return Take(
        seed=seed,
        notes=tuple(played),
        tempo_map=plan.tempo.tempo_map,
        key=f"{keys.TONICS[tonic]} {'minor' if home.minor else 'major'}",
        answers=answers(spotting, played, plan),
        controls=tuple(controls),
        score=ShortScore(
            tuple(themes),
            _statements(outline, scorings),
            tuple(span.written() for span in outline.spans),
            _sections(outline, wants, dynamics),
            marked.gestures,
        ),
    )


def _wants(outline: Outline, plan: CompositionPlan, options: MusicOptions) -> list[Wanted]:
    """Return who may play in each phrase."""
    found = []
    for phrase in outline.phrases:
        middle = (plan.seconds(phrase.start) + plan.seconds(phrase.end)) / 2
        placed = [name for start, end, name in options.palettes if start <= middle < end]
        palette = palette_named((placed[-1] if placed else options.palette) or "orchestra")
        found.append(wanted(palette, options.without, options.lead or ""))
    return found


def _spots(outline: Outline, plan: CompositionPlan, wants: Sequence[Wanted], second: int) -> list[accents.Spot]:
    """Return the hits with what is around them."""
    ticks = [hit.tick for hit in outline.hits]
    starts = [phrase.start for phrase in outline.phrases]
    found = []
    for index, hit in enumerate(outline.hits):
        last = ticks[index - 1] if index else 0
        following = ticks[index + 1] if index + 1 < len(ticks) else plan.end
        before = scene_at(outline.scenes, max(0, hit.tick - 1))
        room = 0 if before.silent else hit.tick - max(last, before.start if before.silent else last)
        place = max(i for i, start in enumerate(starts) if start <= hit.tick)
        found.append(
            accents.Spot(
                hit,
                room,
                following,
                chord_at(outline.spans, hit.tick),
                chord_at(outline.spans, max(0, hit.tick - 1)),
                wants[place].players,
                second,
                scene_at(outline.scenes, hit.tick).affect.valence,
                plan.end,
            )
        )
    return found


def _texture(
    outline: Outline, wants: Sequence[Wanted], dynamics: Dynamics, root: int, second: int
) -> tuple[list[ScoreNote], dict[int, Scoring]]:
    """Return the notes of all phrases, and who played what."""
    notes: list[ScoreNote] = []
    scorings: dict[int, Scoring] = {}
    memory = Memory()
    before: Scoring | None = None
    loud = {hit.tick for hit in outline.hits if hit.rank in ("turn", "strong")}
    for index, phrase in enumerate(outline.phrases):
        if phrase.part in ("silence", "coda"):
            memory, before = Memory(), None
            continue
        level = dynamics.level(index)
        scene = outline.scenes[phrase.scene]
        rng = stream(outline.seeds[index], "scoring")
        who = scoring(wants[index], phrase, scene, level, rng, before, root)
        spans = _inside(outline.spans, phrase.start, phrase.end)
        tonic = outline.tonics[phrase.scene]
        setting = Setting(
            phrase, scene, spans, outline.spans, outline.lines.get(index, ()), 60 + (tonic + 6) % 12 - 6, level, second
        )
        written, memory = orchestrated(setting, who, rng, memory, fill=phrase.end in loud)
        notes += [note for note in written if note.player in wants[index].players]
        scorings[index] = before = who
    return notes, scorings


def _inside(spans: Sequence[Span], start: int, end: int) -> list[Span]:
    return [
        replace(span, start=max(span.start, start), end=min(span.end, end))
        for span in spans
        if span.start < end and span.end > start
    ]


def _with_cuts(notes: Iterable[ScoreNote], cuts: Sequence[accents.Cut]) -> list[ScoreNote]:
    """Return notes without what rests around hits."""
    found = []
    for note in notes:
        kept: ScoreNote | None = note
        for cut in cuts:
            if kept is None or note.role not in cut.roles or kept.end <= cut.start or kept.start >= cut.end:
                continue
            kept = None if kept.start >= cut.start else replace(kept, end=cut.start)
        if kept is not None:
            found.append(kept)
    return found


def _silenced(notes: Iterable[ScoreNote], silent: Sequence[tuple[int, int]]) -> list[ScoreNote]:
    """Return notes that stop where a silence begins."""
    found = []
    for note in notes:
        kept: ScoreNote | None = note
        for start, end in silent:
            if kept is not None and kept.start < end and kept.end > start:
                kept = replace(kept, end=start) if kept.start < start else None
        if kept is not None:
            found.append(kept)
    return found


def _statements(outline: Outline, scorings: Mapping[int, Scoring]) -> tuple[Statement, ...]:
    found = []
    for index, phrase in enumerate(outline.phrases):
        line = outline.lines.get(index)
        if line:
            leads = scorings[index].leads if index in scorings else ()
            player = leads[0][0] if leads else ""
            found.append(Statement(phrase.theme or "A", _kind(phrase), line[0].start, line[-1].end, player))
    return tuple(found)


def _kind(phrase: Phrase) -> str:
    return "whole" if phrase.variant in ("open", "close") else phrase.variant or "head"


def _sections(outline: Outline, wants: Sequence[Wanted], dynamics: Dynamics) -> tuple[ScoreSection, ...]:
    """Return the phrases as the short score names them."""
    found = []
    count: dict[str, int] = {}
    for index, phrase in enumerate(outline.phrases):
        label: str = phrase.part
        if phrase.theme:
            label = phrase.theme + "'" * min(3, count.get(phrase.theme, 0))
            count[phrase.theme] = count.get(phrase.theme, 0) + 1
        scene = outline.scenes[phrase.scene]
        found.append(
            ScoreSection(
                phrase.start,
                phrase.end,
                label,
                outline.seeds[index],
                scene.character,
                round(dynamics.level(index), 3),
                wants[index].palette,
            )
        )
    return tuple(found)


def _root_seed(themes: Sequence[Theme], tonic: int) -> int:
    """Return the seed of what holds for the whole piece; it stays when a section is written again."""
    shape = [str(tonic)]
    for theme in themes:
        shape += [theme.name, *(f"{note.start}:{note.degree}:{note.alter}" for note in theme.notes)]
    return stream(0, *shape).getrandbits(48)


def _section_seed(seed: int, start: int) -> int:
    return stream(seed, "section", start).getrandbits(48)


def _seed_at(outline: Outline, tick: int) -> int:
    """Return the seed of the phrase that leads to a tick."""
    place = max((i for i, phrase in enumerate(outline.phrases) if phrase.start < tick), default=0)
    return outline.seeds[place]


def _minor(options: MusicOptions) -> bool | None:
    """Return whether the mode that is asked for is minor; None where the moods decide."""
    mode = mode_of(options)
    return None if mode is None else mode == "minor"


def _tonic_of(key: str) -> int:
    shift, mode = keys.parse_key(key)
    return (shift + (9 if mode == "minor" else 0)) % 12


def _stopped(note: Note, end: int, old: Sequence[Note]) -> Note:
    """Return a note of a section that stops where a kept note of the same player and pitch begins."""
    if note.end <= end:
        return note
    later = [
        other.start for other in old if other.start >= end and (other.player, other.pitch) == (note.player, note.pitch)
    ]
    return replace(note, end=min([note.end, *later]))


def _beside(notes: Sequence[Note], kept: Sequence[Note]) -> list[Note]:
    """Return new notes without those for which their player has no voice left beside the notes that stay."""
    free = []
    for note in notes:
        player = PLAYERS.get(note.player)
        same = [
            other for other in kept if other.player == note.player and other.start < note.end and other.end > note.start
        ]
        if player is None or (len(same) < player.voices and all(other.pitch != note.pitch for other in same)):
            free.append(note)
    return free


def _merged(old: ShortScore, new: ShortScore, start: int, end: int) -> ShortScore:
    """Return a short score with what begins between two ticks from the new one."""

    def outside(tick: int) -> bool:
        return not start <= tick < end

    chords = [chord for chord in old.chords if outside(chord.start)]
    chords += [chord for chord in new.chords if not outside(chord.start)]
    return ShortScore(
        old.themes,
        tuple(
            sorted(
                [s for s in old.statements if outside(s.start)] + [s for s in new.statements if not outside(s.start)],
                key=lambda s: s.start,
            )
        ),
        tuple(sorted(chords, key=lambda chord: chord.start)),
        tuple(
            sorted(
                [s for s in old.sections if outside(s.start)] + [s for s in new.sections if not outside(s.start)],
                key=lambda s: s.start,
            )
        ),
        tuple(
            sorted(
                [g for g in old.gestures if outside(g.hit)] + [g for g in new.gestures if not outside(g.hit)],
                key=lambda g: g.hit,
            )
        ),
    )
