"""Ranks of hits: which of them are full accents of the whole orchestra, and which a few players touch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from emsync_bridge.cue import Spotting
from emsync_bridge.music.planning.plan import CompositionPlan
from emsync_bridge.music.planning.scenes import Scene, scene_at

Rank = Literal["turn", "strong", "soft", "bell"]

BETWEEN_TURNS = 8.0
"""Seconds between two full accents at least."""

BETWEEN_STRONG = 2.2
"""Seconds between two strong accents at least; what lies closer is soft."""

MAX_WITHOUT_TURN = 30.0
"""Seconds of lively music after which the next strong hit is a full accent."""

FALL, RISE = -0.12, 0.1
"""Change of intensity that makes a hit soft, or the beginning of a scene a turn."""

QUIET = 0.3
"""Intensity under which a hit is a bell."""


@dataclass(frozen=True)
class RankedHit:
    """A hit with its weight in the music.

    Arguments:
        tick: Tick on which it falls.
        rank: Turn: everybody. Strong: a part of the orchestra. Soft: where the mood falls. Bell: in quiet music.
        before: Intensity of the music before it.
        after: Intensity of the music from it on.
        new_scene: Whether a scene begins here.
        final: Whether it is the last chord.
    """

    tick: int
    rank: Rank
    before: float
    after: float
    new_scene: bool = False
    final: bool = False


def rank_hits(plan: CompositionPlan, spotting: Spotting, scenes: Sequence[Scene]) -> tuple[RankedHit, ...]:
    """Return all chords that are due, hits and the last chord, with their ranks.

    Arguments:
        plan: Plan with the ticks of the hits.
        spotting: Cut with the weights of its hits.
        scenes: Scenes of the piece.
    """
    weights = {landing.tick: spotting.hits[index].weight for index, landing in plan.hits}
    usual = sorted(weights.values())[len(weights) // 2] if weights else 0.5
    found: list[RankedHit] = []
    last_turn = last_strong = 0.0
    for tick in plan.chords:
        before, after = scene_at(scenes, max(0, tick - 1)), scene_at(scenes, tick)
        seconds, final = plan.seconds(tick), tick == plan.final
        new = before is not after
        quiet = max(before.intensity, after.intensity) < QUIET
        rank = _rank(new, after.intensity - before.intensity, quiet=quiet)
        if final:
            rank = "turn" if after.intensity > 0.4 else "bell"
        elif before.silent:
            rank = "bell" if after.intensity < QUIET else "strong"
        elif rank == "strong":
            since_turn = seconds - last_turn
            heavy = weights.get(tick, 0.5) > usual + 0.1 and since_turn > 2 * BETWEEN_TURNS
            if since_turn >= BETWEEN_TURNS and (heavy or since_turn > MAX_WITHOUT_TURN):
                rank = "turn"
        if rank == "turn" and not final and seconds - last_turn < BETWEEN_TURNS and last_turn:
            rank = "strong"
        if rank == "strong" and not new and seconds - last_strong < BETWEEN_STRONG and last_strong:
            rank = "soft"
        last_turn = seconds if rank == "turn" else last_turn
        last_strong = seconds if rank in ("turn", "strong") else last_strong
        found.append(RankedHit(tick, rank, before.intensity, after.intensity, new, final))
    return tuple(found)


def _rank(new_scene: bool, change: float, *, quiet: bool) -> Rank:
    if change < FALL:
        return "soft"
    if new_scene and change > RISE:
        return "turn"
    return "bell" if quiet else "strong"
