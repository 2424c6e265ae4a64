"""One MIDI track for each player of an arranged take, on channels and ports.

A port has 16 channels, of which the tenth is for unpitched percussion, so it takes fifteen pitched players; further
ones go to the next port, which their tracks name (meta event 0x21, understood by sequencers since Cakewalk).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import mido

from emsync_bridge.cue import OFFSETS_PER_TICK, Control, Note, Take
from emsync_bridge.midi.conductor_track import PLAYERS_NOTE, Event, closed_track
from emsync_bridge.midi.players import PLAYERS, Player, player_for

PPQ = 480

_DRUMS = 9
_PITCHED = tuple(channel for channel in range(16) if channel != _DRUMS)
_BANK, _VOLUME, _PAN, _EXPRESSION, _REVERB = 0, 7, 10, 11, 91
_FULL = 100  # expression where the take sets none


@dataclass(frozen=True)
class PlayerChannel:
    """Destination of a player's messages: a port and a channel, both counted from 0."""

    player: Player
    port: int
    channel: int


def is_arranged(take: Take) -> bool:
    """Tell whether a take names players."""
    return any(note.player for note in take.notes)


def player_of(note: Note) -> Player:
    """Return the player of a note; the one that stands for its group where it names none or an unknown one."""
    return PLAYERS.get(note.player) or player_for(note.instrument)


def player_channels(players: Iterable[Player]) -> tuple[PlayerChannel, ...]:
    """Return port and channel of each player, in the order of a score.

    Where one port is not enough, players whose sound another one has go to the next port first, to the other's channel:
    a program that knows no ports then plays them with the right sound.

    Arguments:
        players: Players in any order.
    """
    wanted = set(players)
    pitched = [player for player in PLAYERS.values() if player in wanted and not player.unpitched]
    beyond = _beyond(pitched)
    places: dict[str, tuple[int, int]] = {}
    sounds: dict[tuple[int, int], int] = {}
    for place, player in enumerate(player for player in pitched if player not in beyond):
        places[player.name] = 0, _PITCHED[place]
        sounds.setdefault((player.bank, player.program), _PITCHED[place])
    for number, player in enumerate(beyond):
        port = 1 + number // len(_PITCHED)
        taken = {channel for other, channel in places.values() if other == port}
        alike = sounds.get((player.bank, player.program))
        free = alike if alike is not None and alike not in taken else next(c for c in _PITCHED if c not in taken)
        places[player.name] = port, free
    return tuple(
        PlayerChannel(player, *places.get(player.name, (0, _DRUMS))) for player in PLAYERS.values() if player in wanted
    )


def _beyond(pitched: Sequence[Player]) -> list[Player]:
    """Return the players for whom the first port has no channel, in the order of a score."""
    excess = max(0, len(pitched) - len(_PITCHED))
    first: dict[tuple[int, int], Player] = {}
    for player in pitched:
        first.setdefault((player.bank, player.program), player)
    doubles = [player for player in pitched if first[player.bank, player.program] is not player]
    others = [player for player in pitched if player not in doubles]
    chosen = (doubles[::-1] + others[::-1])[:excess]
    return [player for player in pitched if player in chosen]


def player_tracks(take: Take, end: int, *, plain: bool = False) -> list[mido.MidiTrack]:
    """Return the tracks of all players.

    Arguments:
        take: The music.
        end: Tick of the file at which every track ends.
        plain: Whether onsets are as notated and controls left out.
    """
    by_player: dict[Player, list[Note]] = defaultdict(list)
    for note in take.notes:
        by_player[player_of(note)].append(note)
    seated = player_channels(by_player)
    several = any(seat.port for seat in seated)
    tracks = []
    for seat in seated:
        controls = [] if plain else [each for each in take.controls if each.player == seat.player.name]
        track = closed_track(seat.player.title, _events(seat, by_player[seat.player], controls, plain=plain), end)
        if several:
            track.insert(1, mido.MetaMessage("midi_port", port=seat.port))
        tracks.append(track)
    return tracks


def players_note(take: Take) -> str:
    """Return what a reader of the file should know of its tracks and ports."""
    seated = player_channels({player_of(note) for note in take.notes})
    beyond = [seat.player.title for seat in seated if seat.port]
    ports = f", on MIDI port 2 and above: {', '.join(beyond)}" if beyond else ""
    return f"{PLAYERS_NOTE}: {len(seated)}, a track each{ports}"


def _events(seat: PlayerChannel, notes: Sequence[Note], controls: Sequence[Control], *, plain: bool) -> list[Event]:
    player, channel = seat.player, seat.channel
    values = {_VOLUME: player.volume, _PAN: player.pan, _REVERB: player.reverb}
    if not any(control.cc == _EXPRESSION and control.tick <= 0 for control in controls):
        values[_EXPRESSION] = _FULL
    events: list[Event] = []
    if player.bank and not player.unpitched:  # the tenth channel has its kits without a bank
        events.append((0, 0, mido.Message("control_change", channel=channel, control=_BANK, value=player.bank)))
    events.append((0, 0, mido.Message("program_change", channel=channel, program=player.program)))
    events += [
        (0, 0, mido.Message("control_change", channel=channel, control=control, value=value))
        for control, value in values.items()
    ]
    for control in controls:
        message = mido.Message("control_change", channel=channel, control=control.cc, value=control.value)
        events.append((max(0, control.tick) * OFFSETS_PER_TICK, 1, message))
    for start, stop, note in _timed(notes, plain=plain):
        on = mido.Message("note_on", channel=channel, note=note.pitch, velocity=note.velocity)
        events.append((start, 3, on))
        events.append((stop, 2, mido.Message("note_off", channel=channel, note=note.pitch)))
    return events


def _timed(notes: Sequence[Note], *, plain: bool) -> list[tuple[int, int, Note]]:
    """Return onset and release of each note in the file's ticks; of notes in unison on one channel one is left."""
    timed = []
    following: dict[int, int] = {}  # onset of the next note of a pitch
    for note in sorted(notes, reverse=True):
        offset = 0 if plain else note.offset
        start = max(0, note.start * OFFSETS_PER_TICK + offset)
        stop = max(start + 1, note.end * OFFSETS_PER_TICK + min(0, offset))
        after = following.get(note.pitch)
        if after is not None and start >= after:
            continue
        following[note.pitch] = start
        timed.append((start, stop if after is None else min(stop, after), note))
    return timed[::-1]
