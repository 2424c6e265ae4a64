"""Palettes: which players stand at hand for a character, and what they may play."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.resources import files
from typing import Any, get_args

from emsync_bridge.errors import MusicError, did_you_mean
from emsync_bridge.midi.players import PLAYERS
from emsync_bridge.music.arranging.lines import BassStyle, InnerStyle
from emsync_bridge.music.arranging.themes.meters import MotifMeter
from emsync_bridge.music.planning.scenes import Character
from emsync_bridge.music.random_streams import stream
from emsync_bridge.options import PaletteName

PALETTES: tuple[PaletteName, ...] = get_args(PaletteName)

_GROUPS: dict[Character, str] = {
    "calm": "quiet", "warm": "quiet", "sad": "quiet", "neutral": "quiet",
    "tension": "dark", "fear": "dark",
    "joy": "lively", "triumph": "lively", "action": "lively", "drive": "lively",
}  # fmt: skip

_PERCUSSION = ("timpani", "taiko", "snare", "cymbals", "bass_drum", "percussion")
_EXTRA: dict[PaletteName, tuple[str, ...]] = {
    "orchestra": (*_PERCUSSION, "harp", "piano", "celesta", "glockenspiel"),
    "hybrid": (*_PERCUSSION, "piano", "drum_kit"),
    "strings": ("harp",),
    "band": ("drum_kit",),
    "synth": ("drum_kit", "taiko", "cymbals"),
    "minimal": ("percussion", "bass_drum"),
    "chamber": (),
    "piano": (),
}


_COLOURS: tuple[tuple[int, tuple[str, ...]], ...] = (
    (1, ("celesta", "glockenspiel")),
    (1, ("piccolo", "english_horn")),
    (1, ("tuba", "choir")),
    (1, ("harp", "piano")),
    (2, ("pizzicato", "spiccato", "tremolo")),
)
"""Groups of colours, and how many of each play in one piece: an orchestral movement has ten different sounds."""

_SHORT_COLOURS: tuple[tuple[int, tuple[str, ...]], ...] = (
    (1, ("celesta", "glockenspiel", "harp", "piano")),
    (1, ("pizzicato", "spiccato", "tremolo")),
    (1, ("clarinet", "oboe")),
)
_SHORT = 130.0
"""Seconds under which a piece is too short for more colours to be heard in turn."""

_FITTING: dict[Character, tuple[PaletteName, ...]] = {
    "calm": ("orchestra", "chamber", "strings", "piano", "minimal"),
    "warm": ("orchestra", "chamber", "strings", "piano"),
    "sad": ("orchestra", "chamber", "strings", "piano"),
    "neutral": ("orchestra", "chamber", "strings", "minimal"),
    "tension": ("orchestra", "hybrid", "strings"),
    "fear": ("orchestra", "hybrid", "strings"),
    "joy": ("orchestra", "chamber", "strings"),
    "triumph": ("orchestra",),
    "action": ("orchestra", "hybrid"),
    "drive": ("orchestra", "hybrid"),
}  # fmt: skip
"""Palettes that suit a scene's character, where none is asked for."""


@dataclass(frozen=True)
class PlayerRequest:
    """Request for the scoring: palette, lead, players and meter.

    Arguments:
        palette: Name of the palette.
        lead: Player of all themes; empty to let them change.
        players: Players that may be used.
        meter: Meter of figures of accompaniment.
    """

    palette: PaletteName
    lead: str
    players: frozenset[str]
    meter: MotifMeter = "4/4"


@dataclass(frozen=True)
class PaletteEntry:
    """Entry of a palette for one character: players and patterns by role.

    Arguments:
        leads: Players of a theme, several as one string; ``^`` and ``v`` mean an octave above or below the first.
        counters: Players of a counter-melody.
        pads: Players of inner voices, the highest first.
        figures: Players and the names of patterns; ``donor`` is a written one.
        bass: Players of the bass, several as one string.
        bass_styles: Way in which the bass may move.
        inner_styles: Ways in which inner voices may be held.
        colours: Players that touch a theme's first notes.
        grooves: Names of grooves.
    """

    leads: tuple[str, ...]
    counters: tuple[str, ...]
    pads: tuple[tuple[str, ...], ...]
    figures: tuple[tuple[str, str], ...]
    bass: tuple[str, ...]
    bass_styles: tuple[BassStyle, ...]
    inner_styles: tuple[InnerStyle, ...]
    colours: tuple[str, ...]
    grooves: tuple[str, ...]

    @property
    def players(self) -> set[str]:
        """All players that it names."""
        words = [word for words in (*self.leads, *self.bass) for word in words.split()]
        found = {parse_octave_mark(word)[0] for word in words} | {*self.counters, *self.colours}
        return found | {name for pad in self.pads for name in pad} | {name for name, _ in self.figures}


@lru_cache(maxsize=1)
def _tables() -> Mapping[str, Mapping[str, PaletteEntry]]:
    text = files("emsync_bridge.music.arranging").joinpath("palettes.json").read_text(encoding="utf-8")
    return {
        palette: {character: _entry(values) for character, values in entries.items()}
        for palette, entries in json.loads(text).items()
    }


def _entry(values: Mapping[str, Any]) -> PaletteEntry:
    return PaletteEntry(
        leads=tuple(values["leads"]),
        counters=tuple(values["counters"]),
        pads=tuple(tuple(pad) for pad in values["pads"]),
        figures=tuple((player, kind) for player, kind in values["figures"]),
        bass=tuple(values["bass"]),
        bass_styles=tuple(values["bass_styles"]),
        inner_styles=tuple(values["inner_styles"]),
        colours=tuple(values["colours"]),
        grooves=tuple(values["grooves"]),
    )


def palette_table(palette: PaletteName, character: Character) -> PaletteEntry:
    """Return a palette's entry for a character."""
    entries = _tables()[palette]
    return entries[character if character in entries else _GROUPS[character]]


@lru_cache(maxsize=16)
def players_of(palette: PaletteName) -> frozenset[str]:
    """Return all players of a palette."""
    named = {name for entry in _tables()[palette].values() for name in entry.players}
    return frozenset(named | set(_EXTRA[palette]))


def palette_named(name: str) -> PaletteName:
    """Return the palette of a name.

    Raises:
        MusicError: There is none.
    """
    found = next((palette for palette in PALETTES if palette == name.casefold()), None)
    if found is None:
        raise MusicError(f"{name!r} is not a palette", hint=f"Choose from {', '.join(PALETTES)}")
    return found


def fitting_palette(characters: Iterable[Character], cut: str) -> PaletteName:
    """Return the palette of a cut for which none is asked: one that suits all its scenes, always the same.

    Arguments:
        characters: Characters of the scenes with music.
        cut: Fingerprint of the cut.
    """
    suiting = [set(_FITTING[character]) for character in characters]
    # An orchestra can do everything, so it is as likely again as each of the others.
    fitting: list[PaletteName] = ["orchestra", *(name for name in PALETTES if all(name in names for names in suiting))]
    return fitting[stream(0, "palette", cut).randrange(len(fitting))]


def player_request(palette: PaletteName, without: Sequence[str], lead: str) -> PlayerRequest:
    """Return who may play.

    Arguments:
        palette: Name of the palette.
        without: Players, families or instrument groups that are silent.
        lead: Player of all themes, added where the palette lacks it; empty to let them change.

    Raises:
        MusicError: There is no such player, or nobody is left to play a chord.
    """
    kinds = {kind for player in PLAYERS.values() for kind in (player.name, player.family, player.group)}
    for name in without:
        if name not in kinds:
            guess = did_you_mean(name, sorted(kinds))
            raise MusicError(
                f"{name!r} is not a player or family",
                hint=f"{guess}Choose from {', '.join(sorted(kinds))}",
                setting="without",
            )
    if lead and (lead not in PLAYERS or PLAYERS[lead].unpitched):
        melodic = [name for name, player in PLAYERS.items() if not player.unpitched]
        raise MusicError(
            f"No player {lead!r} can lead a theme",
            hint=f"{did_you_mean(lead, melodic)}Choose from {', '.join(melodic)}",
            setting="lead",
        )
    out = set(without)
    players = frozenset(
        name
        for name in players_of(palette) | ({lead} if lead else set())
        if not out & {name, PLAYERS[name].family, PLAYERS[name].group}
    )
    if not any(not PLAYERS[name].unpitched and PLAYERS[name].voices > 1 for name in players):
        named = ", ".join(sorted(players_of(palette)))
        raise MusicError(
            "A hit needs a chord, and nobody is left to play one",
            hint=f"Leave fewer out or name other instruments; the {palette} palette has {named}",
            setting="without",
        )
    return PlayerRequest(palette, lead, players)


def with_own_colours(want: PlayerRequest, seed: int, seconds: float) -> PlayerRequest:
    """Return who may play in one piece: a few colours out of each group, so that a piece has its own sound.

    Arguments:
        want: Players at hand.
        seed: Seed of the piece.
        seconds: Length of the piece.
    """
    rng = stream(seed, "colours")
    out: set[str] = set()
    for kept, group in (*_COLOURS, *(_SHORT_COLOURS if seconds < _SHORT else ())):
        at_hand = [name for name in group if name in want.players - out]
        out |= set(rng.sample(at_hand, max(0, len(at_hand) - kept)))
    return replace(want, players=want.players - (out - {want.lead}))


def parse_octave_mark(word: str) -> tuple[str, int]:
    """Return a player and the octave that a mark after it means."""
    if word in PLAYERS:
        return word, 0
    return word[:-1], 1 if word[-1] == "^" else -1
