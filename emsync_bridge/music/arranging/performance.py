"""Performance: how loud, how long and how nearly together notes are played, and the controllers beneath them."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from heapq import heappop, heappush

from emsync_bridge.cue import TICKS_PER_QUARTER as BEAT
from emsync_bridge.cue import Control, Note, Role
from emsync_bridge.midi.players import PLAYERS
from emsync_bridge.music.arranging.score_notes import HELD_ROLES, ScoreNote
from emsync_bridge.music.planning.dynamics import FADE, Dynamics
from emsync_bridge.music.planning.harmony import Span
from emsync_bridge.music.planning.hit_ranks import RankedHit
from emsync_bridge.music.random_streams import stream

_SOFTEST, _RANGE = 40, 60
"""Velocity of no intensity, and what full intensity adds."""

_INAUDIBLE = 16
"""Velocity under which a sampled instrument is hardly heard."""

_ROLE: dict[Role, int] = {
    "melody": 16, "counter": -1, "inner": -25, "figure": -15, "bass": -2, "pulse": 0, "accent": 0,
}  # fmt: skip
"""Velocity by role.

Measured on the example in blocks of 0.4 s, K-weighted, the melody's notes lie 1.6 LU under all others together in the
median and over the held chords for 62 % of the time; the highest line lies 6.0 LU under the rest. In five movements of
Beethoven and Beach on the same instruments it lies 0.4 to 5.3 LU under.
"""

_PRIORITY: dict[Role, int] = {
    "accent": 0, "melody": 1, "bass": 2, "counter": 3, "figure": 4, "inner": 5, "pulse": 6,
}  # fmt: skip

_DOWNBEAT, _OFFBEAT = 3, -3
_SPREAD, _LATEST = 5.0, 14
"""Standard deviation and bound of how far players are apart, in parts of a tick of which 20 make one."""

_STEP = 6
_FLOOR, _DEPTH, _SWELL = 69, 22, 46
_PEAK = 122
_UNDER = 10
"""Values that expression is lower by under speech."""

_DIMINUENDO = 36
"""Values that expression falls by through the last chord, which the mix fades out at its end besides."""

_MODEST = 34
"""Values that an accent is lower by where the music has no intensity at all."""


def playable(notes: Iterable[ScoreNote], seconds: Callable[[int], float], end: int) -> list[ScoreNote]:
    """Return notes as people can play them.

    One note of a pitch at a time; no more at once than a player has voices; winds and bows take breath. Accents go
    before melody, melody before the rest.

    Arguments:
        notes: Notes as written.
        seconds: Time of a tick.
        end: Tick of the end.
    """
    by_player: dict[str, list[ScoreNote]] = defaultdict(list)
    for note in notes:
        if note.start < end:
            by_player[note.player].append(replace(note, end=min(note.end, end)))
    found: list[ScoreNote] = []
    for name in sorted(by_player):
        part = PLAYERS[name]
        mine = [note for note in by_player[name] if part.unpitched or part.low <= note.pitch <= part.high]
        mine = _one_each(mine)
        mine = _within_voices(mine, part.voices)
        if part.breath:
            mine = _breathing(mine, part.breath, seconds)
        found.extend(mine)
    return sorted(found, key=lambda note: (note.start, note.player, note.pitch))


def _one_each(notes: Sequence[ScoreNote]) -> list[ScoreNote]:
    """Return notes with no pitch struck twice at once, and none sounding when it is struck again."""
    by_pitch: dict[int, list[ScoreNote]] = defaultdict(list)
    for note in sorted(notes, key=lambda note: (note.start, _PRIORITY[note.role], -note.end, -note.fixed)):
        line = by_pitch[note.pitch]
        if line and line[-1].start == note.start:
            line[-1] = replace(line[-1], end=max(line[-1].end, note.end))
            continue
        if line and line[-1].end > note.start:
            line[-1] = replace(line[-1], end=note.start)
        line.append(note)
    return sorted((note for line in by_pitch.values() for note in line), key=lambda note: (note.start, note.pitch))


def _within_voices(notes: Sequence[ScoreNote], voices: int) -> list[ScoreNote]:
    """Return notes of which no more sound at once than a player has voices: the less important stop or stay away.

    A held note that finds its player busy with an accent enters when the accent ends.
    """
    onsets: dict[int, list[ScoreNote]] = defaultdict(list)
    for note in notes:
        onsets[note.start].append(note)
    found: list[ScoreNote] = []
    sounding: list[int] = []
    coming = sorted(onsets)
    while coming:
        start = heappop(coming)
        arriving = sorted(onsets[start], key=lambda note: (_PRIORITY[note.role], -note.pitch))[:voices]
        sounding = [i for i in sounding if found[i].end > start]
        accent = any(note.role == "accent" for note in arriving)
        # An accent takes the player over; otherwise what began first makes room only where voices run out.
        ranked = sorted(sounding, key=lambda i: (-_PRIORITY[found[i].role], found[i].start))
        room = voices - len(sounding)
        for i in ranked:
            weaker = found[i].role not in ("melody", "accent")
            if room < len(arriving) or (accent and weaker):
                if found[i].role == "accent" and arriving[0].role not in ("accent", "melody"):
                    continue
                found[i] = replace(found[i], end=start)
                sounding.remove(i)
                room += 1
        free = min((found[i].end for i in sounding if found[i].role == "accent"), default=0)
        for note in arriving[max(0, room) :]:
            if free > start and note.role in HELD_ROLES and note.end - free >= BEAT:
                if free not in onsets:
                    heappush(coming, free)
                onsets[free].append(replace(note, start=free))
        for note in arriving[: max(0, room)]:
            found.append(note)
            sounding.append(len(found) - 1)
    return [note for note in found if note.end > note.start]


def _breathing(notes: Sequence[ScoreNote], breath: float, seconds: Callable[[int], float]) -> list[ScoreNote]:
    """Return notes with a short gap wherever a player would have played longer than a breath or a bow."""
    found: list[ScoreNote] = []
    since = 0
    reach = 0
    for note in notes:
        if note.start >= reach + 3:
            since = note.start
        cut = note
        if seconds(note.end) - seconds(since) > breath and note.end - note.start >= 2 * BEAT // 3:
            most = note.start
            while seconds(most + BEAT) - seconds(note.start) < breath and most < note.end:
                most += BEAT
            cut = replace(note, end=max(note.start + BEAT // 2, min(note.end - 4, max(most, note.start + BEAT // 2))))
            since = cut.end + 4
        found.append(cut)
        reach = max(reach, cut.end)
    return found


def perform_notes(
    notes: Sequence[ScoreNote],
    dynamics: Dynamics,
    hits: Sequence[RankedHit],
    bar_lines: frozenset[int],
    seeds: Sequence[int],
) -> list[Note]:
    """Return notes with velocities and the small differences of people who play together, none of these on hits.

    Arguments:
        notes: Playable notes.
        dynamics: Intensity over time.
        hits: Hits on which everybody is exactly together.
        bar_lines: Ticks.
        seeds: Seeds of each phrase.
    """
    exact = {hit.tick for hit in hits}
    streams = [stream(seed, "performance") for seed in seeds]
    levels: dict[int, float] = {}
    found = []
    for note in notes:
        rng = streams[dynamics.phrase_at(note.start)]
        touch, delay = rng.gauss(0, 2.5), rng.gauss(0, _SPREAD)
        if note.start not in levels:
            levels[note.start] = dynamics.at(note.start)
        if note.fixed:
            velocity = float(note.fixed)
        else:
            metre = _DOWNBEAT if note.start in bar_lines else 0 if note.start % (BEAT // 2) == 0 else _OFFBEAT
            velocity = _SOFTEST + _RANGE * levels[note.start] + _ROLE[note.role] + note.weight + metre + touch
        offset = 0 if note.start in exact or note.start == 0 else max(-_LATEST, min(_LATEST, round(delay)))
        part = PLAYERS[note.player]
        found.append(
            Note(
                note.start,
                note.end,
                part.group,
                note.pitch,
                max(_INAUDIBLE, min(126, round(velocity))),
                note.player,
                note.role,
                offset,
            )
        )
    return sorted(found)


def controls(
    notes: Sequence[Note], dynamics: Dynamics, hits: Sequence[RankedHit], spans: Sequence[Span], end: int
) -> list[Control]:
    """Return expression for held sounds, modulation for long melody notes, and the pedal of the piano.

    Arguments:
        notes: Notes as performed.
        dynamics: Intensity over time.
        hits: Ranked hits.
        spans: Chords, at whose changes the pedal changes.
        end: Tick of the end.
    """
    found: list[Control] = []
    curve = _expression(dynamics, hits, end)
    playing: dict[str, list[Note]] = defaultdict(list)
    for note in notes:
        playing[note.player].append(note)
    for name, mine in sorted(playing.items()):
        if PLAYERS[name].sounding == "sustained":
            found.extend(_followed(name, mine, curve, end))
            found.extend(_vibrato(name, mine))
        elif name in ("piano", "electric_piano"):
            found.extend(_pedal(name, mine, spans, end))
    return sorted(found)


def _expression(dynamics: Dynamics, hits: Sequence[RankedHit], end: int) -> list[tuple[int, int]]:
    """Return the controller curve that all held sounds follow, as (tick, value)."""
    marked = sorted((hit.tick, max(hit.before, hit.after)) for hit in hits if hit.rank in ("turn", "strong"))
    loud = [tick for tick, _ in marked]
    final = next((hit.tick for hit in hits if hit.final), None)
    ticks = sorted({*range(0, end, _STEP), *(hit.tick for hit in hits)})
    curve = []
    for tick in ticks:
        value = _FLOOR + _DEPTH * min(1.0, dynamics.at(tick)) + _SWELL * dynamics.swell_at(tick)
        place = bisect_right(loud, tick) - 1
        if place >= 0 and tick - loud[place] < FADE:
            peak = _PEAK - _MODEST * max(0.0, 1 - marked[place][1])
            left = (1 - (tick - loud[place]) / FADE) ** 1.4
            value += max(0.0, peak - value) * left
        value -= _UNDER * dynamics.back(tick)
        if final is not None and tick >= final:
            share = (tick - final) / max(1, end - final)
            value = max(value, 100.0) - _DIMINUENDO * share
        curve.append((tick, int(max(30, min(127, value)))))
    return curve


def _followed(name: str, notes: Sequence[Note], curve: Sequence[tuple[int, int]], end: int) -> list[Control]:
    """Return the curve where a player plays, a value a step and only where it changes."""
    active: list[tuple[int, int]] = []
    for note in notes:
        if active and note.start <= active[-1][1] + BEAT:
            active[-1] = (active[-1][0], max(active[-1][1], note.end))
        else:
            active.append((note.start, note.end))
    found: list[Control] = []
    last = -1
    place = 0
    for tick, value in curve:
        while place < len(active) and active[place][1] < tick:
            place += 1
        if place >= len(active):
            break
        # A bar before it enters a player is set to the level that it enters with.
        begin = max(0, active[place][0] - _STEP)
        if begin <= tick <= min(active[place][1], end) and (abs(value - last) >= 2 or last < 0):
            found.append(Control(tick, name, 11, value))
            last = value
    return found


def _vibrato(name: str, notes: Sequence[Note]) -> list[Control]:
    """Return modulation that grows within long melody notes."""
    found: list[Control] = []
    for note in notes:
        if note.role in ("melody", "counter") and note.end - note.start >= 2 * BEAT:
            found.extend(
                Control(tick, name, 1, value)
                for tick, value in (
                    (note.start, 0),
                    (note.start + BEAT // 2, 20),
                    (note.start + BEAT, 42),
                    (note.end, 0),
                )
            )
    return found


def _pedal(name: str, notes: Sequence[Note], spans: Sequence[Span], end: int) -> list[Control]:
    """Return the pedal: down just after a chord begins, up where the next one does."""
    starts = [note.start for note in notes]
    found = [Control(0, name, 64, 0)]
    for span in spans:
        first = bisect_right(starts, span.start - 1)
        if first < len(starts) and starts[first] < span.end:
            found.append(Control(min(end, span.start + 2), name, 64, 127))
            found.append(Control(max(span.start + 3, span.end - 1), name, 64, 0))
    return found
