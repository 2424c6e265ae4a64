"""Recomposition of a section of a take, for takes of the arranger and of the network alone."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from emsync_bridge.blas_threads import one_blas_thread
from emsync_bridge.cue import ROLES, EmotionCurve, Note, Spotting, Take
from emsync_bridge.errors import MusicError
from emsync_bridge.midi.player_tracks import player_of
from emsync_bridge.midi.players import FAMILIES, PLAYERS
from emsync_bridge.music.analysis.keys import spelled_like
from emsync_bridge.music.arranged_takes import for_players
from emsync_bridge.music.generation.infill import section_of
from emsync_bridge.music.generation.request import SectionChange, check_options, for_network
from emsync_bridge.music.network import checkpoint
from emsync_bridge.music.planning.plan import plan_on
from emsync_bridge.music.random_streams import stream
from emsync_bridge.options import MusicOptions, RedoOptions


@one_blas_thread()
def recompose(
    take: Take,
    spotting: Spotting,
    curve: EmotionCurve,
    change: SectionChange,
    folder: Path | None = None,
    progress: Callable[[float], None] | None = None,
) -> Take:
    """Return a take with one section composed again; every other note stays as it was, and so do tempo and key.

    Arguments:
        take: Take that was composed for the cut.
        spotting: The cut.
        curve: The mood, which may be another one inside the section.
        change: The section, and what is asked of it.
        folder: Folder of a generator, for a take that the network wrote alone, or of Composer's Assistant 2, which
            writes parts of any take; None means the one that is shipped.
        progress: Function called with the share that is done, from 0 to 1.

    Raises:
        MusicError: The section is outside the music or shorter than a bar, or the options cannot be met.
    """
    if folder is not None and checkpoint.card_of(folder).get("format") == checkpoint.COMPOSERS_ASSISTANT:
        from emsync_bridge.music.composers_assistant import generator, infill

        again, assistant = chosen_parts(change.parts), generator.load(folder)
        return infill.recompose(take, spotting, curve, assistant, change, again, progress)
    if take.score is not None:
        return spelled_like(_rearranged(take, spotting, curve, change), take.key)
    if change.parts != RedoOptions():
        raise MusicError(
            "Single parts can be composed again only in music that was arranged for players",
            hint="Leave only and lock out, or score the cut in the style orchestra",
            setting="only",
        )
    from emsync_bridge.music.generation.compose import recompose as by_network

    recomposed = by_network(
        take,
        spotting,
        curve,
        checkpoint.load(folder),
        change if change.options is None else replace(change, options=for_network(change.options)),
        progress,
    )
    return spelled_like(recomposed, take.key)


def snap_section(take: Take, spotting: Spotting, curve: EmotionCurve, start: float, end: float) -> tuple[float, float]:
    """Return a section's edges in seconds, moved to the nearest hit, bar line, beginning or end.

    Raises:
        MusicError: The section is outside the music or shorter than a bar.
    """
    first, last = section_of(plan_on(take.tempo_map, spotting, curve), start, end)
    return take.tempo_map.seconds(first), min(take.tempo_map.seconds(last), spotting.duration)


def chosen_parts(parts: RedoOptions) -> Callable[[Note], bool] | None:
    """Return what tells whether a note is written again; None where all are.

    Arguments:
        parts: Names of roles, players or families.

    Raises:
        MusicError: There is no such part.
    """
    known = {*ROLES, *PLAYERS, *FAMILIES}
    for name in (*parts.only, *parts.lock):
        if name not in known:
            raise MusicError(
                f"{name!r} is not a part",
                hint=f"Choose a role ({', '.join(ROLES)}), a family ({', '.join(FAMILIES)}) or a player",
            )
    if not parts.only and not parts.lock:
        return None

    def again(note: Note) -> bool:
        return (not parts.only or _is_part(note, parts.only)) and not _is_part(note, parts.lock)

    return again


def _is_part(note: Note, names: Collection[str]) -> bool:
    player = player_of(note)
    return note.role in names or player.name in names or player.family in names


def _rearranged(take: Take, spotting: Spotting, curve: EmotionCurve, change: SectionChange) -> Take:
    from emsync_bridge.music.arranging.outline import PieceInputs
    from emsync_bridge.music.arranging.rewriting import rearrange_section

    options = for_players(_as_before(take) if change.options is None else change.options, spotting)
    check_options(options)
    again = chosen_parts(change.parts)
    edges = snap_section(take, spotting, curve, change.start, change.end)
    plan = plan_on(take.tempo_map, spotting, curve, edges)
    start, end = section_of(plan, *edges)
    # a seed of its own, so that the seed that wrote the section writes another one
    seed = stream(change.seed, "again").getrandbits(31)
    brief = PieceInputs(plan, spotting, curve, options)
    return replace(rearrange_section(take, brief, start=start, end=end, seed=seed, only=again), seed=change.seed)


def options_as_before(take: Take, settings: Mapping[str, object]) -> MusicOptions | None:
    """Return options as those that an arranged take was composed with; None for one of the network alone.

    Arguments:
        take: The take.
        settings: Settings that its cue was made with, by the names of options.
    """
    if take.score is None:
        return None
    before = _as_before(take)
    key, lead, without = (settings.get(name) for name in ("key", "lead", "without"))
    return replace(
        before,
        key=key if isinstance(key, str) else None,
        lead=lead if isinstance(lead, str) else None,
        without=tuple(without.split(", ")) if isinstance(without, str) and without else before.without,
        under_dialogue=settings.get("under_dialogue") is True,
    )


def _as_before(take: Take) -> MusicOptions:
    """Return options by which a take may have been arranged: its palettes stretch by stretch, and its families."""
    seconds = take.tempo_map.seconds
    sections = take.score.sections if take.score else ()
    ends = [seconds(section.start) for section in sections] + [float("inf")]
    palettes = tuple((a, b, s.palette) for (a, b), s in zip(pairwise(ends), sections, strict=True) if s.palette)
    playing = {player_of(note).family for note in take.notes}
    silent = tuple(family for family in FAMILIES if family not in playing)
    return replace(MusicOptions(), palettes=palettes, without=silent)
