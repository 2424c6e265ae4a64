"""Preparations: swells, rolls, runs, repeated chords, a breath or thinner music before a hit."""

from __future__ import annotations

import random
from collections.abc import Callable

from emsync_bridge.cue import TICKS_PER_QUARTER as BEAT
from emsync_bridge.midi.players import PLAYERS
from emsync_bridge.music.arranging import grooves
from emsync_bridge.music.arranging.hits.spots import (
    ALL_ROLES,
    BREATH,
    REPEATERS,
    RUNNERS,
    SHORTEST_SWELL,
    STROKE,
    TEXTURE,
    Cut,
    Page,
    Spot,
    players_at_hand,
    top_note,
)
from emsync_bridge.music.arranging.themes.motifs import BAR, SCALES
from emsync_bridge.music.arranging.voicing import voice_chord
from emsync_bridge.music.planning.dynamics import Swell

_UNDER_RUN = 1.4
"""Factor of a swell under a run or a glissando, which alone are softer than what they lead on from."""


def _length(spot: Spot, most: float) -> int:
    """Return the ticks of a preparation: half the room, at most some seconds, whole eighths."""
    ticks = min(spot.room // 2, 2 * BAR, int(most * spot.second))
    return max(SHORTEST_SWELL, ticks // (BEAT // 2) * (BEAT // 2))


def _gain(spot: Spot) -> float:
    rise = max(0.0, spot.hit.after - spot.hit.before)
    full = 0.24 + 0.24 * spot.hit.before + 0.6 * rise
    return full if spot.hit.rank == "turn" else 0.6 * full


def _crescendo(page: Page, spot: Spot, _rng: random.Random, more: float = 1.0) -> int:
    start = spot.hit.tick - _length(spot, 2.2 if spot.hit.rank == "turn" else 1.4)
    page.swells.append(Swell(start, spot.hit.tick, more * _gain(spot)))
    return start


def _roll(page: Page, spot: Spot, rng: random.Random) -> int:
    start = _crescendo(page, spot, rng)
    tick = spot.hit.tick
    first = max(start, tick - BAR)
    pitch = 36 + (spot.before.tonic + spot.before.chord.lowest - 36) % 12
    peak = 34 + 70 * spot.power if spot.hit.rank == "turn" else 28 + 52 * spot.power
    _strokes(page, "timpani", pitch + 12 if pitch < 40 else pitch, first, tick, (22, peak))
    if spot.hit.rank == "turn" and players_at_hand(spot, ("cymbals",)):
        _strokes(page, "cymbals", grooves.SWELL, first, tick, (12, 26 + 46 * spot.power))
    return start


def _cymbal(page: Page, spot: Spot, rng: random.Random) -> int:
    start = _crescendo(page, spot, rng)
    first = max(start, spot.hit.tick - BAR)
    _strokes(page, "cymbals", grooves.SWELL, first, spot.hit.tick, (12, 24 + 50 * spot.power))
    if spot.hit.rank == "turn" and players_at_hand(spot, ("snare",)) and spot.power > 0.6:
        _strokes(
            page, "snare", grooves.SNARE, max(first, spot.hit.tick - 2 * BEAT), spot.hit.tick, (14, 70 * spot.power)
        )
    return start


def _strokes(page: Page, player: str, pitch: int, start: int, end: int, loud: tuple[float, float]) -> None:
    for tick in range(start, end - 1, STROKE):
        share = ((tick - start) / max(1, end - start)) ** 1.5
        page.add(tick, min(end, tick + STROKE), player, pitch, loud[0] + (loud[1] - loud[0]) * share)


def _run(page: Page, spot: Spot, rng: random.Random) -> int:
    """Five to nine notes of the scale up to the hit's highest note, in thirty-seconds or quick sixteenths."""
    start = _crescendo(page, spot, rng, _UNDER_RUN)
    tick, count = spot.hit.tick, rng.choice((5, 6, 7, 8, 9))
    step = 3 if spot.second >= 40 else 4 if spot.second > 30 else 3
    runners = players_at_hand(spot, RUNNERS)
    leader = runners[rng.randrange(min(3, len(runners)))]
    top = max(72, min(PLAYERS[leader].high, top_note(spot)))
    scale = [p for p in range(top - 24, top) if (p - spot.before.tonic) % 12 in SCALES[spot.before.minor]][-count:]
    for player in [leader, *[name for name in runners if name != leader and spot.hit.rank == "turn"][:1]]:
        for index, pitch in enumerate(scale):
            at = tick - step * (len(scale) - index)
            if at > start - BEAT:
                page.add(at, at + step, player, pitch, 40 + 58 * spot.power * (index + 1) / len(scale))
    return start


def _glissando(page: Page, spot: Spot, rng: random.Random) -> int:
    start = _crescendo(page, spot, rng, _UNDER_RUN) if spot.hit.rank != "soft" else spot.hit.tick - BEAT
    player = players_at_hand(spot, ("harp", "piano"))[0]
    scale = [p for p in range(50, 98) if (p - spot.before.tonic) % 12 in SCALES[spot.before.minor]][-18:]
    space = min(2 * BEAT, spot.room // 2)
    count = min(len(scale), space // 2)
    for index, pitch in enumerate(scale[-count:]):
        at = spot.hit.tick - 2 * (count - index)
        page.add(at, at + 12, player, pitch, 36 + 46 * spot.power * (index + 1) / count)
    return start


def _repeated(page: Page, spot: Spot, rng: random.Random) -> int:
    """Repeated chords that grow from quarters to sixteenths."""
    start = _crescendo(page, spot, rng)
    tick = spot.hit.tick
    first = max(tick - BAR, tick - spot.room // 2)
    onsets = list(range(tick - 4 * BEAT, tick - 2 * BEAT, BEAT))
    onsets += list(range(tick - 2 * BEAT, tick - BEAT, BEAT // 2)) + list(range(tick - BEAT, tick, BEAT // 4))
    onsets = [t for t in onsets if t >= first]
    chord = voice_chord(spot.before.pitch_classes, (), 57, 74, 3)
    players = players_at_hand(spot, REPEATERS)[:2]
    for index, at in enumerate(onsets):
        for player in players:
            for pitch in chord:
                page.add(at, at + 5, player, pitch, 44 + 56 * spot.power * (index + 1) / len(onsets))
    return start


def _breath(page: Page, spot: Spot, rng: random.Random) -> int:
    """A swell, and nothing for a moment before the hit."""
    start = _roll(page, spot, rng) if "timpani" in spot.players and spot.power > 0.5 else _crescendo(page, spot, rng)
    gap = min(BREATH + 3, max(4, int(0.2 * spot.second)))
    page.cuts.append(Cut(spot.hit.tick - gap, spot.hit.tick, ALL_ROLES))
    return start


def _thinning(page: Page, spot: Spot, _rng: random.Random) -> int:
    """The texture drops out a beat or two before the hit, so that a loud one is heard as louder."""
    gap = 2 * BEAT if spot.room > 6 * BEAT else BEAT
    start = spot.hit.tick - gap
    page.cuts.append(Cut(start, spot.hit.tick, TEXTURE))
    if players_at_hand(spot, ("cymbals",)):
        _strokes(page, "cymbals", grooves.SWELL, start, spot.hit.tick, (8, 60 * spot.power))
    return start


def leads_for(spot: Spot) -> list[str]:
    """Return the preparations that suit a hit."""
    if spot.room < 2 * SHORTEST_SWELL or spot.hit.rank == "bell":
        return []
    if spot.hit.rank == "soft":
        return ["glissando"] if spot.valence > 0.2 and players_at_hand(spot, ["harp"]) and spot.power < 0.7 else []
    options = ["crescendo"]
    if players_at_hand(spot, ("timpani",)) and spot.power > 0.35:
        options.append("roll")
    if players_at_hand(spot, ("cymbals",)) and spot.power > 0.3:
        options.append("cymbal")
    if players_at_hand(spot, RUNNERS):
        options.append("run")
    if players_at_hand(spot, ("harp", "piano")) and spot.valence > -0.1 and spot.power < 0.8:
        options.append("glissando")
    if players_at_hand(spot, REPEATERS) and spot.power > 0.5 and spot.room >= 4 * BEAT:
        options.append("repeated")
    if spot.hit.rank == "turn":
        options += ["breath", "thinning"] if spot.hit.new_scene or spot.hit.before > 0.6 else ["breath"]
        options.remove("crescendo")
    return options or ["crescendo"]


def rest_before(spot: Spot, lead: str, rng: random.Random) -> Cut:
    """Return the short rest of the accompaniment before a hit: an accent needs air, and a rise little of it."""
    alone = BEAT if spot.power > 0.6 and rng.random() < 0.6 else BEAT // 2
    gap = BEAT // 4 if lead else alone
    return Cut(spot.hit.tick - gap, spot.hit.tick, TEXTURE | {"bass"} if spot.power > 0.6 else TEXTURE)


LEADS: dict[str, Callable[[Page, Spot, random.Random], int]] = {
    "crescendo": _crescendo,
    "roll": _roll,
    "cymbal": _cymbal,
    "run": _run,
    "glissando": _glissando,
    "repeated": _repeated,
    "breath": _breath,
    "thinning": _thinning,
}
