"""Marks: how the players strike a hit, and how long it rings."""

from __future__ import annotations

import random
from collections.abc import Callable

from emsync_bridge.cue import TICKS_PER_QUARTER as BEAT
from emsync_bridge.midi.players import PLAYERS
from emsync_bridge.music.arranging import grooves
from emsync_bridge.music.arranging.hits.spots import (
    BELLS,
    BRASS_PLAYERS,
    DARK,
    DEEP,
    HIGH,
    LEAST_VOICES,
    MIDDLE,
    Cut,
    Page,
    Spot,
    bass_note,
    held_until,
    players_at_hand,
    top_note,
)
from emsync_bridge.music.arranging.themes.motifs import BAR
from emsync_bridge.music.arranging.voicing import voice_chord


def _tutti(page: Page, spot: Spot, _rng: random.Random, *, ticks: int = BAR) -> None:
    tick, hold = spot.hit.tick, held_until(spot, ticks)
    velocity = min(126.0, 66 + 64 * max(spot.hit.after, 0.4))
    strings = players_at_hand(spot, HIGH)[:2]
    for number, player in enumerate(strings):
        for pitch in voice_chord(spot.span.pitch_classes, (), 65 - 7 * number, 84 - 8 * number, 3):
            page.add(tick, hold, player, pitch, velocity)
    for player in players_at_hand(spot, MIDDLE)[:2]:
        for pitch in voice_chord(spot.span.pitch_classes, (), 50, 67, 3):
            page.add(tick, hold, player, pitch, velocity - 6)
    if spot.power > 0.5:
        _winds_and_brass(page, spot, hold, velocity)
    _bottom(page, spot, hold, velocity)
    _drums(page, spot, velocity, crash=spot.power > 0.5)
    if spot.power <= 0.5 and spot.valence > -0.1:
        for player in players_at_hand(spot, ("harp", "celesta"))[:2]:
            for pitch in voice_chord(spot.span.pitch_classes, (), 67, 86, 3):
                page.add(tick, tick + 3 * BEAT, player, pitch, velocity - 14)
    if not spot.hit.final:
        page.cuts.append(Cut(tick, min(hold, tick + 2 * BEAT), frozenset({"figure", "inner", "bass", "counter"})))


def _winds_and_brass(page: Page, spot: Spot, hold: int, velocity: float) -> None:
    tick = spot.hit.tick
    brass = hold if spot.hit.final else max(tick + BEAT, min(hold - BEAT, tick + 2 * BEAT))
    for player, low, high in (("trumpets", 60, 77), ("low_brass", 42, 60), ("choir", 57, 76)):
        if player in spot.players and (player != "choir" or spot.power > 0.8):
            for pitch in voice_chord(spot.span.pitch_classes, (), low, high, 3):
                page.add(tick, brass, player, pitch, velocity - 4)
    for player in players_at_hand(spot, ("flute", "oboe", "clarinet")):
        page.add(tick, hold, player, top_note(spot) + (12 if player == "flute" else 0), velocity - 8)


def _ringing(page: Page, spot: Spot, rng: random.Random) -> None:
    """As tutti, held longer, with the texture coming back late."""
    _tutti(page, spot, rng, ticks=BAR + 2 * BEAT)
    page.cuts.append(
        Cut(spot.hit.tick, min(spot.until, spot.hit.tick + 3 * BEAT), frozenset({"figure", "pulse", "bass"}))
    )


def _short(page: Page, spot: Spot, rng: random.Random) -> None:
    """As tutti, struck off at once: the beat goes on."""
    _tutti(page, spot, rng, ticks=BEAT)


def _bottom(page: Page, spot: Spot, hold: int, velocity: float) -> None:
    for player in players_at_hand(spot, DEEP)[:1]:
        page.add(spot.hit.tick, hold, player, bass_note(spot), velocity)
    for player in players_at_hand(spot, DARK)[:1]:
        page.add(spot.hit.tick, hold, player, bass_note(spot) + 12, velocity - 4)
    for player in players_at_hand(spot, ("tuba", "piano")):
        page.add(spot.hit.tick, hold, player, bass_note(spot), velocity - 10)


def _drums(page: Page, spot: Spot, velocity: float, *, crash: bool) -> None:
    tick = spot.hit.tick
    pitch = 36 + (spot.span.bass - 36) % 12
    for player, key, less in (
        ("timpani", pitch if pitch >= 38 else pitch + 12, 0),
        ("bass_drum", grooves.KICK, 6),
        ("taiko", pitch if pitch >= 38 else pitch + 12, 4),
        ("drum_kit", grooves.KICK, 4),
    ):
        if player in spot.players and (player not in ("taiko", "bass_drum") or spot.power > 0.55):
            page.add(tick, tick + 2 * BEAT, player, key, velocity - less)
    if crash:
        for player in players_at_hand(spot, ("cymbals", "drum_kit"))[:1]:
            page.add(tick, tick + 3 * BEAT, player, grooves.CRASH, velocity - 16)


def _strong_velocity(spot: Spot) -> float:
    return min(122.0, 54 + 68 * max(spot.power, 0.35))


def _strings(page: Page, spot: Spot, rng: random.Random) -> None:
    tick, hold, velocity = spot.hit.tick, held_until(spot, 2 * BEAT), _strong_velocity(spot)
    for number, player in enumerate(players_at_hand(spot, HIGH)[:2]):
        for pitch in voice_chord(
            spot.span.pitch_classes, (), 62 - 7 * number, 81 - 7 * number, 2 + (rng.random() < 0.5)
        ):
            page.add(tick, hold, player, pitch, velocity)
    _bottom(page, spot, hold, velocity - 2)
    if spot.power > 0.45:
        _drums(page, spot, velocity - 10, crash=False)


def _brass(page: Page, spot: Spot, _rng: random.Random) -> None:
    tick, hold, velocity = spot.hit.tick, held_until(spot, BEAT + 12), _strong_velocity(spot)
    for player, low, high in (("horns", 50, 68), ("low_brass", 40, 58), ("trumpets", 58, 76)):
        if player in spot.players and (player != "trumpets" or spot.power > 0.6):
            for pitch in voice_chord(spot.span.pitch_classes, (), low, high, 3):
                page.add(tick, hold, player, pitch, velocity)
    _bottom(page, spot, hold, velocity)
    if spot.power > 0.55:
        _drums(page, spot, velocity - 6, crash=spot.power > 0.75)


def _low(page: Page, spot: Spot, _rng: random.Random) -> None:
    tick, hold, velocity = spot.hit.tick, held_until(spot, 3 * BEAT), _strong_velocity(spot)
    _bottom(page, spot, hold, velocity + 4)
    for player in players_at_hand(spot, ("piano", "bassoon", "low_brass"))[:2]:
        page.add(tick, hold, player, bass_note(spot), velocity)
        page.add(tick, hold, player, bass_note(spot) + 12, velocity)
    for player in players_at_hand(spot, MIDDLE)[:1]:
        for pitch in voice_chord(spot.span.pitch_classes, (), 48, 66, 3):
            page.add(tick, hold, player, pitch, velocity - 8)
    _drums(page, spot, velocity - 4, crash=False)


def _drummed(page: Page, spot: Spot, _rng: random.Random) -> None:
    velocity = _strong_velocity(spot)
    _drums(page, spot, velocity + 4, crash=spot.power > 0.7)
    for player in players_at_hand(spot, ("pizzicato", "spiccato", *MIDDLE))[:2]:
        for pitch in voice_chord(spot.span.pitch_classes, (), 55, 74, 3):
            page.add(spot.hit.tick, spot.hit.tick + 14, player, pitch, velocity)
    _bottom(page, spot, held_until(spot, BEAT), velocity)


def _soft_velocity(spot: Spot) -> float:
    return 34 + 44 * max(spot.hit.after, 0.2)


def _held(page: Page, spot: Spot, _rng: random.Random) -> None:
    tick, hold, velocity = spot.hit.tick, held_until(spot, BAR), _soft_velocity(spot)
    players = players_at_hand(spot, (*HIGH[1:], *MIDDLE, "violins"))[:2]
    for number, player in enumerate(players):
        for pitch in voice_chord(
            spot.span.pitch_classes, (), 60 - 8 * number, 77 - 8 * number, 2 + (len(players) == 1)
        ):
            page.add(tick, hold, player, pitch, velocity - 4)
    for player in players_at_hand(spot, DEEP)[:1]:
        page.add(tick, hold, player, bass_note(spot), velocity)


def _plucked(page: Page, spot: Spot, _rng: random.Random) -> None:
    tick, velocity = spot.hit.tick, _soft_velocity(spot) if spot.hit.rank != "strong" else _strong_velocity(spot) - 6
    for player in players_at_hand(spot, ("pizzicato", *BELLS))[:2]:
        for pitch in voice_chord(spot.span.pitch_classes, (), 58, 76, 3):
            page.add(tick, tick + 2 * BEAT, player, pitch, velocity)
    for player in players_at_hand(spot, DEEP)[:1]:
        page.add(tick, held_until(spot, 2 * BEAT), player, bass_note(spot), velocity)


def _winds(page: Page, spot: Spot, rng: random.Random) -> None:
    players = players_at_hand(spot, ("flute", "oboe", "clarinet", "horns", "bassoon"))
    if len(players) < LEAST_VOICES:
        _held(page, spot, rng)
        return
    chord = voice_chord(spot.span.pitch_classes, (), 58, 77, 3)
    for player, pitch in zip(players, reversed(chord), strict=False):
        page.add(spot.hit.tick, held_until(spot, BAR), player, pitch, _soft_velocity(spot))
    for player in players_at_hand(spot, DEEP)[:1]:
        page.add(spot.hit.tick, held_until(spot, BAR), player, bass_note(spot), _soft_velocity(spot) - 4)


def _bells(page: Page, spot: Spot, rng: random.Random) -> None:
    tick, velocity = spot.hit.tick, 36 + 44 * max(spot.hit.after, 0.15)
    bells = players_at_hand(spot, BELLS)
    for player in [bells[0], bells[1 + rng.randrange(min(2, len(bells) - 1))]] if len(bells) > 1 else bells:
        shift = 12 if player in ("celesta", "glockenspiel") else 0
        for pitch in voice_chord(spot.span.pitch_classes, (), 62, 81, 3):
            page.add(tick, tick + 3 * BEAT, player, pitch + shift, velocity - (8 if shift else 0))
    for player in players_at_hand(spot, DEEP)[:1]:
        page.add(tick, held_until(spot, BAR), player, bass_note(spot), velocity)


def complete_chord(page: Page, spot: Spot, first: int) -> None:
    """Add what a hit lacks of a chord, and the long last chord."""
    tick = spot.hit.tick
    if spot.hit.final:
        _last_chord(page, spot)
    here = {
        (note.player, note.pitch)
        for note in page.notes[first:]
        if note.start == tick and not PLAYERS[note.player].unpitched
    }
    if len(here) >= LEAST_VOICES:
        return
    able = sorted(
        (name for name in spot.players if not PLAYERS[name].unpitched and PLAYERS[name].voices > 1),
        key=lambda name: (-PLAYERS[name].voices, name),
    )
    chord = voice_chord(spot.span.pitch_classes, (), 55, 74, 3)
    for player in able[:1] if PLAYERS[able[0]].voices >= LEAST_VOICES else able[:2]:
        for pitch in chord:
            page.add(tick, held_until(spot, 2 * BEAT), player, pitch, _soft_velocity(spot))


def _last_chord(page: Page, spot: Spot) -> None:
    velocity = 40 + 56 * spot.hit.after
    tonic_top = 72 + (spot.span.tonic - 72) % 12
    for number, player in enumerate(
        players_at_hand(spot, ("violins", "violas", "violin", "viola", "pad", "organ", "piano"))[:2]
    ):
        for pitch in voice_chord(spot.span.pitch_classes, (), 55 - 5 * number, 72 - 5 * number, 3):
            page.add(spot.hit.tick, spot.end, player, pitch, velocity)
        if number == 0:
            page.add(spot.hit.tick, spot.end, player, tonic_top, velocity + 4)
    for player in players_at_hand(spot, DEEP)[:1]:
        page.add(spot.hit.tick, spot.end, player, bass_note(spot), velocity + 2)


def marks_for(spot: Spot) -> list[str]:
    """Return the marks that suit a hit."""
    rank = spot.hit.rank
    if rank == "bell":
        options = ["bells", "plucked", "held"]
    elif rank == "soft":
        options = ["held", "plucked", "winds"]
    elif rank == "strong":
        options = ["strings", "low"] + (["brass"] if players_at_hand(spot, BRASS_PLAYERS) and spot.power > 0.45 else [])
        options += (
            ["plucked"]
            if spot.power < 0.5
            else ["drums"]
            if players_at_hand(spot, ("timpani", "taiko", "drum_kit"))
            else []
        )
    else:
        options = ["tutti", "ringing"] if spot.power < 0.85 else ["tutti", "short"]
        if spot.hit.final:
            options = ["tutti"]
    return options


MARKS: dict[str, Callable[[Page, Spot, random.Random], None]] = {
    "tutti": _tutti,
    "ringing": _ringing,
    "short": _short,
    "strings": _strings,
    "brass": _brass,
    "low": _low,
    "drums": _drummed,
    "held": _held,
    "plucked": _plucked,
    "winds": _winds,
    "bells": _bells,
}
