"""One picture of what was decided: shots, hit points, mood, tempo and notes over the timeline's timecode."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emsync_bridge.cue import INSTRUMENTS, Cue
from emsync_bridge.drawing_fonts import fit_fonts
from emsync_bridge.files.atomic import replacing
from emsync_bridge.midi.player_tracks import is_arranged
from emsync_bridge.render.chart import rows as chart_rows
from emsync_bridge.render.chart import score_rows
from emsync_bridge.render.chart.scale import ALARM, COLOURS, FAINT, INK, PAPER, SOFT, Scale, one_line

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_WIDTH, _DPI = 16.0, 120
_LEFT, _RIGHT = 0.85, 1.6  # inches beside the rows
_TOP, _BOTTOM, _GAP = 0.75, 0.45, 0.07

_Row = tuple[str, float, Callable[["Axes", Cue, Scale], None], list[tuple[str, str, str]]]

_HITS: list[tuple[str, str, str]] = [
    ("\u25bc", "cut", INK),
    ("\u25c6", "transition", COLOURS["transition"]),
    ("\u2605", "marker", COLOURS["marker"]),
    ("\u25bc", "thinned out", "#b9bec4"),
]
_MOOD = [
    ("\u2501", "valence", COLOURS["valence"]),
    ("\u2505", "arousal", COLOURS["arousal"]),
    ("\u2591", "\u00b1 1 \u03c3", SOFT),
    ("\u2583", "confidence", INK),
]
_ANSWERS = [
    ("\u25cf", "within half a frame", COLOURS["piano"]),
    ("\u25cf", "beyond", ALARM),
    ("\u00d7", "in silence", SOFT),
]
_PICTURE_ROWS: list[_Row] = [
    ("hit points", 1.25, chart_rows.draw_hits, _HITS),
    ("shots", 0.42, chart_rows.draw_shots, []),
    ("mood", 2.1, chart_rows.draw_emotion, _MOOD),
]
_FORM = [("\u25a0", "theme", COLOURS["valence"]), ("\u25c1", "swell", COLOURS["arousal"])]


def draw_cue(cue: Cue, out: Path) -> None:
    """Draw a cue as a PNG of 1920 pixels in width.

    Arguments:
        cue: Cue with or without a take; without one the rows of the music are left out.
        out: The picture to write.

    Raises:
        OutputError: The picture cannot be written; nothing is left behind then.
    """
    with replacing(out) as draft, warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing")  # one that joins letters, such as in emoji
        figure = _drawn(cue)
        fit_fonts(figure)
        figure.savefig(draft, format="png", dpi=_DPI)


def _drawn(cue: Cue) -> Figure:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    rows = [*_PICTURE_ROWS, *(_music_rows(cue) if cue.takes else [])]
    height = _TOP + _BOTTOM + sum(row[1] for row in rows) + _GAP * (len(rows) - 1)
    figure = Figure(figsize=(_WIDTH, height), dpi=_DPI, facecolor=PAPER)
    FigureCanvasAgg(figure)
    scale = Scale(cue.spotting, (_WIDTH - _LEFT - _RIGHT) * _DPI, _DPI)

    drawn: list[Any] = []
    top = height - _TOP
    for title, size, draw, key in rows:
        place = (_LEFT / _WIDTH, (top - size) / height, 1 - (_LEFT + _RIGHT) / _WIDTH, size / height)
        axes = figure.add_axes(place)
        axes.set_xlim(0, scale.duration)
        draw(axes, cue, scale)
        _dress(axes, title)
        chart_rows.draw_key(axes, key)
        drawn.append(axes)
        top -= size + _GAP
    chart_rows.draw_guides(drawn[1:], cue, scale)
    if cue.takes:
        chart_rows.draw_bars(drawn[len(_PICTURE_ROWS) + 1 :], cue, scale)
    _time_axis(drawn[-1], scale)
    _heading(figure, cue, height)
    return figure


def _music_rows(cue: Cue) -> list[_Row]:
    """Return the rows of a take: how it meets the hits, its tempo, its form, its players and its notes."""
    result: list[_Row] = [
        ("answers\nin ms", 0.72, chart_rows.draw_answers, _ANSWERS),
        ("tempo\nin bpm", 0.72, chart_rows.draw_tempo, []),
    ]
    if score_rows.has_form(cue):
        result.append(("form", 0.8, score_rows.draw_form, _FORM))
    families = score_rows.families_key(cue)
    if is_arranged(cue.take):
        result.append(("players", 2.0, score_rows.draw_players, families))
    groups: list[tuple[str, str, str]] = [("\u25a0", name, COLOURS[name]) for name in reversed(INSTRUMENTS)]
    result.append(("notes", 3.2, chart_rows.draw_notes, [] if families else groups))
    return result


def _dress(axes: Any, title: str) -> None:
    axes.set_facecolor("none")
    axes.tick_params(axis="x", bottom=False, labelbottom=False)
    axes.tick_params(axis="y", length=0, pad=4)
    if title in ("hit points", "shots"):
        axes.set_yticks([])
    if title == "players":
        axes.tick_params(axis="y", pad=1)
    for name, spine in axes.spines.items():
        spine.set_visible(name in ("left", "bottom") and title not in ("hit points", "shots"))
        spine.set_color(FAINT)
    left = -50 if title == "players" else -34
    axes.annotate(
        title, (0, 0.5), xycoords="axes fraction", xytext=(left, 0), textcoords="offset points", rotation=90,
        ha="center", va="center", size=8.5, color=SOFT, annotation_clip=False, linespacing=1.1,
    )  # fmt: skip


def _time_axis(axes: Any, scale: Scale) -> None:
    ticks = scale.ticks()
    axes.set_xticks([time for time, _ in ticks], [text for _, text in ticks], size=8.5, color=INK, family="monospace")
    axes.tick_params(axis="x", bottom=True, labelbottom=True, length=4, color=SOFT)


def _heading(figure: Figure, cue: Cue, height: float) -> None:
    spotting = cue.spotting
    scale = Scale(spotting, 1, 1)
    at = 1 - 0.16 / height
    figure.text(
        _LEFT / _WIDTH, at, one_line(spotting.name)[:90], size=15, weight="bold", color=INK, va="top", parse_math=False
    )
    rate = f"{float(spotting.rate):.5g} fps" + (" drop frame" if spotting.drop_frame else "")
    facts = [f"{scale.timecode(0)} to {scale.timecode(spotting.frames)}", rate, f"{len(spotting.shots)} shots"]
    if cue.takes:
        take = cue.take
        tempos = [60e6 / tempo.microseconds_per_quarter for tempo in take.tempo_map.tempos]
        spread = f"{min(tempos):.0f}" if max(tempos) - min(tempos) < 1 else f"{min(tempos):.0f}-{max(tempos):.0f}"
        facts += [take.key, f"{spread} bpm", f"{len(take.notes)} notes", f"seed {take.seed}"]
    words = "   \u00b7   ".join(fact for fact in facts if fact)
    figure.text(_LEFT / _WIDTH, at - 0.31 / height, words, size=9.5, color=SOFT, va="top", parse_math=False)
    verdict, good = _verdict(cue)
    figure.text(
        1 - _RIGHT / _WIDTH, at - 0.31 / height, verdict, size=9.5, va="top", ha="right", weight="bold",
        color=COLOURS["piano"] if good else ALARM,
    )  # fmt: skip


def _verdict(cue: Cue) -> tuple[str, bool]:
    asked = len(cue.spotting.answered_hits())
    if not cue.takes:
        return f"{asked} hit points", True
    half = 500 / float(cue.spotting.rate)
    errors = [abs(answer.error_ms) for answer in cue.take.answers if answer.error_ms is not None]
    silent = sum(answer.error_ms is None for answer in cue.take.answers)
    landed = sum(error <= half for error in errors)
    words = f"{landed} of {len(errors)} hits within half a frame"
    if errors:
        words += f", worst {max(errors):.1f} ms"
    if silent:
        words += f", {silent} in silence"
    return words, landed == len(errors)
