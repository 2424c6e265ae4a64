"""Hits: what leads to them, what marks them, and how the music goes on.

Four ranks: at a turn nearly everybody plays, with a preparation; a strong hit takes part of the orchestra; a soft one,
where the mood falls, is a chord without weight; a bell is struck in quiet music. No preparation and no mark comes twice
running.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from emsync_bridge.cue import TICKS_PER_QUARTER as BEAT
from emsync_bridge.cue import Gesture, Role
from emsync_bridge.midi.players import PLAYERS
from emsync_bridge.music.arranging import grooves
from emsync_bridge.music.arranging.motifs import BAR, SCALES
from emsync_bridge.music.arranging.score_notes import ScoreNote
from emsync_bridge.music.arranging.voicing import voiced
from emsync_bridge.music.planning.dynamics import Swell
from emsync_bridge.music.planning.harmony import Span
from emsync_bridge.music.planning.ranks import RankedHit

LEAST_VOICES = 3
"""Pitched notes that begin on every hit."""

_SHORTEST_SWELL = BEAT
_BREATH = 9
_STROKE = 3

_HIGH = (
    "violins",
    "violins2",
    "violin",
    "violin2",
    "flute",
    "synth_lead",
    "electric_guitar",
    "piano",
    "guitar",
    "organ",
)
_MIDDLE = ("horns", "violas", "viola", "trumpets", "organ", "pad", "electric_piano", "steel_guitar", "piano")
_BRASS = ("trumpets", "horns", "low_brass", "tuba")
_DEEP = ("basses", "electric_bass", "acoustic_bass", "synth_bass", "cello", "piano")
_DARK = ("cellos", "low_brass", "bassoon", "cello", "piano")
_BELLS = ("harp", "celesta", "glockenspiel", "piano", "electric_piano", "synth_pluck", "guitar", "violin", "violins")
_RUNNERS = ("violins", "flute", "clarinet", "violin", "synth_pluck", "piano", "guitar", "violas")
_REPEATERS = ("trumpets", "violins2", "violas", "viola", "synth_pluck", "steel_guitar", "piano")


@dataclass(frozen=True)
class Cut:
    """A place where part of the texture is silent.

    Arguments:
        start: Tick from which it rests.
        end: Tick at which it may begin again.
        roles: Who rests.
    """

    start: int
    end: int
    roles: frozenset[Role]


@dataclass(frozen=True)
class Marks:
    """What the hits of a piece add and take away."""

    notes: tuple[ScoreNote, ...] = ()
    swells: tuple[Swell, ...] = ()
    cuts: tuple[Cut, ...] = ()
    gestures: tuple[Gesture, ...] = ()


@dataclass(frozen=True)
class Spot:
    """A hit with what is around it.

    Arguments:
        hit: Its rank.
        room: Ticks to the hit or beginning before it.
        until: Tick of the next hit or end.
        span: Chord on it.
        before: Chord that leads to it.
        players: Who may play.
        second: Ticks of a second.
        valence: Of the music after it.
        end: Tick where the last chord ends.
    """

    hit: RankedHit
    room: int
    until: int
    span: Span
    before: Span
    players: frozenset[str]
    second: int
    valence: float
    end: int

    @property
    def power(self) -> float:
        """The greater intensity of both sides."""
        return max(self.hit.before, self.hit.after)


@dataclass
class _Page:
    """Collects what one hit adds."""

    notes: list[ScoreNote] = field(default_factory=list)
    swells: list[Swell] = field(default_factory=list)
    cuts: list[Cut] = field(default_factory=list)

    def add(self, start: int, end: int, player: str, pitch: int, velocity: float) -> None:
        if end > start >= 0:
            fitted = PLAYERS[player].fitted(pitch)
            fixed = max(10, min(126, round(velocity)))
            self.notes.append(ScoreNote(start, end, player, fitted, "accent", 0, fixed))


ALL_ROLES: frozenset[Role] = frozenset({"melody", "counter", "inner", "figure", "bass", "pulse"})
_TEXTURE: frozenset[Role] = frozenset({"inner", "figure", "pulse", "counter"})


def marks(spots: Sequence[Spot], streams: Sequence[random.Random]) -> Marks:
    """Return what the hits of a piece add and take away.

    Arguments:
        spots: Hits in order.
        streams: One for each hit.
    """
    page = _Page()
    gestures: list[Gesture] = []
    last_lead = last_mark = ""
    for spot, rng in zip(spots, streams, strict=True):
        lead = _chosen(_leads_for(spot), last_lead, rng)
        start = spot.hit.tick
        if lead:
            start = _LEADS[lead](page, spot, rng)
            last_lead = lead
        if spot.hit.rank in ("turn", "strong") and lead not in ("breath", "thinning") and spot.room >= 3 * BEAT:
            page.cuts.append(_lift(spot, rng, rises=lead in ("roll", "cymbal", "repeated", "crescendo")))
        mark = _chosen(_marks_for(spot), last_mark, rng)
        _MARKS[mark](page, spot, rng)
        last_mark = mark
        _complete(page, spot)
        gestures.append(Gesture(start, spot.hit.tick, spot.hit.rank, f"{lead}+{mark}" if lead else mark))
    return Marks(tuple(page.notes), tuple(page.swells), tuple(page.cuts), tuple(gestures))


def _lift(spot: Spot, rng: random.Random, *, rises: bool) -> Cut:
    """Return the short rest of the accompaniment before a hit: an accent needs air, and a rise little of it."""
    gap = BEAT // 4 if rises else BEAT if spot.power > 0.6 and rng.random() < 0.6 else BEAT // 2
    return Cut(spot.hit.tick - gap, spot.hit.tick, _TEXTURE | {"bass"} if spot.power > 0.6 else _TEXTURE)


def _chosen(options: Sequence[str], last: str, rng: random.Random) -> str:
    free = [option for option in options if option != last] or list(options)
    return free[rng.randrange(len(free))] if free else ""


def _has(spot: Spot, names: Sequence[str]) -> list[str]:
    return [name for name in names if name in spot.players]


def _leads_for(spot: Spot) -> list[str]:
    """Return the preparations that suit a hit."""
    if spot.room < 2 * _SHORTEST_SWELL or spot.hit.rank == "bell":
        return []
    if spot.hit.rank == "soft":
        return ["glissando"] if spot.valence > 0.2 and _has(spot, ["harp"]) and spot.power < 0.7 else []
    options = ["crescendo"]
    if _has(spot, ("timpani",)) and spot.power > 0.35:
        options.append("roll")
    if _has(spot, ("cymbals",)) and spot.power > 0.3:
        options.append("cymbal")
    if _has(spot, _RUNNERS):
        options.append("run")
    if _has(spot, ("harp", "piano")) and spot.valence > -0.1 and spot.power < 0.8:
        options.append("glissando")
    if _has(spot, _REPEATERS) and spot.power > 0.5 and spot.room >= 4 * BEAT:
        options.append("repeated")
    if spot.hit.rank == "turn":
        options += ["breath", "thinning"] if spot.hit.new_scene or spot.hit.before > 0.6 else ["breath"]
        options.remove("crescendo")
    return options or ["crescendo"]


def _marks_for(spot: Spot) -> list[str]:
    """Return the marks that suit a hit."""
    rank = spot.hit.rank
    if rank == "bell":
        options = ["bells", "plucked", "held"]
    elif rank == "soft":
        options = ["held", "plucked", "winds"]
    elif rank == "strong":
        options = ["strings", "low"] + (["brass"] if _has(spot, _BRASS) and spot.power > 0.45 else [])
        options += (
            ["plucked"] if spot.power < 0.5 else ["drums"] if _has(spot, ("timpani", "taiko", "drum_kit")) else []
        )
    else:
        options = ["tutti", "ringing"] if spot.power < 0.85 else ["tutti", "short"]
        if spot.hit.final:
            options = ["tutti"]
    return options


def _length(spot: Spot, most: float) -> int:
    """Return the ticks of a preparation: half the room, at most some seconds, whole eighths."""
    ticks = min(spot.room // 2, 2 * BAR, int(most * spot.second))
    return max(_SHORTEST_SWELL, ticks // (BEAT // 2) * (BEAT // 2))


def _gain(spot: Spot) -> float:
    rise = max(0.0, spot.hit.after - spot.hit.before)
    full = 0.2 + 0.2 * spot.hit.before + 0.6 * rise
    return full if spot.hit.rank == "turn" else 0.6 * full


def _crescendo(page: _Page, spot: Spot, _rng: random.Random) -> int:
    start = spot.hit.tick - _length(spot, 2.2 if spot.hit.rank == "turn" else 1.4)
    page.swells.append(Swell(start, spot.hit.tick, _gain(spot)))
    return start


def _roll(page: _Page, spot: Spot, rng: random.Random) -> int:
    start = _crescendo(page, spot, rng)
    tick = spot.hit.tick
    first = max(start, tick - BAR)
    pitch = 36 + (spot.before.tonic + spot.before.chord.lowest - 36) % 12
    peak = 34 + 70 * spot.power if spot.hit.rank == "turn" else 28 + 52 * spot.power
    _strokes(page, "timpani", pitch + 12 if pitch < 40 else pitch, first, tick, (22, peak))
    if spot.hit.rank == "turn" and _has(spot, ("cymbals",)):
        _strokes(page, "cymbals", grooves.SWELL, first, tick, (12, 26 + 46 * spot.power))
    return start


def _cymbal(page: _Page, spot: Spot, rng: random.Random) -> int:
    start = _crescendo(page, spot, rng)
    first = max(start, spot.hit.tick - BAR)
    _strokes(page, "cymbals", grooves.SWELL, first, spot.hit.tick, (12, 24 + 50 * spot.power))
    if spot.hit.rank == "turn" and _has(spot, ("snare",)) and spot.power > 0.6:
        _strokes(
            page, "snare", grooves.SNARE, max(first, spot.hit.tick - 2 * BEAT), spot.hit.tick, (14, 70 * spot.power)
        )
    return start


def _strokes(page: _Page, player: str, pitch: int, start: int, end: int, loud: tuple[float, float]) -> None:
    for tick in range(start, end - 1, _STROKE):
        share = ((tick - start) / max(1, end - start)) ** 1.5
        page.add(tick, min(end, tick + _STROKE), player, pitch, loud[0] + (loud[1] - loud[0]) * share)


def _run(page: _Page, spot: Spot, rng: random.Random) -> int:
    """Five to nine notes of the scale up to the hit's highest note, in thirty-seconds or quick sixteenths."""
    start = _crescendo(page, spot, rng)
    tick, count = spot.hit.tick, rng.choice((5, 6, 7, 8, 9))
    step = 3 if spot.second >= 40 else 4 if spot.second > 30 else 3
    runners = _has(spot, _RUNNERS)
    leader = runners[rng.randrange(min(3, len(runners)))]
    top = max(72, min(PLAYERS[leader].high, _top(spot)))
    scale = [p for p in range(top - 24, top) if (p - spot.before.tonic) % 12 in SCALES[spot.before.minor]][-count:]
    for player in [leader, *[name for name in runners if name != leader and spot.hit.rank == "turn"][:1]]:
        for index, pitch in enumerate(scale):
            at = tick - step * (len(scale) - index)
            if at > start - BEAT:
                page.add(at, at + step, player, pitch, 40 + 58 * spot.power * (index + 1) / len(scale))
    return start


def _glissando(page: _Page, spot: Spot, rng: random.Random) -> int:
    start = _crescendo(page, spot, rng) if spot.hit.rank != "soft" else spot.hit.tick - BEAT
    player = _has(spot, ("harp", "piano"))[0]
    scale = [p for p in range(50, 98) if (p - spot.before.tonic) % 12 in SCALES[spot.before.minor]][-18:]
    space = min(2 * BEAT, spot.room // 2)
    count = min(len(scale), space // 2)
    for index, pitch in enumerate(scale[-count:]):
        at = spot.hit.tick - 2 * (count - index)
        page.add(at, at + 12, player, pitch, 36 + 46 * spot.power * (index + 1) / count)
    return start


def _repeated(page: _Page, spot: Spot, rng: random.Random) -> int:
    """Repeated chords that grow from quarters to sixteenths."""
    start = _crescendo(page, spot, rng)
    tick = spot.hit.tick
    first = max(tick - BAR, tick - spot.room // 2)
    onsets = list(range(tick - 4 * BEAT, tick - 2 * BEAT, BEAT))
    onsets += list(range(tick - 2 * BEAT, tick - BEAT, BEAT // 2)) + list(range(tick - BEAT, tick, BEAT // 4))
    onsets = [t for t in onsets if t >= first]
    chord = voiced(spot.before.pitch_classes, (), 57, 74, 3)
    players = _has(spot, _REPEATERS)[:2]
    for index, at in enumerate(onsets):
        for player in players:
            for pitch in chord:
                page.add(at, at + 5, player, pitch, 44 + 56 * spot.power * (index + 1) / len(onsets))
    return start


def _breath(page: _Page, spot: Spot, rng: random.Random) -> int:
    """A swell, and nothing for a moment before the hit."""
    start = _roll(page, spot, rng) if "timpani" in spot.players and spot.power > 0.5 else _crescendo(page, spot, rng)
    gap = min(_BREATH + 3, max(4, int(0.2 * spot.second)))
    page.cuts.append(Cut(spot.hit.tick - gap, spot.hit.tick, ALL_ROLES))
    return start


def _thinning(page: _Page, spot: Spot, _rng: random.Random) -> int:
    """The texture drops out a beat or two before the hit, so that a loud one is heard as louder."""
    gap = 2 * BEAT if spot.room > 6 * BEAT else BEAT
    start = spot.hit.tick - gap
    page.cuts.append(Cut(start, spot.hit.tick, _TEXTURE))
    if _has(spot, ("cymbals",)):
        _strokes(page, "cymbals", grooves.SWELL, start, spot.hit.tick, (8, 60 * spot.power))
    return start


def _top(spot: Spot) -> int:
    return voiced(spot.span.pitch_classes, (), 67, 86, 3)[-1]


def _root(spot: Spot) -> int:
    pitch = 28 + (spot.span.bass - 28) % 12
    return pitch + 12 if pitch < 31 else pitch


def _hold(spot: Spot, ticks: int) -> int:
    return spot.end if spot.hit.final else min(spot.until, spot.hit.tick + ticks)


def _tutti(page: _Page, spot: Spot, _rng: random.Random, *, ticks: int = BAR) -> None:
    tick, hold = spot.hit.tick, _hold(spot, ticks)
    velocity = min(124.0, 70 + 54 * max(spot.hit.after, 0.42))
    strings = _has(spot, _HIGH)[:2]
    for number, player in enumerate(strings):
        for pitch in voiced(spot.span.pitch_classes, (), 65 - 7 * number, 84 - 8 * number, 3):
            page.add(tick, hold, player, pitch, velocity)
    for player in _has(spot, _MIDDLE)[:2]:
        for pitch in voiced(spot.span.pitch_classes, (), 50, 67, 3):
            page.add(tick, hold, player, pitch, velocity - 6)
    if spot.power > 0.5:
        _winds_and_brass(page, spot, hold, velocity)
    _bottom(page, spot, hold, velocity)
    _drums(page, spot, velocity, crash=spot.power > 0.5)
    if spot.power <= 0.5 and spot.valence > -0.1:
        for player in _has(spot, ("harp", "celesta"))[:2]:
            for pitch in voiced(spot.span.pitch_classes, (), 67, 86, 3):
                page.add(tick, tick + 3 * BEAT, player, pitch, velocity - 14)
    if not spot.hit.final:
        page.cuts.append(Cut(tick, min(hold, tick + 2 * BEAT), frozenset({"figure", "inner", "bass", "counter"})))


def _winds_and_brass(page: _Page, spot: Spot, hold: int, velocity: float) -> None:
    tick = spot.hit.tick
    brass = hold if spot.hit.final else min(hold, tick + 3 * BEAT)
    for player, low, high in (("trumpets", 60, 77), ("low_brass", 42, 60), ("choir", 57, 76)):
        if player in spot.players and (player != "choir" or spot.power > 0.8):
            for pitch in voiced(spot.span.pitch_classes, (), low, high, 3):
                page.add(tick, brass, player, pitch, velocity - 4)
    for player in _has(spot, ("flute", "oboe", "clarinet")):
        page.add(tick, hold, player, _top(spot) + (12 if player == "flute" else 0), velocity - 8)


def _ringing(page: _Page, spot: Spot, rng: random.Random) -> None:
    """As tutti, held longer, with the texture coming back late."""
    _tutti(page, spot, rng, ticks=BAR + 2 * BEAT)
    page.cuts.append(
        Cut(spot.hit.tick, min(spot.until, spot.hit.tick + 3 * BEAT), frozenset({"figure", "pulse", "bass"}))
    )


def _short(page: _Page, spot: Spot, rng: random.Random) -> None:
    """As tutti, struck off at once: the beat goes on."""
    _tutti(page, spot, rng, ticks=BEAT)


def _bottom(page: _Page, spot: Spot, hold: int, velocity: float) -> None:
    for player in _has(spot, _DEEP)[:1]:
        page.add(spot.hit.tick, hold, player, _root(spot), velocity)
    for player in _has(spot, _DARK)[:1]:
        page.add(spot.hit.tick, hold, player, _root(spot) + 12, velocity - 4)
    for player in _has(spot, ("tuba", "piano")):
        page.add(spot.hit.tick, hold, player, _root(spot), velocity - 10)


def _drums(page: _Page, spot: Spot, velocity: float, *, crash: bool) -> None:
    tick = spot.hit.tick
    pitch = 36 + (spot.span.bass - 36) % 12
    for player, key, less in (
        ("timpani", pitch if pitch >= 38 else pitch + 12, 0),
        ("bass_drum", grooves.KICK, 6),
        ("taiko", 45, 4),
        ("drum_kit", grooves.KICK, 4),
    ):
        if player in spot.players and (player not in ("taiko", "bass_drum") or spot.power > 0.55):
            page.add(tick, tick + 2 * BEAT, player, key, velocity - less)
    if crash:
        for player in _has(spot, ("cymbals", "drum_kit"))[:1]:
            page.add(tick, tick + 3 * BEAT, player, grooves.CRASH, velocity - 16)


def _strong_velocity(spot: Spot) -> float:
    return min(120.0, 58 + 56 * max(spot.power, 0.35))


def _strings(page: _Page, spot: Spot, rng: random.Random) -> None:
    tick, hold, velocity = spot.hit.tick, _hold(spot, 2 * BEAT), _strong_velocity(spot)
    for number, player in enumerate(_has(spot, _HIGH)[:2]):
        for pitch in voiced(spot.span.pitch_classes, (), 62 - 7 * number, 81 - 7 * number, 2 + (rng.random() < 0.5)):
            page.add(tick, hold, player, pitch, velocity)
    _bottom(page, spot, hold, velocity - 2)
    if spot.power > 0.45:
        _drums(page, spot, velocity - 10, crash=False)


def _brass(page: _Page, spot: Spot, _rng: random.Random) -> None:
    tick, hold, velocity = spot.hit.tick, _hold(spot, BEAT + 12), _strong_velocity(spot)
    for player, low, high in (("horns", 50, 68), ("low_brass", 40, 58), ("trumpets", 58, 76)):
        if player in spot.players and (player != "trumpets" or spot.power > 0.6):
            for pitch in voiced(spot.span.pitch_classes, (), low, high, 3):
                page.add(tick, hold, player, pitch, velocity)
    _bottom(page, spot, hold, velocity)
    if spot.power > 0.55:
        _drums(page, spot, velocity - 6, crash=spot.power > 0.75)


def _low(page: _Page, spot: Spot, _rng: random.Random) -> None:
    tick, hold, velocity = spot.hit.tick, _hold(spot, 3 * BEAT), _strong_velocity(spot)
    _bottom(page, spot, hold, velocity + 4)
    for player in _has(spot, ("piano", "bassoon", "low_brass"))[:2]:
        page.add(tick, hold, player, _root(spot), velocity)
        page.add(tick, hold, player, _root(spot) + 12, velocity)
    for player in _has(spot, _MIDDLE)[:1]:
        for pitch in voiced(spot.span.pitch_classes, (), 48, 66, 3):
            page.add(tick, hold, player, pitch, velocity - 8)
    _drums(page, spot, velocity - 4, crash=False)


def _drummed(page: _Page, spot: Spot, _rng: random.Random) -> None:
    velocity = _strong_velocity(spot)
    _drums(page, spot, velocity + 4, crash=spot.power > 0.7)
    for player in _has(spot, ("pizzicato", "spiccato", *_MIDDLE))[:2]:
        for pitch in voiced(spot.span.pitch_classes, (), 55, 74, 3):
            page.add(spot.hit.tick, spot.hit.tick + 14, player, pitch, velocity)
    _bottom(page, spot, _hold(spot, BEAT), velocity)


def _soft_velocity(spot: Spot) -> float:
    return 36 + 46 * max(spot.hit.after, 0.2)


def _held(page: _Page, spot: Spot, _rng: random.Random) -> None:
    tick, hold, velocity = spot.hit.tick, _hold(spot, BAR), _soft_velocity(spot)
    players = _has(spot, (*_HIGH[1:], *_MIDDLE, "violins"))[:2]
    for number, player in enumerate(players):
        for pitch in voiced(spot.span.pitch_classes, (), 60 - 8 * number, 77 - 8 * number, 2 + (len(players) == 1)):
            page.add(tick, hold, player, pitch, velocity - 4)
    for player in _has(spot, _DEEP)[:1]:
        page.add(tick, hold, player, _root(spot), velocity)


def _plucked(page: _Page, spot: Spot, _rng: random.Random) -> None:
    tick, velocity = spot.hit.tick, _soft_velocity(spot) if spot.hit.rank != "strong" else _strong_velocity(spot) - 6
    for player in _has(spot, ("pizzicato", *_BELLS))[:2]:
        for pitch in voiced(spot.span.pitch_classes, (), 58, 76, 3):
            page.add(tick, tick + 2 * BEAT, player, pitch, velocity)
    for player in _has(spot, _DEEP)[:1]:
        page.add(tick, _hold(spot, 2 * BEAT), player, _root(spot), velocity)


def _winds(page: _Page, spot: Spot, rng: random.Random) -> None:
    players = _has(spot, ("flute", "oboe", "clarinet", "horns", "bassoon"))
    if len(players) < LEAST_VOICES:
        _held(page, spot, rng)
        return
    chord = voiced(spot.span.pitch_classes, (), 58, 77, 3)
    for player, pitch in zip(players, reversed(chord), strict=False):
        page.add(spot.hit.tick, _hold(spot, BAR), player, pitch, _soft_velocity(spot))
    for player in _has(spot, _DEEP)[:1]:
        page.add(spot.hit.tick, _hold(spot, BAR), player, _root(spot), _soft_velocity(spot) - 4)


def _bells(page: _Page, spot: Spot, rng: random.Random) -> None:
    tick, velocity = spot.hit.tick, 36 + 44 * max(spot.hit.after, 0.15)
    bells = _has(spot, _BELLS)
    for player in [bells[0], bells[1 + rng.randrange(min(2, len(bells) - 1))]] if len(bells) > 1 else bells:
        shift = 12 if player in ("celesta", "glockenspiel") else 0
        for pitch in voiced(spot.span.pitch_classes, (), 62, 81, 3):
            page.add(tick, tick + 3 * BEAT, player, pitch + shift, velocity - (8 if shift else 0))
    for player in _has(spot, _DEEP)[:1]:
        page.add(tick, _hold(spot, BAR), player, _root(spot), velocity)


def _complete(page: _Page, spot: Spot) -> None:
    """Add what a hit lacks of a chord, and the long last chord."""
    tick = spot.hit.tick
    if spot.hit.final:
        _last_chord(page, spot)
    here = {
        (note.player, note.pitch) for note in page.notes if note.start == tick and not PLAYERS[note.player].unpitched
    }
    if len(here) >= LEAST_VOICES:
        return
    able = sorted(
        (name for name in spot.players if not PLAYERS[name].unpitched and PLAYERS[name].voices > 1),
        key=lambda name: (-PLAYERS[name].voices, name),
    )
    chord = voiced(spot.span.pitch_classes, (), 55, 74, 3)
    for player in able[:1] if PLAYERS[able[0]].voices >= LEAST_VOICES else able[:2]:
        for pitch in chord:
            page.add(tick, _hold(spot, 2 * BEAT), player, pitch, _soft_velocity(spot))


def _last_chord(page: _Page, spot: Spot) -> None:
    velocity = 40 + 56 * spot.hit.after
    tonic_top = 72 + (spot.span.tonic - 72) % 12
    for number, player in enumerate(_has(spot, ("violins", "violas", "violin", "viola", "pad", "organ", "piano"))[:2]):
        for pitch in voiced(spot.span.pitch_classes, (), 55 - 5 * number, 72 - 5 * number, 3):
            page.add(spot.hit.tick, spot.end, player, pitch, velocity)
        if number == 0:
            page.add(spot.hit.tick, spot.end, player, tonic_top, velocity + 4)
    for player in _has(spot, _DEEP)[:1]:
        page.add(spot.hit.tick, spot.end, player, _root(spot), velocity + 2)


_LEADS: dict[str, Callable[[_Page, Spot, random.Random], int]] = {
    "crescendo": _crescendo,
    "roll": _roll,
    "cymbal": _cymbal,
    "run": _run,
    "glissando": _glissando,
    "repeated": _repeated,
    "breath": _breath,
    "thinning": _thinning,
}
_MARKS: dict[str, Callable[[_Page, Spot, random.Random], None]] = {
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
