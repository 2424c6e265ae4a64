"""Palettes: which players stand at hand, and who takes which role in a phrase."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.resources import files
from typing import Any, get_args

from emsync_bridge.errors import MusicError
from emsync_bridge.midi.players import PLAYERS
from emsync_bridge.music.arranging.lines import BassStyle, InnerStyle
from emsync_bridge.music.planning.form import Phrase
from emsync_bridge.music.planning.scenes import Character, Scene
from emsync_bridge.music.streams import stream
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

DOUBLING, TRIPLING = 0.52, 0.74
"""Intensity from which a theme is doubled at the octave, and at two."""

_LOW_LEAD = 66
"""Centre under which a lead is hidden by its accompaniment unless somebody doubles it above."""

_RARE = (
    ("celesta", "glockenspiel"),
    ("piccolo", "english_horn"),
    ("tuba", "choir"),
    ("harp", "piano"),
    ("tremolo", "spiccato"),
    ("pizzicato", "choir"),
)
_ONE_OF_TWO = 0.8
"""Share of the pairs of which one rests through a piece."""

_GROWTH = (0.2, 0.4, 0.5, 0.55, 0.6, 0.65, 0.7, 0.76, 0.81)
"""Intensities at each of which one more player joins the inner voices: 45 % of an orchestra plays in its soft bars and
86 % in its loudest (OpenScore Orchestra, 17 movements)."""

_REINFORCING = (
    "violas",
    "clarinet",
    "bassoon",
    "horns",
    "oboe",
    "violins2",
    "low_brass",
    "cellos",
    "trumpets",
    "flute",
)

_UPPER = ("flute", "violins", "oboe", "violin", "piccolo", "synth_lead", "piano")
_LOWER = ("horns", "cellos", "violins2", "bassoon", "violin2", "viola", "organ")


@dataclass(frozen=True)
class Scoring:
    """Who plays what in a phrase.

    Arguments:
        leads: Players of the theme with octaves above or below where each plays best.
        counter: Player of the counter-melody; empty for none.
        pads: Players of the inner voices, the highest first.
        figures: Players and the names of their patterns.
        bass: Players of the bass.
        bass_style: How the bass moves.
        inner_style: How inner voices are held.
        groove: Name of the groove; empty for none.
        colour: Player that touches the theme's first notes; empty for none.
    """

    leads: tuple[tuple[str, int], ...]
    counter: str
    pads: tuple[str, ...]
    figures: tuple[tuple[str, str], ...]
    bass: tuple[str, ...]
    bass_style: BassStyle
    inner_style: InnerStyle
    groove: str
    colour: str


@dataclass(frozen=True)
class Wanted:
    """What is asked of the scoring.

    Arguments:
        palette: Name of the palette.
        lead: Player of all themes; empty to let them change.
        players: Who may play.
    """

    palette: PaletteName
    lead: str
    players: frozenset[str]


@dataclass(frozen=True)
class Entry:
    """What a palette has for a character.

    Arguments:
        leads: Players of a theme, several as one string; ``^`` and ``v`` mean an octave above or below the first.
        counters: Players of a counter-melody.
        pads: Players of inner voices, the highest first.
        figures: Players and the names of patterns; ``donor`` is a written one.
        bass: Players of the bass, several as one string.
        bass_styles: How the bass may move.
        inner_styles: How inner voices may be held.
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
        found = {_marked(word)[0] for word in words} | {*self.counters, *self.colours}
        return found | {name for pad in self.pads for name in pad} | {name for name, _ in self.figures}


@lru_cache(maxsize=1)
def _tables() -> Mapping[str, Mapping[str, Entry]]:
    text = files("emsync_bridge.music.arranging").joinpath("palettes.json").read_text(encoding="utf-8")
    return {
        palette: {character: _entry(values) for character, values in entries.items()}
        for palette, entries in json.loads(text).items()
    }


def _entry(values: Mapping[str, Any]) -> Entry:
    return Entry(
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


def table(palette: PaletteName, character: Character) -> Entry:
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
        raise MusicError(f"There is no palette {name!r}", hint=f"Choose from {', '.join(PALETTES)}")
    return found


def wanted(palette: PaletteName, without: Sequence[str], lead: str) -> Wanted:
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
            raise MusicError(f"There is no player or family {name!r}", hint=f"Choose from {', '.join(sorted(kinds))}")
    if lead and (lead not in PLAYERS or PLAYERS[lead].unpitched):
        melodic = ", ".join(name for name, player in PLAYERS.items() if not player.unpitched)
        raise MusicError(f"No player {lead!r} can lead a theme", hint=f"Choose from {melodic}")
    out = set(without)
    players = frozenset(
        name
        for name in players_of(palette) | ({lead} if lead else set())
        if not out & {name, PLAYERS[name].family, PLAYERS[name].group}
    )
    if not any(not PLAYERS[name].unpitched and PLAYERS[name].voices > 1 for name in players):
        raise MusicError(
            "A hit needs a chord, and nobody is left to play one",
            hint=f"The {palette} palette has {', '.join(sorted(players_of(palette)))}",
        )
    return Wanted(palette, lead, players)


def with_own_colours(want: Wanted, seed: int) -> Wanted:
    """Return who may play in one piece: of some pairs of rare colours only one, so that a piece has its own sound.

    Arguments:
        want: Everybody at hand.
        seed: Of the piece.
    """
    rng = stream(seed, "colours")
    out = {pair[rng.randrange(2)] for pair in _RARE if rng.random() < _ONE_OF_TWO and set(pair) <= want.players}
    return replace(want, players=want.players - (out - {want.lead}))


def scoring(
    want: Wanted, phrase: Phrase, scene: Scene, level: float, rng: random.Random, before: Scoring | None, order: int
) -> Scoring:
    """Return who plays what in a phrase: the more intense the more players, and never the same as just before.

    Arguments:
        want: Palette and players.
        phrase: What it is for.
        scene: Its scene.
        level: Intensity.
        rng: Of the phrase.
        before: Scoring of the phrase before.
        order: Seeds the order of leads, the same through a piece.
    """
    entry = table(want.palette, scene.character)
    stating = bool(phrase.variant)
    leads = _leads(entry, want, phrase, level, before, order) if stating else ()
    taken = {name for name, _ in leads}
    figures = _figures(entry, want, level, rng, before, taken, phrase)
    taken |= {name for name, _ in figures}
    pads = _pads(entry, want, level, rng, before, taken, phrase)
    taken |= set(pads)
    counter = ""
    if stating and phrase.part == "theme" and level >= 0.28 and (phrase.turn > 0 or level > 0.6) and rng.random() < 0.8:
        counter = _one(entry.counters, want, rng, taken, before.counter if before else "")
    taken |= {counter}
    bass = _bass(entry, want, level, rng, taken, phrase)
    groove = ""
    grooves = entry.grooves
    if grooves and (level >= 0.6 or (level >= 0.4 and phrase.level > 0)) and phrase.part != "intro":
        groove = grooves[(order + phrase.scene + phrase.level) % len(grooves)]
    colour = ""
    if stating and rng.random() < 0.18:
        colour = _one(entry.colours, want, rng, taken, "")
    styles = entry.bass_styles
    inner = entry.inner_styles
    return Scoring(
        leads,
        counter,
        pads,
        figures,
        bass,
        styles[(order + phrase.scene + phrase.turn) % len(styles)],
        inner[rng.randrange(len(inner))],
        groove,
        colour,
    )


def _leads(
    entry: Entry, want: Wanted, phrase: Phrase, level: float, before: Scoring | None, order: int
) -> tuple[tuple[str, int], ...]:
    """Return the players of a theme: another colour at every statement, more octaves the louder it is."""
    if want.lead:
        names = [(want.lead, 0)]
    else:
        options = list(entry.leads)
        options = random.Random(order + phrase.scene).sample(options, len(options))
        last = {name for name, _ in before.leads} if before else set()
        names = []
        for step in range(len(options)):
            words = options[(phrase.turn + phrase.scene + step) % len(options)]
            found = [_marked(word) for word in words.split()]
            found = [(name, octave) for name, octave in found if name in want.players]
            if found and (not last & {name for name, _ in found} or step == len(options) - 1):
                names = found
                break
        if not names:
            names = [
                (name, octave)
                for words in options
                for name, octave in map(_marked, words.split())
                if name in want.players
            ][:1]
    if not names:
        names = [(name, 0) for name in sorted(want.players) if not PLAYERS[name].unpitched][:1]
    have = {name for name, _ in names}
    low = max(PLAYERS[name].center + 12 * octave for name, octave in names) < _LOW_LEAD
    if (
        level >= (DOUBLING - 0.2 if low else DOUBLING)
        and len(names) < 3
        and phrase.variant not in ("fragment", "answer")
    ):
        upper = [name for name in _UPPER if name in want.players - have and PLAYERS[name].center > 70]
        names += [(upper[(order + phrase.turn) % len(upper)], 1)] if upper else []
    have = {name for name, _ in names}
    if level >= TRIPLING and len(names) < 4:
        lower = [name for name in _LOWER if name in want.players - have]
        names += [(lower[(order + phrase.turn) % len(lower)], -1)] if lower else []
    return tuple(names)


def _marked(word: str) -> tuple[str, int]:
    """Return a player and the octave that a mark after it means."""
    if word in PLAYERS:
        return word, 0
    return word[:-1], 1 if word[-1] == "^" else -1


def _figures(
    entry: Entry,
    want: Wanted,
    level: float,
    rng: random.Random,
    before: Scoring | None,
    taken: set[str],
    phrase: Phrase,
) -> tuple[tuple[str, str], ...]:
    options = entry.figures
    free = [
        option for option in options if option[0] in want.players and (option[0] not in taken or len(want.players) < 3)
    ]
    if not free:
        return ()
    last = set(before.figures) if before else set()
    fresh = [option for option in free if option not in last] or free
    first = fresh[rng.randrange(len(fresh))]
    found = [first]
    others = [option for option in fresh if option[0] != first[0]]
    if level > 0.66 and phrase.level > 0 and others and phrase.part != "intro":
        found.append(others[rng.randrange(len(others))])
    if level < 0.3 and phrase.part == "theme" and phrase.turn > 0 and rng.random() < 0.3:
        return ()
    return tuple(found)


def _pads(
    entry: Entry,
    want: Wanted,
    level: float,
    rng: random.Random,
    before: Scoring | None,
    taken: set[str],
    phrase: Phrase,
) -> tuple[str, ...]:
    if phrase.part == "theme" and level < 0.26 and rng.random() < 0.3:
        return ()
    if phrase.part == "intro" and rng.random() < 0.5:
        return ()
    options = [[name for name in pad if name in want.players and name not in taken] for pad in entry.pads]
    options = [pad for pad in options if pad]
    if not options:
        return ()
    last = set(before.pads) if before else set()
    fresh = [pad for pad in options if set(pad) != last] or options
    found = list(fresh[rng.randrange(len(fresh))])
    more = [name for pad in options for name in pad]
    more += [name for name in _REINFORCING if name in want.players and name not in taken]
    more = [name for name in dict.fromkeys(more) if name not in found]
    return tuple(found + more[: sum(level >= step for step in _GROWTH)])


def _bass(
    entry: Entry,
    want: Wanted,
    level: float,
    rng: random.Random,
    taken: set[str],
    phrase: Phrase,
) -> tuple[str, ...]:
    options = [[name for name in words.split() if name in want.players] for words in entry.bass]
    options = [option for option in options if option]
    free = [option for option in options if not taken & set(option)] or [
        [name for name in option if name not in taken] for option in options
    ]
    free = [option for option in free if option]
    if not free or (phrase.part == "intro" and level < 0.3 and rng.random() < 0.4):
        return () if len(want.players) > 2 else tuple(options[0] if options else ())
    found = list(free[rng.randrange(len(free))])
    if level > 0.45 and len(found) == 1:
        partner = {"basses": "cellos", "cellos": "basses", "cello": "", "bassoon": "basses"}.get(found[0], "")
        if partner in want.players - taken:
            found.append(partner)
    return tuple(found)


def _one(options: Sequence[str], want: Wanted, rng: random.Random, taken: set[str], last: str) -> str:
    free = [name for name in options if name in want.players and name not in taken]
    fresh = [name for name in free if name != last] or free
    return fresh[rng.randrange(len(fresh))] if fresh else ""
