"""Hits: what leads to them, what marks them, and how the music goes on.

Four ranks: at a turn nearly everybody plays, with a preparation; a strong hit takes part of the orchestra; a soft one,
where the mood falls, is a chord without weight; a bell is struck in quiet music. No preparation and no mark comes twice
running.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from emsync_bridge.cue import TICKS_PER_QUARTER as BEAT
from emsync_bridge.cue import Gesture
from emsync_bridge.music.arranging.hits.leads import LEADS, leads_for, rest_before
from emsync_bridge.music.arranging.hits.marks import MARKS, complete_chord, marks_for
from emsync_bridge.music.arranging.hits.spots import (
    Marks,
    Page,
    Spot,
)


def mark_hits(spots: Sequence[Spot], streams: Sequence[random.Random]) -> Marks:
    """Return what the hits of a piece add and take away.

    Arguments:
        spots: Hits in order.
        streams: One for each hit.
    """
    page = Page()
    gestures: list[Gesture] = []
    last_lead = last_mark = ""
    for spot, rng in zip(spots, streams, strict=True):
        lead = _chosen(leads_for(spot), last_lead, rng)
        start = spot.hit.tick
        if lead:
            start = LEADS[lead](page, spot, rng)
            last_lead = lead
        if spot.hit.rank in ("turn", "strong") and lead not in ("breath", "thinning") and spot.room >= 3 * BEAT:
            page.cuts.append(rest_before(spot, lead, rng))
        mark = _chosen(marks_for(spot), last_mark, rng)
        first = len(page.notes)
        MARKS[mark](page, spot, rng)
        last_mark = mark
        complete_chord(page, spot, first)
        gestures.append(Gesture(start, spot.hit.tick, spot.hit.rank, f"{lead}+{mark}" if lead else mark))
    return Marks(tuple(page.notes), tuple(page.swells), tuple(page.cuts), tuple(gestures))


def _chosen(options: Sequence[str], last: str, rng: random.Random) -> str:
    free = [option for option in options if option != last] or list(options)
    return free[rng.randrange(len(free))] if free else ""
