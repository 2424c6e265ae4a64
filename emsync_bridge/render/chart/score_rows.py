"""The rows that an arranged take adds to the chart: its form and themes, swells before hits, and who plays when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emsync_bridge.cue import Cue, Gesture, Note, ShortScore
from emsync_bridge.midi.player_tracks import is_arranged, player_of
from emsync_bridge.midi.players import FAMILIES, PLAYERS
from emsync_bridge.render.chart.scale import COLOURS, FAINT, INK, PAPER, SOFT, Scale, one_line

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Box = list[tuple[float, float]]

_THEMES = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
_SWELL_HEIGHT = {"turn": 1.0, "strong": 0.7, "soft": 0.4, "bell": 0.3}
_SECTIONS, _STATEMENTS, _SWELLS = (2.05, 3.0), (1.0, 1.95), (0.0, 0.9)
_GAP = 1.5  # pixels between neighbouring boxes


def has_form(cue: Cue) -> bool:
    """Tell whether the take says what it was written from."""
    return bool(cue.takes) and cue.take.score is not None


def draw_form(axes: Axes, cue: Cue, scale: Scale) -> None:
    """Draw the parts of the form, the statements of themes below them, and swells as wedges at the foot."""
    score = cue.take.score or ShortScore()
    axes.set_ylim(_SWELLS[0], _SECTIONS[1])
    axes.set_yticks([])
    seconds = cue.take.tempo_map.seconds
    for number, section in enumerate(score.sections):
        words = " ".join(part for part in (section.label, cue.character_of(cue.take, section)) if part)
        shade = ("#e4e7ea", "#d3d9de")[number % 2]
        _labelled(axes, scale, (seconds(section.start), seconds(section.end)), _SECTIONS, words, shade)
    colours = theme_colours(score)
    for statement in score.statements:
        kind = "" if statement.kind in ("", "whole", "open") else statement.kind
        words = " ".join(part for part in (statement.theme, kind) if part)
        place = (seconds(statement.start), seconds(statement.end))
        _labelled(axes, scale, place, _STATEMENTS, words, colours.get(statement.theme, SOFT))
    _draw_swells(axes, cue, score.gestures)


def theme_colours(score: ShortScore) -> dict[str, str]:
    """Return a colour for each theme, in the order in which they appear."""
    names = [theme.name for theme in score.themes] + [statement.theme for statement in score.statements]
    return {name: _THEMES[i % len(_THEMES)] for i, name in enumerate(dict.fromkeys(names))}


def draw_players(axes: Axes, cue: Cue, scale: Scale) -> None:
    """Draw a line for each player where it sounds, in the order of a score; louder notes are darker."""
    from matplotlib.collections import PolyCollection
    from matplotlib.colors import to_rgb

    by_player: dict[str, list[Note]] = {}
    for note in cue.take.notes:
        by_player.setdefault(player_of(note).name, []).append(note)
    order = [name for name in PLAYERS if name in by_player]
    seconds = cue.take.tempo_map.seconds
    boxes: list[Box] = []
    shades = []
    for row, name in enumerate(order):
        top = len(order) - row
        red, green, blue = to_rgb(COLOURS[PLAYERS[name].family])
        for note in by_player[name]:
            start = seconds(note.start)
            end = max(seconds(note.end), start + 1.3 / scale.per_second)
            boxes.append([(start, top - 0.86), (end, top - 0.86), (end, top - 0.14), (start, top - 0.14)])
            shades.append((red, green, blue, 0.3 + 0.7 * note.velocity / 127))
    axes.add_collection(PolyCollection(boxes, facecolors=shades, linewidths=0, zorder=3))
    axes.set_ylim(0, max(1, len(order)))
    size = 7.0 if len(order) <= 14 else 5.5
    axes.set_yticks(
        [len(order) - row - 0.5 for row in range(len(order))],
        [PLAYERS[name].title for name in order],
        size=size,
        color=SOFT,
    )
    for row in range(1, len(order)):
        axes.axhline(row, color=FAINT, lw=0.4, zorder=1)


def families_key(cue: Cue) -> list[tuple[str, str, str]]:
    """Return sign, name and colour of each family that plays, in the order of a score."""
    playing = {player_of(note).family for note in cue.take.notes} if is_arranged(cue.take) else set()
    return [("■", family, COLOURS[family]) for family in FAMILIES if family in playing]


def _draw_swells(axes: Axes, cue: Cue, gestures: tuple[Gesture, ...]) -> None:
    """Draw a hairpin that opens to each prepared hit, and a line as high as the weight of each accent."""
    from matplotlib.collections import PolyCollection

    seconds = cue.take.tempo_map.seconds
    wedges: list[Box] = []
    low, high = _SWELLS
    for gesture in gestures:
        hit, size = seconds(gesture.hit), _SWELL_HEIGHT[gesture.rank]
        middle, half = (low + high) / 2, size * (high - low) / 2
        if gesture.start < gesture.hit:
            wedges.append([(seconds(gesture.start), middle), (hit, middle + half), (hit, middle - half)])
        axes.plot([hit, hit], [middle - half, middle + half], color=INK, lw=1.6, zorder=4, solid_capstyle="butt")
    axes.add_collection(PolyCollection(wedges, facecolors=COLOURS["arousal"], alpha=0.55, linewidths=0, zorder=3))


def _labelled(
    axes: Axes, scale: Scale, place: tuple[float, float], rows: tuple[float, float], words: str, colour: str
) -> None:
    """Draw a box with as much of its words as fits."""
    start, end = place
    end = max(start + 1 / scale.per_second, end - _GAP / scale.per_second)
    low, high = rows
    axes.fill([start, end, end, start], [low, low, high, high], color=colour, lw=0, zorder=3)
    size = 8.0
    text = scale.shortened(one_line(words), size, end - start - scale.width("x", size))
    dark = colour.startswith(("#d3", "#e4"))
    if text:
        axes.text(
            start + 3 / scale.per_second, (low + high) / 2, text, va="center", size=size,
            color=INK if dark else PAPER, parse_math=False, zorder=5, clip_on=True,
        )  # fmt: skip
