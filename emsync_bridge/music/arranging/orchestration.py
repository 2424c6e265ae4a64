"""From the short score of a phrase to the notes of its players."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from emsync_bridge.cue import TICKS_PER_QUARTER as BEAT
from emsync_bridge.cue import Role
from emsync_bridge.midi.players import PLAYERS
from emsync_bridge.music.arranging import grooves, lines, patterns
from emsync_bridge.music.arranging.role_assignment import TRIPLING, RoleAssignment
from emsync_bridge.music.arranging.score_notes import ScoreNote
from emsync_bridge.music.arranging.themes.meters import MotifMeter
from emsync_bridge.music.arranging.themes.statements import LineNote
from emsync_bridge.music.planning.form import Phrase
from emsync_bridge.music.planning.harmony import Span
from emsync_bridge.music.planning.scenes import Scene

LOW_SOUNDS = frozenset({"basses", "tuba", "electric_bass", "acoustic_bass", "synth_bass"})
"""Players that sound the bass where it is written or an octave below; others of the bass play an octave above."""

_OPEN_CEILING = 84

_LOW_THEME = 68
"""Mean pitch under which a loud theme is doubled two octaves above: the highest line of loud bars lies about 84."""

_LOWEST_FIGURE = 45

_BOWINGS = ("pizzicato", "spiccato", "tremolo")
"""Players that are other players' ways of playing."""

_SECTIONS = ("violins2", "violas", "cellos", "basses")
_FEW = 12
"""Notes under which a bowing is not worth a part of its own."""

_FIGURE_LOW = {
    "cellos": 43,
    "cello": 43,
    "basses": 33,
    "piano": 50,
    "guitar": 48,
    "steel_guitar": 48,
    "electric_guitar": 48,
}


@dataclass(frozen=True)
class Setting:
    """Setting of a phrase: scene, harmony and theme that its parts are written on.

    Arguments:
        phrase: Its bars and purpose.
        scene: Its scene.
        spans: Chords, cut to the phrase.
        chords: Chords of the whole piece.
        melody: Its theme; empty where none is stated.
        tonic_pitch: Pitch that the melody's intervals count from.
        level: Intensity.
        second: Ticks of a second.
        meter: Meter of its figures.
    """

    phrase: Phrase
    scene: Scene
    spans: Sequence[Span]
    chords: Sequence[Span]
    melody: Sequence[LineNote]
    tonic_pitch: int
    level: float
    second: int
    meter: MotifMeter


@dataclass(frozen=True)
class PhraseMemory:
    """Last notes of a phrase, from which the next one continues.

    Arguments:
        bass: Last note of the bass.
        inner: Last inner chord.
    """

    bass: int | None = None
    inner: tuple[int, ...] = ()


def orchestrate_phrase(
    setting: Setting, roles: RoleAssignment, rng: random.Random, memory: PhraseMemory, *, fill: bool
) -> tuple[list[ScoreNote], PhraseMemory]:
    """Return the notes of a phrase, and what the next one goes on from.

    Arguments:
        setting: Scene, harmony and theme that it is written on.
        roles: Players by role.
        rng: Random numbers of the phrase.
        memory: Memory of the phrase before.
        fill: Whether percussion leads on at its end.
    """
    notes = _theme(setting, roles)
    ceiling = _ceiling(notes)
    notes += _counter(setting, roles, rng)
    pads, chord = _pads(setting, roles, memory.inner, ceiling)
    notes += pads
    notes += _figures(setting, roles, ceiling)
    bass, last = _bass(setting, roles, memory.bass)
    notes += bass
    if roles.groove:
        notes += grooves.groove(
            roles.groove, setting.phrase.bars, setting.chords, rng, fill=fill, full=setting.level > 0.72
        )
    return notes, PhraseMemory(last, chord)


def octave_for(player: str, pitches: Sequence[int]) -> int:
    """Return the octaves, in semitones, that bring a melody nearest to where a player plays best, inside its range."""
    part = PLAYERS[player]
    mean = sum(pitches) / len(pitches)

    def cost(shift: int) -> tuple[int, float, int]:
        outside = sum(not part.low <= pitch + shift <= part.high for pitch in pitches)
        return outside, abs(mean + shift - part.center), shift

    return min((12 * octave for octave in range(-4, 5)), key=cost)


def _ceiling(theme: Sequence[ScoreNote]) -> int:
    """Return the pitch that accompaniment stays under, so that the theme is heard on top."""
    pitches: dict[int, int] = {}
    for note in theme:
        pitches[note.start] = max(pitches.get(note.start, 0), note.pitch)
    ordered = sorted(pitches.values())
    return ordered[len(ordered) // 4] if ordered else _OPEN_CEILING


def _theme(setting: Setting, roles: RoleAssignment) -> list[ScoreNote]:
    if not setting.melody or not roles.leads:
        return []
    pitches = [setting.tonic_pitch + note.interval for note in setting.melody]
    first = roles.leads[0][0]
    base = octave_for(first, pitches)
    found: list[ScoreNote] = []
    used: set[int] = set()
    low = sum(pitches) / len(pitches) + base < _LOW_THEME
    for index, (player, octave) in enumerate(roles.leads):
        shift = base + 12 * octave if octave else octave_for(player, pitches)
        if octave > 0 and low and setting.level >= TRIPLING:
            shift += 12
        part = PLAYERS[player]
        if any(not part.low <= pitch + shift <= part.high for pitch in pitches):
            shift = octave_for(player, pitches)
        if octave and shift in used and len(roles.leads) > 2:
            continue
        used.add(shift)
        for note, pitch in zip(setting.melody, pitches, strict=True):
            end = note.end if part.sounding == "sustained" else max(note.start + 6, note.end)
            found.append(ScoreNote(note.start, end, player, part.fitted(pitch + shift), "melody", -5 * index))
    if roles.colour:
        found += _touches(roles, setting, pitches)
    return found


def _touches(roles: RoleAssignment, setting: Setting, pitches: Sequence[int]) -> list[ScoreNote]:
    """Return the theme as a bell or a high wind colours it, an octave or two above."""
    part = PLAYERS[roles.colour]
    shift = octave_for(roles.colour, pitches)
    return [
        ScoreNote(note.start, min(note.end, note.start + BEAT), roles.colour, part.fitted(pitch + shift), "melody", -16)
        for note, pitch in zip(setting.melody, pitches, strict=True)
    ]


def _counter(setting: Setting, roles: RoleAssignment, rng: random.Random) -> list[ScoreNote]:
    if not roles.counter or not setting.melody:
        return []
    part = PLAYERS[roles.counter]
    center = min(part.center, 64)
    line = lines.counter(setting.melody, setting.spans, center, setting.tonic_pitch, rng)
    return [
        ScoreNote(start, end, roles.counter, part.fitted(pitch), "counter", weight - 2)
        for start, end, pitch, weight in line
    ]


def _pads(
    setting: Setting, roles: RoleAssignment, before: tuple[int, ...], ceiling: int
) -> tuple[list[ScoreNote], tuple[int, ...]]:
    players = roles.pads
    if not players:
        return [], before
    voices = 4 if len(players) > 3 else 3 if len(players) > 1 or PLAYERS[players[0]].voices > 2 else 2
    top = max(63, min(74 if setting.scene.intensity > 0.7 else 71, ceiling - 1))
    written, chord = lines.inner(roles.inner_style, setting.spans, voices, (48, top), before, setting.second)
    found = []
    for number, player in enumerate(players):
        part = PLAYERS[player]
        for voice in _voices_of(number, len(players), voices):
            found += [
                ScoreNote(start, end, player, _in_register(part.fitted(pitch), player), "inner", weight)
                for start, end, pitch, weight in written[voice]
            ]
    return found, chord


def _voices_of(number: int, players: int, voices: int) -> list[int]:
    """Return the voices, the lowest is 0, of one of some players that are named from the highest down."""
    if players >= voices:
        return [voices - 1 - number % voices]
    return list(range(voices))[::-1][number::players]


def _in_register(pitch: int, player: str) -> int:
    """Return a chord tone where a low player has it: trombones, tuba and cellos under the middle of the chord."""
    if player in ("tuba", "basses"):
        return PLAYERS[player].fitted(pitch - 24)
    if player in ("cellos", "low_brass", "bassoon") and pitch > 60:
        return pitch - 12
    return pitch


def _figures(setting: Setting, roles: RoleAssignment, ceiling: int) -> list[ScoreNote]:
    found: list[ScoreNote] = []
    for number, (player, kind) in enumerate(roles.figures):
        part = PLAYERS[player]
        low = _FIGURE_LOW.get(player, max(part.low, min(58, part.center - 8)))
        # Under a low theme the figure goes lower too, as far as its tones stay apart to the ear.
        low = min(low, max(part.low, _LOWEST_FIGURE, ceiling - 14))
        high = max(low + 12, min(part.high, low + 24, ceiling - 2))
        pattern = patterns.patterns_by_name(setting.meter)[kind]
        if setting.phrase.part == "build" and pattern.density < 8 and setting.level > 0.5:
            pattern = patterns.rule_patterns(setting.meter)["rising16"]
        for start, end, pitch, weight in patterns.figure(pattern, setting.phrase.bars, setting.chords, low, high):
            found.append(ScoreNote(start, end, player, part.fitted(pitch), "figure", weight - 4 * number))
    return found


def _bass(setting: Setting, roles: RoleAssignment, before: int | None) -> tuple[list[ScoreNote], int | None]:
    if not roles.bass:
        return [], before
    style = "pizzicato" if roles.bass == ("pizzicato",) else roles.bass_style
    line = lines.bass(style, setting.spans, setting.phrase.bars, before)
    found = []
    for number, player in enumerate(roles.bass):
        part = PLAYERS[player]
        above = 12 if player not in LOW_SOUNDS and (number or len(roles.bass) == 1) and style != "pedal" else 0
        for start, end, pitch, weight in line:
            sounding = pitch + above if pitch + above <= part.high and pitch < 48 else pitch
            longest = max(BEAT, 2 * setting.second // BEAT * BEAT) if part.sounding == "sustained" else end - start
            found += [
                ScoreNote(at, min(end, at + longest), player, part.fitted(sounding), "bass", weight - 4 * (at > start))
                for at in range(start, end, longest)
            ]
    return found, line[-1][2] if line else before


def trim_by_role(notes: Sequence[ScoreNote], ends: Mapping[Role, int]) -> list[ScoreNote]:
    """Return notes that stop where their role stops; what begins later is left out.

    Arguments:
        notes: Notes in any order.
        ends: Tick by role; roles that are not named go on.
    """
    found = []
    for note in notes:
        stop = ends.get(note.role)
        if stop is None or note.end <= stop:
            found.append(note)
        elif note.start < stop:
            found.append(replace(note, end=stop))
    return found


def merge_sparse_bowings(notes: Sequence[ScoreNote]) -> list[ScoreNote]:
    """Return notes of which those in a bowing that the piece hardly uses are given to the sections that bow them.

    Arguments:
        notes: Notes of a whole piece.
    """
    count = Counter(note.player for note in notes)
    strays = {name for name in _BOWINGS if 0 < count[name] < _FEW}
    present = [name for name in _SECTIONS if count[name]]
    found = []
    for note in notes:
        able = [name for name in present if PLAYERS[name].low <= note.pitch <= PLAYERS[name].high]
        found.append(replace(note, player=able[0]) if note.player in strays and able else note)
    return found
