"""Stretches between kept bars, composed as the take was: by the arranger with its themes, or by the network alone."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from pathlib import Path

from emsync_bridge.cue import EmotionCurve, HitAnswer, Spotting, Take
from emsync_bridge.music.planning.plan import plan_on
from emsync_bridge.options import MusicOptions
from emsync_bridge.scoring.conform.carry import merge_takes
from emsync_bridge.scoring.conform.conform import Fill, Hole
from emsync_bridge.scoring.conform.matching import TOLERANCE


def filler(options: MusicOptions, generator: Path | None = None) -> Fill:
    """Return a function that composes the holes of a take in the manner of the rest.

    Themes, key and palette are the take's own. An arranged take is written once as a whole and read where it has holes,
    so that a long reel with many of them costs no more than one piece.

    Arguments:
        options: The cue's music options.
        generator: Folder of the generator, for takes that the network wrote alone; the shipped one when None.
    """

    def fill(take: Take, spotting: Spotting, curve: EmotionCurve, holes: Sequence[Hole]) -> Take:
        if take.score is None:
            return _by_network(take, spotting, curve, holes, generator)
        from emsync_bridge.music.arranged_takes import for_players
        from emsync_bridge.music.arranging.outline import PieceInputs
        from emsync_bridge.music.arranging.rewriting import rearrange_section

        plan = plan_on(take.tempo_map, spotting, curve)
        edges = [(round(take.tempo_map.tick(start)), round(take.tempo_map.tick(end))) for start, end in holes]
        ticks = [
            (first, plan.end if end > spotting.duration - TOLERANCE else last)
            for (first, last), (_, end) in zip(edges, holes, strict=True)
        ]
        seed = _seed(take.seed, holes)
        brief = PieceInputs(plan, spotting, curve, for_players(options, spotting))
        fresh = rearrange_section(take, brief, start=0, end=plan.end, seed=seed)
        return merge_takes(take, fresh, ticks)

    return fill


def _by_network(
    take: Take, spotting: Spotting, curve: EmotionCurve, holes: Sequence[Hole], generator: Path | None
) -> Take:
    from emsync_bridge.music.generation.request import SectionChange
    from emsync_bridge.music.recomposing import recompose

    for start, end in holes:
        seed = _seed(take.seed, [(start, end)])
        take = recompose(take, spotting, curve, SectionChange(start, end, seed), generator)
    return take


def _seed(seed: int, holes: Sequence[Hole]) -> int:
    """Return the seed of new music: the same for the same change of the same take."""
    text = " ".join(f"{start:.3f}-{end:.3f}" for start, end in holes)
    return zlib.crc32(f"{seed} {text}".encode())


def measured_answers(take: Take, spotting: Spotting, curve: EmotionCurve) -> tuple[HitAnswer, ...]:
    """Return the chord onsets of a take that answer the hits of a cut.

    Arguments:
        take: The music.
        spotting: The cut.
        curve: Its mood; hits inside silences are not answered.
    """
    from emsync_bridge.music.generation.take import hit_answers

    return hit_answers(spotting, take.notes, plan_on(take.tempo_map, spotting, curve))
