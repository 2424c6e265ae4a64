"""The arranger: plan, motifs and options to a take for players."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from emsync_bridge.cue import (
    TICKS_PER_QUARTER,
    EmotionCurve,
    ScoreSection,
    ShortScore,
    Spotting,
    Statement,
    Take,
)
from emsync_bridge.midi.players import PLAYERS
from emsync_bridge.music.analysis import keys
from emsync_bridge.music.arranging import performance
from emsync_bridge.music.arranging.dialogue import thin_under_speech
from emsync_bridge.music.arranging.hits import accents
from emsync_bridge.music.arranging.hits.diminuendo import diminuendo
from emsync_bridge.music.arranging.hits.spots import Cut, Spot
from emsync_bridge.music.arranging.key_plan import home_tonic
from emsync_bridge.music.arranging.orchestration import (
    PhraseMemory,
    Setting,
    merge_sparse_bowings,
    octave_for,
    orchestrate_phrase,
)
from emsync_bridge.music.arranging.outline import Material, Outline, PieceInputs, asked_minor, outline_piece, root_seed
from emsync_bridge.music.arranging.palettes import (
    PlayerRequest,
    fitting_palette,
    palette_named,
    player_request,
    with_own_colours,
)
from emsync_bridge.music.arranging.role_assignment import EarlierRoles, RoleAssignment, assign_roles
from emsync_bridge.music.arranging.score_notes import HELD_ROLES, ScoreNote
from emsync_bridge.music.arranging.themes.choice import (
    chosen_themes,
    motifs_in_meter,
    suitable_motifs,
)
from emsync_bridge.music.arranging.themes.meters import figure_meter, wanted_meter
from emsync_bridge.music.arranging.themes.motifs import Motif
from emsync_bridge.music.generation.take import hit_answers
from emsync_bridge.music.planning.dynamics import Dynamics
from emsync_bridge.music.planning.form import Phrase, labels
from emsync_bridge.music.planning.harmony import chord_at, spans_between
from emsync_bridge.music.planning.plan import CompositionPlan
from emsync_bridge.music.planning.scenes import bars, scene_at, scenes
from emsync_bridge.music.random_streams import cut_fingerprint, stream
from emsync_bridge.options import MusicOptions, PaletteName
from emsync_bridge.orders.music import music_orders

_SOLOISTS: tuple[str, ...] = ("oboe", "flute", "clarinet", "english_horn", "cello", "violin", "piano")


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
        motifs: Motifs that themes may grow from; the bank's, or those of a generator.
        options: The options of the music.
        seed: Seed of everything that is drawn.

    Raises:
        MusicError: The options ask for what cannot be met.
    """
    grid = bars(plan)
    minor = asked_minor(options)
    found = scenes(plan, curve, grid, minor=minor)
    home = next((scene for scene in found if not scene.silent), found[0])
    tonic = home_tonic(spotting, options, seed, minor=home.minor)
    named = tuple(dict.fromkeys(order.name for order in music_orders(spotting) if order.kind == "theme"))
    meter = wanted_meter(plan.tempo.tempo_map, plan.end)
    ranked_motifs = suitable_motifs(
        motifs_in_meter(motifs, meter), curve.mean(), plan.tempo.base_bpm, cut_fingerprint(spotting)
    )
    themes = chosen_themes(ranked_motifs, options.themes, named, seed)
    palette = fitting_palette([scene.character for scene in found if not scene.silent], cut_fingerprint(spotting))
    return compose_take(PieceInputs(plan, spotting, curve, options), Material(themes, tonic, seed, palette=palette))


def compose_take(brief: PieceInputs, material: Material) -> Take:
    """Return the take of some material.

    Arguments:
        brief: Brief of the music.
        material: Themes, key and seeds.

    Raises:
        MusicError: The options ask for what cannot be met.
    """
    plan, spotting, tonic = brief.plan, brief.spotting, material.tonic
    outline = outline_piece(brief, material)
    root = root_seed(material.themes, tonic)
    second = max(8, round(plan.tempo.base_bpm / 60 * TICKS_PER_QUARTER))
    wants = _wants(outline, plan, brief.options, material.palette, root)
    spots = _spots(outline, plan, wants, second)
    marked = accents.mark_hits(
        spots,
        [stream(_seed_at(outline, hit.tick), "hit", hit.tick) for hit in outline.hits],
    )
    dynamics = Dynamics(
        outline.phrases,
        outline.scenes,
        marked.swells,
        frozenset(hit.tick for hit in outline.hits),
        tuple(hit.tick for hit in outline.hits if hit.rank in ("turn", "strong")),
        outline.spoken,
    )
    texture, leads = _texture(outline, wants, dynamics, root, second)
    texture = _with_cuts(texture, marked.cuts) + diminuendo(spots, outline.spans, marked.notes)
    silent = [(scene.start, scene.end) for scene in outline.scenes if scene.silent]
    heard = thin_under_speech(merge_sparse_bowings((*marked.notes, *texture)), outline.spoken, outline.grid)
    notes = performance.playable(heard, plan.seconds, plan.end)
    notes = _silenced(notes, silent)
    played = performance.perform_notes(
        notes, dynamics, outline.hits, frozenset(bar.start for bar in outline.grid), outline.seeds
    )
    controls = performance.controls(played, dynamics, outline.hits, outline.spans, plan.end)
    home = next((scene for scene in outline.scenes if not scene.silent), outline.scenes[0])
    return Take(
        seed=material.seed,
        notes=tuple(played),
        tempo_map=plan.tempo.tempo_map,
        key=keys.name_of(tonic, minor=home.minor),
        answers=hit_answers(spotting, played, plan),
        controls=tuple(controls),
        score=ShortScore(
            material.themes,
            _statements(outline, leads),
            tuple(span.chord_span() for span in outline.spans),
            _sections(outline, wants, dynamics),
            marked.gestures,
        ),
    )


def _wants(
    outline: Outline, plan: CompositionPlan, options: MusicOptions, usual: PaletteName, root: int
) -> list[PlayerRequest]:
    """Return who may play in each phrase."""
    found = []
    seconds, meter = plan.seconds(plan.end), figure_meter(plan.tempo.tempo_map, plan.end)
    for phrase in outline.phrases:
        middle = (plan.seconds(phrase.start) + plan.seconds(phrase.end)) / 2
        placed = [name for start, end, name in options.palettes if start <= middle < end]
        palette = palette_named((placed[-1] if placed else options.palette) or usual)
        want = replace(player_request(palette, options.without, options.lead or ""), meter=meter)
        found.append(with_own_colours(want, root, seconds) if palette in ("orchestra", "hybrid") else want)
    return found


def _spots(outline: Outline, plan: CompositionPlan, wants: Sequence[PlayerRequest], second: int) -> list[Spot]:
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
            Spot(
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
    outline: Outline, wants: Sequence[PlayerRequest], dynamics: Dynamics, root: int, second: int
) -> tuple[list[ScoreNote], dict[int, str]]:
    """Return the notes of all phrases, and who leads each of them."""
    notes: list[ScoreNote] = []
    leads: dict[int, str] = {}
    memory = PhraseMemory()
    earlier = EarlierRoles()
    loud = {hit.tick for hit in outline.hits if hit.rank in ("turn", "strong")}
    for index, phrase in enumerate(outline.phrases):
        if phrase.part == "coda" and index in outline.lines:
            closing = _closing_notes(outline, index, earlier.last, wants[index])
            leads[index] = closing[0].player if closing else ""
            notes += closing
        if phrase.part in ("silence", "coda"):
            memory, earlier = PhraseMemory(), replace(earlier, last=None)
            continue
        level = dynamics.level(index)
        scene = outline.scenes[phrase.scene]
        rng = stream(outline.seeds[index], "scoring")
        who = assign_roles(wants[index], phrase, scene, level, rng, earlier, root)
        spans = spans_between(outline.spans, phrase.start, phrase.end)
        tonic = outline.tonics[phrase.scene]
        setting = Setting(
            phrase,
            scene,
            spans,
            outline.spans,
            outline.lines.get(index, ()),
            60 + (tonic + 6) % 12 - 6,
            level,
            second,
            wants[index].meter,
        )
        written, memory = orchestrate_phrase(setting, who, rng, memory, fill=phrase.end in loud)
        notes += [note for note in written if note.player in wants[index].players]
        leads[index] = who.leads[0][0] if who.leads else ""
        earlier = earlier.after(who, phrase, scene)
    return notes, leads


def _closing_notes(outline: Outline, index: int, before: RoleAssignment | None, want: PlayerRequest) -> list[ScoreNote]:
    """Return the theme's first notes over the last chord, by one player, if possible another than just before."""
    last = {name for name, _ in before.leads} if before else set()
    options = [name for name in _SOLOISTS if name in want.players]
    options = [name for name in options if name not in last] or options or sorted(last)
    options = [want.lead] if want.lead else options
    if not options:
        return []
    player = PLAYERS[options[outline.seeds[index] % len(options)]]
    tonic = 60 + (outline.tonics[outline.phrases[index].scene] + 6) % 12 - 6
    pitches = [tonic + note.interval for note in outline.lines[index]]
    shift = octave_for(player.name, pitches)
    return [
        ScoreNote(note.start, note.end, player.name, player.fitted(pitch + shift), "melody", -6)
        for note, pitch in zip(outline.lines[index], pitches, strict=True)
    ]


def _with_cuts(notes: Iterable[ScoreNote], cuts: Sequence[Cut]) -> list[ScoreNote]:
    """Return notes without what rests around hits; what sounds on for a beat after a rest enters at its end."""
    ordered = sorted(cuts, key=lambda cut: cut.start)
    starts = [cut.start for cut in ordered]
    longest = max((cut.end - cut.start for cut in ordered), default=0)
    found = []
    for note in notes:
        kept: ScoreNote | None = note
        for cut in ordered[bisect_left(starts, note.start - longest) : bisect_left(starts, note.end)]:
            if kept is None or note.role not in cut.roles or kept.end <= cut.start or kept.start >= cut.end:
                continue
            if kept.start < cut.start:
                kept = replace(kept, end=cut.start)
            elif kept.end - cut.end >= TICKS_PER_QUARTER and kept.role in HELD_ROLES:
                kept = replace(kept, start=cut.end)
            else:
                kept = None
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


def _statements(outline: Outline, leads: Mapping[int, str]) -> tuple[Statement, ...]:
    found = []
    for index, phrase in enumerate(outline.phrases):
        line = outline.lines.get(index)
        if line:
            player = leads.get(index, "")
            found.append(Statement(phrase.theme or "A", _kind(phrase), line[0].start, line[-1].end, player))
    return tuple(found)


def _kind(phrase: Phrase) -> str:
    return "whole" if phrase.variant in ("open", "close") else phrase.variant or "head"


def _sections(outline: Outline, wants: Sequence[PlayerRequest], dynamics: Dynamics) -> tuple[ScoreSection, ...]:
    """Return the phrases as the short score names them."""
    found = []
    for index, (phrase, label) in enumerate(zip(outline.phrases, labels(outline.phrases), strict=True)):
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
                keys.name_of(outline.tonics[phrase.scene], minor=scene.minor),
            )
        )
    return tuple(found)


def _seed_at(outline: Outline, tick: int) -> int:
    """Return the seed of the phrase that leads to a tick."""
    place = max((i for i, phrase in enumerate(outline.phrases) if phrase.start < tick), default=0)
    return outline.seeds[place]
