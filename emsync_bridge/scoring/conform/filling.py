"""Stretches between kept bars, composed by what wrote the take: the arranger with its themes, or the network alone."""

from __future__ import annotations

from pathlib import Path

from emsync_bridge.cue import EmotionCurve, HitAnswer, Spotting, Take
from emsync_bridge.music.planning.plan import plan_on
from emsync_bridge.options import MusicOptions
from emsync_bridge.scoring.conform.conform import Recompose


def filler(options: MusicOptions, generator: Path | None = None) -> Recompose:
    """Return a function that composes a stretch of a take in the manner of the rest.

    Themes, key and palette are the take's own.

    Arguments:
        options: The cue's music options.
        generator: Folder of the generator, for takes that the network wrote alone; the shipped one when None.
    """

    def fill(take: Take, spotting: Spotting, curve: EmotionCurve, start: float, end: float, seed: int) -> Take:
        if take.score is None:
            from emsync_bridge.music.generation.compose import recompose
            from emsync_bridge.music.network import checkpoint

            loaded = checkpoint.load(generator)
            return recompose(take, spotting, curve, loaded, start=start, end=end, seed=seed)
        from emsync_bridge.music.arranged_takes import for_players
        from emsync_bridge.music.arranging.outline import Brief
        from emsync_bridge.music.arranging.rewriting import rearranged

        plan = plan_on(take.tempo_map, spotting, curve)
        first = round(take.tempo_map.tick(start))
        last = plan.end if end >= spotting.duration - 1e-3 else round(take.tempo_map.tick(end))
        return rearranged(
            take, Brief(plan, spotting, curve, for_players(options, spotting)), start=first, end=last, seed=seed
        )

    return fill


def measured_answers(take: Take, spotting: Spotting, curve: EmotionCurve) -> tuple[HitAnswer, ...]:
    """Return the chord onsets of a take that answer the hits of a cut.

    Arguments:
        take: The music.
        spotting: The cut.
        curve: Its mood; hits inside silences are not answered.
    """
    from emsync_bridge.music.generation.compose import answers

    return answers(spotting, take.notes, plan_on(take.tempo_map, spotting, curve))
