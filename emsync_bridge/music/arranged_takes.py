"""Takes for players: motifs from a generator's sketches and from the bank, arranged over the plan of a cut."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import get_args

from emsync_bridge.cue import INSTRUMENTS, Affect, EmotionCurve, Spotting, Take
from emsync_bridge.errors import MusicError
from emsync_bridge.music.arranging.arranger import arrange
from emsync_bridge.music.arranging.palettes import player_request
from emsync_bridge.music.arranging.themes.choice import WORST_MOTIF
from emsync_bridge.music.arranging.themes.meters import sketched_meter
from emsync_bridge.music.arranging.themes.mining import FASTEST_SKETCH, mined_motifs, sketch
from emsync_bridge.music.arranging.themes.motifs import Motif, motif_bank
from emsync_bridge.music.generation.request import plan_for
from emsync_bridge.music.planning.plan import tempo_for
from emsync_bridge.options import MusicOptions, PaletteName
from emsync_bridge.orders.dialogue import marked_dialogue
from emsync_bridge.orders.music import palettes_in

Sketches = Callable[[Spotting, EmotionCurve, Sequence[int], MusicOptions], Sequence[Take]]
"""Composes one take for each seed by a generator alone."""

SKETCHES = 2
"""Sketches that a generator is asked for: about a second of processor time, against a hundredth for the arrangement."""

_MAX_AROUSAL = 0.2
"""Arousal of sketches at most: above it the network repeats notes rather than writing a tune."""

_FRESH = 0.8
"""Score that a motif gains by having been composed for this cut, against the best of the bank."""

_SEED_STEP = 7919


def arranged_takes(
    spotting: Spotting,
    curve: EmotionCurve,
    *,
    seeds: Sequence[int],
    options: MusicOptions,
    motifs: Sequence[Motif],
    progress: Callable[[float], None] | None = None,
) -> tuple[Take, ...]:
    """Return one take for each seed.

    Arguments:
        spotting: The cut, orders for the music among its directives.
        curve: The mood.
        seeds: Seeds of everything that is drawn, one for each take.
        options: Options of the music.
        motifs: Motifs that themes may grow from.
        progress: Function called with the share that is done, from 0 to 1.

    Raises:
        MusicError: The options ask for what cannot be met.
    """
    options = for_players(options, spotting)
    plan = plan_for(spotting, curve, options)
    takes = []
    for done, seed in enumerate(seeds, start=1):
        takes.append(arrange(plan, spotting, curve, motifs, options, seed))
        if progress:
            progress(done / len(seeds))
    return tuple(takes)


def for_players(options: MusicOptions, spotting: Spotting) -> MusicOptions:
    """Return options with the palettes and the speech that are marked in a cut; instruments may name a palette too.

    Arguments:
        options: Options of the music.
        spotting: The cut.

    Raises:
        MusicError: There is no such palette.
    """
    ordered = (*options.palettes, *palettes_in(spotting))
    for name in (options.palette, *(name for _, _, name in ordered)):
        if name is not None and name not in get_args(PaletteName):
            raise MusicError(
                f"{name!r} is not a palette",
                hint=f"Choose from {', '.join(get_args(PaletteName))}",
                setting="palette",
            )
    palette, without = _asked_players(options)
    return with_speech(replace(options, palette=palette, palettes=ordered, without=without), spotting)


def check_players(options: MusicOptions) -> None:
    """Refuse players that do not exist, and options by which nobody is left to play a chord.

    Raises:
        MusicError: The options ask for that, with every palette where none is asked for.
    """
    palette, without = _asked_players(options)
    names = (palette,) if palette else get_args(PaletteName)
    tried = [_problem(name, without, options.lead or "") for name in names]
    problems = [problem for problem in tried if problem is not None]
    if len(problems) == len(tried):
        raise problems[0]


def _problem(palette: PaletteName, without: Sequence[str], lead: str) -> MusicError | None:
    try:
        player_request(palette, without, lead)
    except MusicError as problem:
        return problem
    return None


def _asked_players(options: MusicOptions) -> tuple[PaletteName | None, tuple[str, ...]]:
    """Return the palette that is asked for, also by instruments, and who is left out."""
    if set(options.ensemble) == set(MusicOptions().ensemble):
        return options.palette, options.without
    others = (name for name in INSTRUMENTS if name not in options.ensemble)
    return options.palette or _palette_for(frozenset(options.ensemble)), (*options.without, *others)


def with_speech(options: MusicOptions, spotting: Spotting) -> MusicOptions:
    """Return options with the speech that is marked in a cut, where the music is to step back under it."""
    return replace(options, spoken=marked_dialogue(spotting)[0]) if options.under_dialogue else options


def motif_pool(curve: EmotionCurve, options: MusicOptions, sketches: Sketches | None, seed: int) -> list[Motif]:
    """Return motifs for a cut: those of a generator's sketches for its mood, which are preferred, and the bank's.

    Arguments:
        curve: The mood of the cut.
        options: Tempo and how tokens are drawn.
        sketches: The generator; None for the bank alone.
        seed: Seed of the sketches.
    """
    known = list(motif_bank())
    if sketches is None:
        return known
    mean = curve.mean()
    affect = Affect(mean.valence, min(_MAX_AROUSAL, mean.arousal))
    bpm = min(FASTEST_SKETCH, options.bpm or tempo_for(affect))
    plain = MusicOptions(
        transpose=0,
        bpm=bpm,
        meter=sketched_meter(options.meter),
        guidance=options.guidance,
        sampling=options.sampling,
    )
    takes = sketches(*sketch(affect), [seed * _SEED_STEP + i for i in range(SKETCHES)], plain)
    fresh = [motif for motif in mined_motifs(takes, affect) if motif.score >= WORST_MOTIF]
    return [*(replace(motif, score=motif.score + _FRESH) for motif in fresh), *known]


def _palette_for(ensemble: frozenset[str]) -> PaletteName | None:
    """Return the palette that a choice of instrument groups means; None for the orchestra."""
    if ensemble & {"drums", "guitar", "bass"}:
        return "band"
    return {frozenset({"piano"}): "piano", frozenset({"strings"}): "strings"}.get(ensemble)  # type: ignore[return-value]
