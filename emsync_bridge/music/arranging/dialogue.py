"""Music under dialogue: without its melody, thinner, lower and softer while people speak.

Film composers keep solo lines and busy rhythm away from the voice and hold chords under it: a melody over dialogue is
mixed so low that it is lost (filmscoring.info, *Scoring Around Dialog*). Accents on hits stay in place, only softer.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import replace

from emsync_bridge.cue import TICKS_PER_QUARTER as BEAT
from emsync_bridge.cue import Role
from emsync_bridge.midi.players import PLAYERS
from emsync_bridge.music.arranging.score_notes import ScoreNote
from emsync_bridge.music.planning.form import Phrase
from emsync_bridge.music.planning.plan import CompositionPlan
from emsync_bridge.music.planning.scenes import Bar

Ticks = tuple[int, int]

RESTING: frozenset[Role] = frozenset({"melody", "counter", "pulse"})
"""Roles that rest while people speak."""

CEILING = 67
"""Highest pitch under speech: the accompaniment stays under the formants that tell vowels apart (500 Hz and above)."""

_JOINED = 1.5
"""Seconds between two speeches in which the music stays back, as long as those in which ducked music does not rise."""

_EARLY = 0.25
"""Seconds before the first word by which the music has stepped back."""

_STATED = 0.35
"""Share of a phrase with speech from which it states no theme."""

_ACCENT = 0.72
"""Factor of an accent's velocity under speech."""


def spoken_ticks(plan: CompositionPlan, speech: Iterable[tuple[float, float]]) -> tuple[Ticks, ...]:
    """Return where people speak in ticks, with short pauses closed.

    Arguments:
        plan: Plan whose tempo map ties seconds to ticks.
        speech: Start and end in seconds, in any order.
    """
    tick = plan.tempo.tempo_map.tick
    found: list[list[float]] = []
    for start, end in sorted(speech):
        if found and start - found[-1][1] < _JOINED:
            found[-1][1] = max(found[-1][1], end)
        else:
            found.append([start, end])
    spans = ((max(0, math.floor(tick(start - _EARLY))), min(plan.end, math.ceil(tick(end)))) for start, end in found)
    return tuple((start, end) for start, end in spans if start < end)


def overlap(spans: Sequence[Ticks], start: int, end: int) -> float:
    """Return the share of a stretch that lies in spans, from 0 to 1."""
    return sum(max(0, min(end, b) - max(start, a)) for a, b in spans) / max(1, end - start)


def texture_under_speech(form: Sequence[Phrase], spoken: Sequence[Ticks]) -> tuple[Phrase, ...]:
    """Return the form with texture alone in phrases that are spoken over.

    Arguments:
        form: Phrases in order.
        spoken: Spans of speech.
    """
    return tuple(
        replace(phrase, part="bridge", theme="", variant="", level=0)
        if phrase.part not in ("silence", "coda") and overlap(spoken, phrase.start, phrase.end) >= _STATED
        else phrase
        for phrase in form
    )


def thin_under_speech(notes: Iterable[ScoreNote], spoken: Sequence[Ticks], grid: Sequence[Bar]) -> list[ScoreNote]:
    """Return notes as they are played under speech: no melody, figures on strong beats alone, everything low.

    Arguments:
        notes: Notes as written.
        spoken: Spans of speech, in order.
        grid: Bars, in order.
    """
    lines = [bar.start for bar in grid]
    starts = [start for start, _ in spoken]
    found = []
    for note in notes:
        if note.role == "accent":
            inside = note.fixed and _inside(note.start, starts, spoken)
            found.append(replace(note, fixed=max(1, round(note.fixed * _ACCENT))) if inside else note)
            continue
        if _inside(note.start, starts, spoken):
            into = note.start - lines[bisect_right(lines, note.start) - 1]
            low = None if note.role == "figure" and into % (2 * BEAT) else _low(note)
            if low is not None:
                found.append(low)
            continue
        after = bisect_right(starts, note.start)
        stops = note.role in RESTING and after < len(starts) and starts[after] < note.end
        found.append(replace(note, end=starts[after]) if stops else note)
    return found


def _inside(tick: int, starts: Sequence[int], spoken: Sequence[Ticks]) -> bool:
    place = bisect_right(starts, tick) - 1
    return place >= 0 and tick < spoken[place][1]


def _low(note: ScoreNote) -> ScoreNote | None:
    """Return a note under speech, octaves lower where it is too high; None where it rests."""
    if note.role in RESTING:
        return None
    part = PLAYERS[note.player]
    if part.unpitched:
        return None
    pitch = note.pitch
    while pitch > CEILING:
        pitch -= 12
    return replace(note, pitch=pitch) if pitch >= part.low else None
