"""A section of a take written again, with all other notes as they are: for corrections, new cuts and live."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

from emsync_bridge.cue import (
    Note,
    ShortScore,
    Take,
)
from emsync_bridge.midi.players import PLAYERS
from emsync_bridge.music.analysis import keys
from emsync_bridge.music.arranging.arranger import compose_take
from emsync_bridge.music.arranging.outline import Material, PieceInputs, outline_piece
from emsync_bridge.music.arranging.palettes import palette_named
from emsync_bridge.music.generation.take import hit_answers
from emsync_bridge.options import PaletteName


def rearrange_section(
    take: Take,
    brief: PieceInputs,
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
        brief: The cut, the mood and the options as they are now; the plan is on the take's tempo map up to ``start``.
        start: Tick.
        end: Tick.
        seed: Seed of the section.
        only: Predicate for notes that are written again, over the same chords; all, with new chords, when None.

    Raises:
        MusicError: The options ask for what cannot be met.
    """
    score = take.score or ShortScore()
    seeds = {section.start: section.seed for section in score.sections}
    # a section that reaches into the stretch is drawn again too: what it has before the stretch stays as it is
    kept = {section.start: section.seed for section in score.sections if section.end <= start or section.start >= end}
    material = Material(score.themes, keys.tonic_of(take.key), seed, kept, palette=_palette_of(score))
    if only is not None:
        material = replace(material, chords=outline_piece(brief, replace(material, kept=seeds)).spans)
    fresh = compose_take(brief, material)
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
        tempo_map=brief.plan.tempo.tempo_map,
        answers=hit_answers(brief.spotting, sorted((*notes, *inside)), brief.plan),
    )


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


def _palette_of(score: ShortScore) -> PaletteName:
    """Return the palette that most of a piece was scored for."""
    ticks: Counter[str] = Counter()
    for section in score.sections:
        ticks[section.palette] += section.end - section.start
    named = [name for name, _ in ticks.most_common() if name]
    return palette_named(named[0]) if named else "orchestra"
