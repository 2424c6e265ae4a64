"""A hit with its context, and the collector of the notes that it adds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from emsync_bridge.cue import TICKS_PER_QUARTER as BEAT
from emsync_bridge.cue import Gesture, Role
from emsync_bridge.midi.players import PLAYERS
from emsync_bridge.music.arranging.score_notes import ScoreNote
from emsync_bridge.music.arranging.voicing import voice_chord
from emsync_bridge.music.planning.dynamics import Swell
from emsync_bridge.music.planning.harmony import Span
from emsync_bridge.music.planning.hit_ranks import RankedHit

LEAST_VOICES = 3
"""Pitched notes that begin on every hit."""

SHORTEST_SWELL = BEAT

BREATH = 9

STROKE = 3

_LONGEST = 1.9
"""Seconds that a chord on a hit rings; written music hardly holds any longer."""

HIGH = (
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

MIDDLE = ("horns", "violas", "viola", "trumpets", "organ", "pad", "electric_piano", "steel_guitar", "piano")

BRASS_PLAYERS = ("trumpets", "horns", "low_brass", "tuba")

DEEP = ("basses", "electric_bass", "acoustic_bass", "synth_bass", "cello", "piano")

DARK = ("cellos", "low_brass", "bassoon", "cello", "piano")

BELLS = ("harp", "celesta", "glockenspiel", "piano", "electric_piano", "synth_pluck", "guitar", "violin", "violins")

RUNNERS = ("violins", "flute", "clarinet", "violin", "synth_pluck", "piano", "guitar", "violas")

REPEATERS = ("trumpets", "violins2", "violas", "viola", "synth_pluck", "steel_guitar", "piano")


@dataclass(frozen=True)
class Cut:
    """A place where part of the texture is silent.

    Arguments:
        start: Tick from which it rests.
        end: Tick at which it may begin again.
        roles: Roles that rest.
    """

    start: int
    end: int
    roles: frozenset[Role]


@dataclass(frozen=True)
class Marks:
    """Notes and gestures that the hits of a piece add, and the places where they take notes away."""

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
        players: Players that may play.
        second: Ticks of a second.
        valence: Valence of the music after it.
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
        """The greater of the intensities before and after the hit."""
        return max(self.hit.before, self.hit.after)


@dataclass
class Page:
    """Collects what one hit adds."""

    notes: list[ScoreNote] = field(default_factory=list)
    swells: list[Swell] = field(default_factory=list)
    cuts: list[Cut] = field(default_factory=list)

    def add(self, start: int, end: int, player: str, pitch: int, velocity: float) -> None:
        """Write a note, moved into the player's range."""
        if end > start >= 0:
            fitted = PLAYERS[player].fitted(pitch)
            fixed = max(10, min(126, round(velocity)))
            self.notes.append(ScoreNote(start, end, player, fitted, "accent", 0, fixed))


ALL_ROLES: frozenset[Role] = frozenset({"melody", "counter", "inner", "figure", "bass", "pulse"})
TEXTURE: frozenset[Role] = frozenset({"inner", "figure", "pulse", "counter"})


def players_at_hand(spot: Spot, names: Sequence[str]) -> list[str]:
    """Return those players that are at hand, in the order asked for."""
    return [name for name in names if name in spot.players]


def top_note(spot: Spot) -> int:
    """Return the highest note of the hit's chord."""
    return voice_chord(spot.span.pitch_classes, (), 67, 86, 3)[-1]


def bass_note(spot: Spot) -> int:
    """Return the lowest note of the hit's chord."""
    pitch = 28 + (spot.span.bass - 28) % 12
    return pitch + 12 if pitch < 31 else pitch


def held_until(spot: Spot, ticks: int) -> int:
    """Return the tick at which a chord stops: after its length, or at the next hit; the last one rings on."""
    if spot.hit.final:
        return spot.end
    chord = max(spot.hit.tick + BEAT, spot.span.end)
    longest = int(_LONGEST * spot.second) // (BEAT // 2) * (BEAT // 2)
    return min(spot.until, chord, spot.hit.tick + min(ticks, longest))
