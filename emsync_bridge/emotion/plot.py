"""The emotion curve drawn over pictures of the shots, with the reasons."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from emsync_bridge.cue import EmotionCurve, EmotionSpan, Shot, Spotting
from emsync_bridge.drawing_fonts import fit_fonts
from emsync_bridge.emotion.reasons import UNCLEAR, certainty_text, label_of
from emsync_bridge.errors import MediaError
from emsync_bridge.files.atomic import replacing
from emsync_bridge.picture.frames import Frame, sample_frames
from emsync_bridge.picture.probe import MediaInfo, probe
from emsync_bridge.picture.relink import MediaSpan, Relinked

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDTH, DPI = 16.0, 110

SHOTS_PER_ROW = 10

MAX_ROWS = 24
"""Rows of shots; a longer timeline gets more shots into a row."""

MAX_PICTURES = 300

TALL = 90
"""Pixels of a picture's height."""

VALENCE, AROUSAL = "#1b7f79", "#c8553d"

LEAST_COLUMNS = 12
"""Letters that must fit below a span for its text to be written."""

MAX_LINES = 8

_EMPTY, _INK, _FAINT = "#e4e6e8", "#24292e", "#9aa0a6"


def plot_curve(spotting: Spotting, relinked: Relinked, curve: EmotionCurve, out: Path) -> None:
    """Draw a curve as a PNG.

    A picture of each shot; below it valence and arousal with their errors against timecode, and why.

    Arguments:
        spotting: The cut.
        relinked: The medium of each of its shots.
        curve: Curve that was felt.
        out: The picture to write.

    Raises:
        OutputError: It cannot be written.
    """
    from matplotlib.figure import Figure

    rows = _rows(spotting)
    pictures = _pictures(spotting.shots, relinked)
    figure = Figure(figsize=(WIDTH, 0.7 + 3.9 * len(rows)), dpi=DPI, facecolor="white")
    grid = figure.add_gridspec(
        nrows=4 * len(rows),
        height_ratios=[1.0, 0.85, 0.85, 1.0] * len(rows),
        left=0.06,
        right=0.99,
        top=1 - 0.45 / figure.get_figheight(),
        bottom=0.25 / figure.get_figheight(),
        hspace=0.12,
    )
    figure.suptitle(
        f"{spotting.name}: mood of {len(spotting.shots)} shots", x=0.045, ha="left", color=_INK, fontsize=12
    )
    cuts = [shot.start for shot in spotting.shots]
    for row, (start, end) in enumerate(rows):
        top, above, under, below = (figure.add_subplot(grid[4 * row + i]) for i in range(4))
        for axes in (top, above, under, below):
            axes.set_xlim(start, end)
        _draw_shots(top, spotting.shots, pictures, (start, end))
        for index, axes in enumerate((above, under)):
            _draw_axis(axes, curve.spans, cuts, (start, end), index)
        _label_time(under, spotting, (start, end))
        _draw_reasons(below, curve.spans, (start, end))
    fit_fonts(figure)
    with replacing(out) as draft:
        figure.savefig(draft, format="png")


def _label_time(axes: Axes, spotting: Spotting, reach: tuple[float, float]) -> None:
    """Label the axis of time with the timeline's own timecode."""

    def timecode(seconds: float, _: object) -> str:
        return spotting.timecode_at(max(0.0, seconds))

    axes.tick_params(labelbottom=True)
    axes.xaxis.set_major_formatter(timecode)
    axes.set_xlim(*reach)


def _rows(spotting: Spotting) -> list[tuple[float, float]]:
    count = min(MAX_ROWS, max(1, math.ceil(len(spotting.shots) / SHOTS_PER_ROW)))
    length = max(spotting.duration, 0.04) / count
    return [(i * length, (i + 1) * length) for i in range(count)]


def _pictures(shots: Sequence[Shot], relinked: Relinked) -> dict[int, Frame]:
    """Return the middle frame of each shot that has one; of a very long list, of shots at regular distances."""
    every = math.ceil(len(shots) / MAX_PICTURES) or 1
    known: dict[Path, MediaInfo | None] = {}
    pictures = {}
    for index, (shot, source) in enumerate(zip(shots, relinked.sources, strict=True)):
        if source is not None and index % every == 0:
            try:
                if source.path not in known:
                    known[source.path] = None
                    known[source.path] = probe(source.path)
                if frame := _picture(shot, source, known[source.path]):
                    pictures[index] = frame[0]
            except MediaError:
                continue
    return pictures


def _picture(shot: Shot, source: MediaSpan, info: MediaInfo | None) -> list[Frame]:
    if info is None or not info.has_picture:
        return []
    end = source.end if source.end is not None else source.start + shot.duration
    middle = (source.start + end) / 2
    width = max(16, round(TALL * info.width / max(1, info.height)))
    frames = sample_frames(info, middle, middle + 0.5, fps=2, width=min(width, 4 * TALL), height=TALL)
    return [frame for _, frame in frames]


def _draw_shots(axes: Axes, shots: Sequence[Shot], pictures: dict[int, Frame], reach: tuple[float, float]) -> None:
    axes.axis("off")
    axes.set_ylim(0, 1)
    axes.set_facecolor(_EMPTY)
    axes.axhspan(0, 1, color=_EMPTY, lw=0)
    box = axes.get_window_extent()
    seconds_per_pixel = (reach[1] - reach[0]) / box.width
    inside = [index for index, shot in enumerate(shots) if shot.end > reach[0] and shot.start < reach[1]]
    for index in inside:
        start, end = max(shots[index].start, reach[0]), min(shots[index].end, reach[1])
        frame = pictures.get(index)
        if frame is None or end <= start:
            continue
        # as much of the picture's middle as fits between the cuts
        wide = frame.shape[1] / frame.shape[0] * box.height * seconds_per_pixel
        shown = min(wide, end - start)
        cropped = min((frame.shape[1] - 1) // 2, round(frame.shape[1] * (1 - shown / wide) / 2))
        part = frame[:, cropped : frame.shape[1] - cropped]
        axes.imshow(part, extent=(start, start + shown, 0, 1), aspect="auto", interpolation="bilinear", zorder=2)
    axes.vlines([shots[index].start for index in inside], 0, 1, color="white", lw=2, zorder=3)
    axes.set_xlim(*reach)


def _draw_axis(
    axes: Axes, spans: Sequence[EmotionSpan], cuts: Sequence[float], reach: tuple[float, float], which: int
) -> None:
    """Draw valence (0) or arousal (1) with its error; what the user set has no error and a heavier line."""
    name, colour = (("valence", VALENCE), ("arousal", AROUSAL))[which]
    axes.set_ylim(-1, 1)
    axes.axhline(0, color=_FAINT, lw=0.6)
    axes.set_yticks([-1, 0, 1])
    axes.set_ylabel(name, fontsize=8, color=colour)
    axes.tick_params(labelsize=7, colors=_INK, length=2, labelbottom=False)
    axes.vlines([cut for cut in cuts if reach[0] <= cut < reach[1]], -1, 1, color=_FAINT, lw=0.4, alpha=0.6)
    for span in (span for span in spans if span.end > reach[0] and span.start < reach[1]):
        if span.silence:
            axes.axvspan(span.start, span.end, facecolor="none", edgecolor=_FAINT, hatch="///", lw=0)
            continue
        value = (span.affect.valence, span.affect.arousal)[which]
        own = span.ordered[which]
        if not own:
            low, high = value - span.sigma[which], value + span.sigma[which]
            axes.fill_between([span.start, span.end], low, high, color=colour, alpha=0.16, lw=0)
        axes.hlines(value, span.start, span.end, color=colour, lw=3.4 if own else 2.2)
    axes.set_xlim(*reach)


def _draw_reasons(axes: Axes, spans: Sequence[EmotionSpan], reach: tuple[float, float]) -> None:
    axes.axis("off")
    axes.set_ylim(0, 1)
    inches = WIDTH * 0.945 / (reach[1] - reach[0])
    for span in spans:
        start, end = max(span.start, reach[0]), min(span.end, reach[1])
        columns = int((end - start) * inches / 0.068)  # a letter of this size is about so many inches wide
        if columns < LEAST_COLUMNS or span.end <= reach[0]:
            continue
        head = "silence" if span.silence else f"{span.affect.valence:+.2f}, {span.affect.arousal:+.2f}"
        lines = [] if span.silence else [certainty_text(span)]
        if not span.silence:
            lines += [label] if (label := label_of(span)) != UNCLEAR else []
        lines += [span.reason]
        wrapped = [piece for line in lines for piece in textwrap.wrap(line, columns, max_lines=3, placeholder="\u2026")]
        axes.text(
            start,
            0.72,
            "\n".join([head[:columns], *wrapped][:MAX_LINES]),
            fontsize=6.5,
            color=_INK,
            va="top",
            parse_math=False,
            clip_on=True,
        )
    axes.set_xlim(*reach)
