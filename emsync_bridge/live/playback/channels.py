"""MIDI channels of the parts: an instrument group, a player or a family each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from emsync_bridge.cue import Control, Note, Take
from emsync_bridge.live.events import Midi
from emsync_bridge.midi.general_midi import CHANNELS, DRUM_CHANNEL, PROGRAMS
from emsync_bridge.midi.player_tracks import is_arranged, player_of
from emsync_bridge.midi.players import FAMILIES, PLAYERS, Player

ChannelMode = Literal["player", "family"]
CHANNEL_MODES: tuple[ChannelMode, ...] = ("player", "family")

_PITCHED = tuple(channel for channel in range(16) if channel != DRUM_CHANNEL)
_VOLUME, _PAN, _EXPRESSION = 7, 10, 11
_FAMILY_CHANNELS = {
    family: (DRUM_CHANNEL if family == "drums" else _PITCHED[place]) for place, family in enumerate(FAMILIES)
}


@dataclass
class ChannelPlan:
    """Gives every note its channel; a player keeps the one that it was given first.

    A port has fifteen channels for pitched players. Further ones play on the channel of the player that can take their
    notes, or of one of their family.

    Arguments:
        mode: Whether each player has a channel, or each family.
    """

    mode: ChannelMode = "player"
    _given: dict[str, int] = field(default_factory=dict)

    def prepare(self, take: Take) -> None:
        """Give channels to the players of a take in the order of a score, those with the fewest notes last."""
        if not is_arranged(take):
            return
        counts = Counter(player_of(note) for note in take.notes)
        new = [player for player in counts if player.name not in self._given and not player.unpitched]
        free = len(_PITCHED) - len(set(self._given.values()) - {DRUM_CHANNEL})
        first = sorted(new, key=lambda player: -counts[player])[:free]
        order = list(PLAYERS)
        for player in sorted(first, key=lambda player: order.index(player.name)):
            self.channel(player)
        for player in counts:
            self.channel(player)

    def channel(self, player: Player) -> int:
        """Return the channel of a player."""
        if self.mode == "family":
            return DRUM_CHANNEL if player.unpitched else _FAMILY_CHANNELS[player.family]
        if player.name not in self._given:
            self._given[player.name] = DRUM_CHANNEL if player.unpitched else self._next(player)
        return self._given[player.name]

    def of(self, note: Note, *, arranged: bool) -> int:
        """Return the channel of a note.

        Arguments:
            note: The note.
            arranged: Whether its take names players.
        """
        return self.channel(player_of(note)) if arranged else CHANNELS[note.instrument]

    def names(self, take: Take) -> tuple[tuple[str, int], ...]:
        """Return name and channel of all that plays in a take: groups, players or families."""
        if not is_arranged(take):
            used = {note.instrument for note in take.notes}
            return tuple((instrument, channel) for instrument, channel in CHANNELS.items() if instrument in used)
        players = {player_of(note) for note in take.notes}
        found = [(player.name, self.channel(player)) for player in PLAYERS.values() if player in players]
        return tuple({channel: (name, channel) for name, channel in reversed(found)}.values())[::-1]

    def controls(self, controls: Iterable[Control], seconds: dict[int, float]) -> list[tuple[float, Midi]]:
        """Return controllers as messages in seconds; where players share a channel the highest value holds.

        Arguments:
            controls: Controls in order of tick.
            seconds: Time of every tick that is needed.
        """
        latest: dict[tuple[int, int], dict[str, int]] = {}
        sent: dict[tuple[int, int], int] = {}
        messages = []
        for control in controls:
            player = PLAYERS.get(control.player)
            if player is None or player.unpitched:
                continue
            key = self.channel(player), control.cc
            values = latest.setdefault(key, {})
            values[control.player] = control.value
            value = max(values.values())
            if sent.get(key) != value:
                sent[key] = value
                messages.append((seconds[control.tick], Midi(bytes((0xB0 | key[0], key[1], value)))))
        return messages

    def _next(self, player: Player) -> int:
        taken = set(self._given.values())
        free = next((channel for channel in _PITCHED if channel not in taken), None)
        if free is not None:
            return free
        if player.fold in self._given:
            return self._given[player.fold]
        kin = (name for name in self._given if PLAYERS[name].family == player.family)
        return self._given[next(kin, next(name for name in self._given if not PLAYERS[name].unpitched))]


def program_messages(channels: Iterable[tuple[str, int]]) -> Iterator[Midi]:
    """Yield what chooses each channel's General MIDI sound: bank 0, program, volume, pan, expression.

    Arguments:
        channels: Name of a group or a player, and its channel.
    """
    for name, channel in channels:
        player = PLAYERS.get(name) if name not in PROGRAMS else None
        for controller, value in ((0, 0), (32, 0)):
            yield Midi(bytes((0xB0 | channel, controller, value)))
        yield Midi(bytes((0xC0 | channel, PROGRAMS[name] if player is None else player.program)))
        volume, pan = (100, 64) if player is None or player.unpitched else (player.volume, player.pan)
        for controller, value in ((_VOLUME, volume), (_PAN, pan), (_EXPRESSION, 127 if player is None else 100)):
            yield Midi(bytes((0xB0 | channel, controller, value)))
