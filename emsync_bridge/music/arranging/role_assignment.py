"""Assignment of roles: who takes which role in a phrase, the more players the more intense it is."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from emsync_bridge.midi.players import PLAYERS
from emsync_bridge.music.arranging import patterns
from emsync_bridge.music.arranging.lines import BassStyle, InnerStyle
from emsync_bridge.music.arranging.palettes import PaletteEntry, PlayerRequest, palette_table, parse_octave_mark
from emsync_bridge.music.arranging.themes.meters import MotifMeter
from emsync_bridge.music.planning.form import Phrase
from emsync_bridge.music.planning.scenes import Character, Scene

DOUBLING, TRIPLING = 0.52, 0.74
"""Intensity from which a theme is doubled at the octave, and at two."""

_GROWTH = (0.2, 0.38, 0.48, 0.52, 0.56, 0.62, 0.68, 0.74, 0.8, 0.84, 0.88)
"""Intensities at each of which one more player joins the inner voices: 45 % of an orchestra plays in its soft bars and
86 % in its loudest (OpenScore Orchestra, 17 movements)."""

_KEPT_FIGURE, _SHARED_FIGURE = 0.9, 0.6
"""Share of statements that keep the figure under their theme, and of second themes that take over the first one's."""

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

_LOW_LEAD = 66
"""Centre under which a lead is hidden by its accompaniment unless somebody doubles it above."""

_UPPER = ("flute", "violins", "oboe", "violin", "piccolo", "synth_lead", "piano")

_LOWER = ("horns", "cellos", "violins2", "bassoon", "violin2", "viola", "organ")


@dataclass(frozen=True)
class RoleAssignment:
    """Assignment of players to the roles of a phrase.

    Arguments:
        leads: Players of the theme with octaves above or below where each plays best.
        counter: Player of the counter-melody; empty for none.
        pads: Players of the inner voices, the highest first.
        figures: Players and the names of their patterns.
        bass: Players of the bass.
        bass_style: Style of the bass.
        inner_style: Style of inner voices.
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
class EarlierRoles:
    """Roles of the phrases before one.

    Arguments:
        last: Roles of the phrase just before; None at the beginning and after a silence.
        theme: Theme that was stated last; empty before the first.
        figures: Figures that accompanied a theme in a character last, by both; under no theme those of the character.
    """

    last: RoleAssignment | None = None
    theme: str = ""
    figures: Mapping[tuple[Character, str], tuple[tuple[str, str], ...]] = field(default_factory=dict)

    def after(self, roles: RoleAssignment, phrase: Phrase, scene: Scene) -> EarlierRoles:
        """Return what is earlier once the roles of a phrase are given."""
        theme = phrase.theme or self.theme
        figures = dict(self.figures)
        if roles.figures:
            figures |= {(scene.character, theme): roles.figures, (scene.character, ""): roles.figures}
        return EarlierRoles(roles, theme, figures)

    def kept(self, character: Character, theme: str, rng: random.Random) -> tuple[tuple[str, str], ...]:
        """Return the figures that go on under a theme: its own in this character, or often those of the other theme.

        Arguments:
            character: Character of the scene.
            theme: Name of the theme.
            rng: Random numbers of the phrase.
        """
        shared = self.figures.get((character, ""), ()) if rng.random() < _SHARED_FIGURE else ()
        return self.figures.get((character, theme), shared)


def assign_roles(
    want: PlayerRequest,
    phrase: Phrase,
    scene: Scene,
    level: float,
    rng: random.Random,
    earlier: EarlierRoles,
    order: int,
) -> RoleAssignment:
    """Return who plays what in a phrase: the more intense the more players, and never all the same as just before.

    A theme mostly keeps its accompaniment through a character, as it does in written music.

    Arguments:
        want: Palette and players.
        phrase: Purpose.
        scene: Its scene.
        level: Intensity.
        rng: Random numbers of the phrase.
        earlier: Roles of the phrases before.
        order: Seeds the order of leads, the same through a piece.
    """
    entry = palette_table(want.palette, scene.character)
    before = earlier.last
    stating = bool(phrase.variant)
    leads = _leads(entry, want, phrase, level, before, order) if stating else ()
    taken = {name for name, _ in leads}
    kept = earlier.kept(scene.character, phrase.theme or earlier.theme, rng)
    figures = _figures(_Figures(entry, phrase, level, kept), want, rng, before, taken)
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
    return RoleAssignment(
        leads,
        counter,
        pads,
        figures,
        bass,
        styles[(order + phrase.scene + phrase.turn // 2) % len(styles)],
        inner[rng.randrange(len(inner))],
        groove,
        colour,
    )


def _leads(
    entry: PaletteEntry, want: PlayerRequest, phrase: Phrase, level: float, before: RoleAssignment | None, order: int
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
            found = [parse_octave_mark(word) for word in words.split()]
            found = [(name, octave) for name, octave in found if name in want.players]
            if found and (not last & {name for name, _ in found} or step == len(options) - 1):
                names = found
                break
        if not names:
            names = [
                (name, octave)
                for words in options
                for name, octave in map(parse_octave_mark, words.split())
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


@dataclass(frozen=True)
class _Figures:
    """Figures to choose from: those of a palette for a phrase of some intensity, and those that its theme had last."""

    entry: PaletteEntry
    phrase: Phrase
    level: float
    kept: tuple[tuple[str, str], ...]


def _figures(
    asked: _Figures, want: PlayerRequest, rng: random.Random, before: RoleAssignment | None, taken: set[str]
) -> tuple[tuple[str, str], ...]:
    phrase, level = asked.phrase, asked.level
    options = asked.entry.figures
    free = [
        option for option in options if option[0] in want.players and (option[0] not in taken or len(want.players) < 3)
    ]
    if not free:
        return ()
    last = set(before.figures) if before else set()
    fresh = [option for option in free if option not in last] or free
    kept = [option for option in asked.kept if option[0] in {player for player, _ in free}]
    again = bool(kept) and rng.random() < _KEPT_FIGURE
    first = kept[0] if again else _named(fresh[rng.randrange(len(fresh))], level, rng, want.meter)
    found = [first]
    others = [option for option in (kept[1:] if again else []) + fresh if option[0] != first[0]]
    if level > 0.66 and phrase.level > 0 and others and phrase.part != "intro":
        found.append(
            others[0] if again and kept[1:] else _named(others[rng.randrange(len(others))], level, rng, want.meter)
        )
    if level < 0.3 and phrase.part == "theme" and phrase.turn > 0 and rng.random() < 0.3:
        return ()
    return tuple(found)


def _named(figure: tuple[str, str], level: float, rng: random.Random, meter: MotifMeter) -> tuple[str, str]:
    """Return a figure with its pattern's own name, where any written one may serve."""
    player, kind = figure
    return player, patterns.donor_pattern(3 + 11 * level, rng, meter).name if kind == "donor" else kind


def _pads(
    entry: PaletteEntry,
    want: PlayerRequest,
    level: float,
    rng: random.Random,
    before: RoleAssignment | None,
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
    entry: PaletteEntry,
    want: PlayerRequest,
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


def _one(options: Sequence[str], want: PlayerRequest, rng: random.Random, taken: set[str], last: str) -> str:
    free = [name for name in options if name in want.players and name not in taken]
    fresh = [name for name in free if name != last] or free
    return fresh[rng.randrange(len(fresh))] if fresh else ""
