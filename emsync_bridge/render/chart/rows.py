"""The rows of the chart, one function each; all share the time axis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from emsync_bridge.cue import Cue, EmotionSpan
from emsync_bridge.midi.player_tracks import is_arranged, player_of
from emsync_bridge.render.chart.scale import ALARM, COLOURS, FAINT, INK, PAPER, SOFT, Scale, one_line, spread_labels

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MARKS = {"cut": "v", "transition": "D", "marker": "*", "start": "|", "end": "|"}
_MARK_SIZES = {"cut": 26, "transition": 26, "marker": 75, "start": 60, "end": 60}


def draw_hits(axes: Axes, cue: Cue, scale: Scale) -> None:
    """Draw the hit points with their timecodes; those that were thinned out are paler."""
    hits = cue.spotting.hits
    axes.set_ylim(0, 1)
    for kind, mark in _MARKS.items():
        for answered in (False, True):
            chosen = [hit for hit in hits if hit.kind == kind and hit.answered == answered]
            axes.scatter(
                [hit.time for hit in chosen],
                [0.1] * len(chosen),
                s=_MARK_SIZES[kind] * min(1.0, max(0.35, scale.pixels / 30 / max(1, len(hits)))),
                marker=mark,
                color=COLOURS.get(kind, INK),
                alpha=1.0 if answered else 0.3,
                linewidths=1,
                clip_on=False,
                zorder=4,
            )
    size = 7.5
    order = sorted(
        range(len(hits)),
        key=lambda i: (not hits[i].answered, hits[i].kind not in ("start", "end", "marker"), -hits[i].weight),
    )
    for index in spread_labels([hit.time for hit in hits], scale.height(size), first=order):
        hit = hits[index]
        name = scale.timecode(hit.frame)
        if hit.kind == "marker" and one_line(hit.name):
            name = scale.shortened(one_line(hit.name), 1, 15 * scale.width("x", 1))
        axes.text(
            hit.time, 0.26, name, rotation=90, ha="center", va="bottom", size=size, family="monospace",
            color=COLOURS.get(hit.kind, INK), alpha=0.95 if hit.answered else 0.45, parse_math=False, clip_on=False,
        )  # fmt: skip


def draw_shots(axes: Axes, cue: Cue, scale: Scale) -> None:
    """Draw the shots as a strip, with as much of their names as fits; black and titles are dark."""
    from matplotlib.collections import PolyCollection

    axes.set_ylim(0, 1)
    shots = cue.spotting.shots
    faces = ["#3c4249" if shot.media is None else ("#dfe6ec", "#cbd6df")[i % 2] for i, shot in enumerate(shots)]
    axes.add_collection(
        PolyCollection(
            [_box(shot.start, shot.end, 0.0, 1.0) for shot in shots],
            facecolors=faces,
            edgecolors=PAPER,
            linewidths=0.6 if len(shots) < scale.pixels / 8 else 0,
        )
    )
    for hit in cue.spotting.hits:
        if hit.kind == "transition" and hit.span:
            start, end = hit.span
            axes.fill([start, end, end], [0, 0, 1], color=COLOURS["transition"], alpha=0.35, lw=0)
    for number, shot in enumerate(shots, start=1):
        name = one_line(shot.name) or str(number)
        room = shot.duration - scale.width("x", 8)
        text = scale.shortened(name, 8, room)
        if len(text) < min(len(name), 7):
            text = str(number) if scale.width(str(number), 8) <= room else ""
        if text:
            middle = (shot.start + shot.end) / 2
            colour = PAPER if shot.media is None else INK
            axes.text(middle, 0.48, text, ha="center", va="center", size=8, color=colour, parse_math=False)


def draw_emotion(axes: Axes, cue: Cue, scale: Scale) -> None:
    """Draw valence and arousal with one standard deviation around them, and the confidence as a strip below."""
    spans = cue.curve.spans
    axes.set_ylim(-1.34, 1.12)
    axes.axhline(0, color=FAINT, lw=0.8, zorder=1)
    crowded = len(spans) > scale.pixels / 10
    edges = [time for span in spans for time in (span.start, span.end)]
    for which, (name, values) in enumerate(
        (("valence", [s.affect.valence for s in spans]), ("arousal", [s.affect.arousal for s in spans]))
    ):
        level = [value for value in values for _ in (0, 1)]
        spread = [span.sigma[which] for span in spans for _ in (0, 1)]
        low = [max(-1.0, value - sigma) for value, sigma in zip(level, spread, strict=True)]
        high = [min(1.0, value + sigma) for value, sigma in zip(level, spread, strict=True)]
        axes.fill_between(edges, low, high, color=COLOURS[name], alpha=0.1, lw=0, zorder=2)
        dashes = "-" if which == 0 or crowded else (0, (5, 1.4))
        axes.plot(edges, level, color=COLOURS[name], lw=0.8 if crowded else 1.9, ls=dashes, zorder=3)
    _confidence(axes, spans)
    _directives(axes, cue, scale)
    axes.set_yticks([-1, 0, 1], ["-1", "0", "+1"], size=8, color=SOFT)


def _confidence(axes: Axes, spans: Sequence[EmotionSpan]) -> None:
    from matplotlib.collections import PolyCollection

    shades = [(0.13, 0.15, 0.17, 0.06 + 0.74 * max(0.0, min(1.0, span.confidence))) for span in spans]
    boxes = [_box(span.start, span.end, -1.3, -1.16) for span in spans]
    axes.add_collection(PolyCollection(boxes, facecolors=shades, linewidths=0, zorder=2))


def _directives(axes: Axes, cue: Cue, scale: Scale) -> None:
    size = 8.0
    directives = [(directive.start, one_line(directive.text)) for directive in cue.spotting.directives]
    free = 0.0
    for start, text in sorted(directives):
        if start < free:
            continue
        shown = scale.shortened(text, size, scale.duration - start)
        axes.text(
            start, 1.02, f"\u25b8 {shown}", size=size, color=INK, va="top", style="italic", parse_math=False, zorder=6,
            bbox={"facecolor": PAPER, "alpha": 0.8, "pad": 1.2, "lw": 0},
        )  # fmt: skip
        free = start + scale.width(f"\u25b8 {shown} ", size)


def draw_answers(axes: Axes, cue: Cue, scale: Scale) -> None:
    """Draw how far from its hit point each answer lies, between half a frame early and half a frame late."""
    hits = cue.spotting.hits
    half = 500 / float(cue.spotting.rate)
    axes.set_ylim(-1.5 * half, 1.5 * half)
    axes.axhspan(-half, half, color=COLOURS["piano"], alpha=0.1, lw=0)
    axes.axhline(0, color=FAINT, lw=0.8)
    landed = [(hits[a.hit].time, a.error_ms) for a in cue.take.answers if a.error_ms is not None]
    missed = [hits[a.hit].time for a in cue.take.answers if a.error_ms is None]
    inside = [abs(error) <= half for _, error in landed]
    axes.scatter(
        [time for time, _ in landed],
        [max(-1.4 * half, min(1.4 * half, error)) for _, error in landed],
        s=16 if len(landed) < 150 else 5,
        c=[COLOURS["piano"] if ok else ALARM for ok in inside],
        zorder=4,
        linewidths=0,
        clip_on=False,
    )
    axes.scatter(missed, [0] * len(missed), s=22, marker="x", color=SOFT, zorder=4, linewidths=1.2, clip_on=False)
    size = 7.5
    order = sorted(range(len(landed)), key=lambda i: inside[i])
    crowded = len(landed) > scale.pixels / 25
    for index in spread_labels([time for time, _ in landed], scale.width("+00.0  ", size), first=order):
        time, error = landed[index]
        if crowded and inside[index]:
            continue
        early = error > 0
        axes.annotate(
            f"{error:+.1f}" if abs(error) >= 0.05 else "0.0",
            (time, max(-1.4 * half, min(1.4 * half, error))),
            xytext=(0, -5 if early else 5), textcoords="offset points", ha="center", va="top" if early else "bottom",
            size=size, color=INK if inside[index] else ALARM, annotation_clip=False, zorder=5,
            bbox={"facecolor": PAPER, "alpha": 0.75, "pad": 0.6, "lw": 0},
        )  # fmt: skip
    axes.set_yticks([-half, half], [f"{-half:.0f}", f"{half:+.0f}"], size=7.5, color=SOFT)


def draw_tempo(axes: Axes, cue: Cue, scale: Scale) -> None:
    """Draw the tempo in beats per minute, with the meters where they change."""
    tempo_map = cue.take.tempo_map
    times = [min(tempo_map.seconds(tempo.tick), scale.duration) for tempo in tempo_map.tempos]
    beats = [60e6 / tempo.microseconds_per_quarter for tempo in tempo_map.tempos]
    axes.step([*times, scale.duration], [*beats, beats[-1]], where="post", color=COLOURS["tempo"], lw=1.4)
    low, high = min(beats), max(beats)
    margin = max(4.0, 0.3 * (high - low))
    axes.set_ylim(low - margin, high + 1.8 * margin)
    marks = sorted({round(low), round(high)}) if high - low >= 4 else [round((low + high) / 2)]
    axes.set_yticks(marks, [str(mark) for mark in marks], size=8, color=SOFT)
    meters = [(tempo_map.seconds(meter.tick), f"{meter.numerator}/{meter.denominator}") for meter in tempo_map.meters]
    size = 8.0
    for index in spread_labels([time for time, _ in meters], scale.width("12/8 ", size)):
        time, text = meters[index]
        if time < scale.duration:
            axes.annotate(
                text, (time, 1), xycoords=("data", "axes fraction"), xytext=(3, -2), textcoords="offset points",
                va="top", size=size, color=INK, weight="bold",
            )  # fmt: skip


def draw_notes(axes: Axes, cue: Cue, scale: Scale) -> None:
    """Draw the piano roll, louder notes darker, with the drums in a band of their own below."""
    from matplotlib.collections import PolyCollection
    from matplotlib.colors import to_rgb

    take = cue.take
    pitched = [note.pitch for note in take.notes if note.instrument != "drums"] or [48, 72]
    low, high = min(pitched) - 2, max(pitched) + 5  # room for the bar numbers
    keys = sorted({note.pitch for note in take.notes if note.instrument == "drums"})
    step = max(1.0, (high - low) * 0.22 / max(1, len(keys)))
    floor = low - (len(keys) + 1) * step if keys else low
    place = {key: low - (len(keys) - i) * step for i, key in enumerate(keys)}
    axes.set_ylim(floor, high)
    thinnest = 1.3 / scale.per_second
    colour = _colours(cue)
    for name in dict.fromkeys(colour.values()):
        mine = [note for note in take.notes if colour[note.player, note.instrument] == name]
        drums = mine[0].instrument == "drums"
        boxes = []
        for note in mine:
            start = take.tempo_map.seconds(note.start)
            bottom = place[note.pitch] - step * 0.4 if drums else note.pitch - 0.42
            length = 2.2 / scale.per_second if drums else take.tempo_map.seconds(note.end) - start
            boxes.append(_box(start, start + max(length, thinnest), bottom, bottom + (0.8 * step if drums else 0.84)))
        red, green, blue = to_rgb(name)
        # where notes lie closer than pixels, their number shows as depth of colour
        depth = max(0.12, min(1.0, scale.pixels / max(1, len(mine)))) if drums else 1.0
        shades = [(red, green, blue, depth * (0.35 + 0.65 * note.velocity / 127)) for note in mine]
        axes.add_collection(PolyCollection(boxes, facecolors=shades, linewidths=0, zorder=3))
    if keys:
        axes.axhline(low - 0.5 * step, color=FAINT, lw=0.8)
    octaves = [pitch for pitch in range(12, 120, 12) if low <= pitch <= high]
    axes.set_yticks(octaves, [f"C{pitch // 12 - 1}" for pitch in octaves], size=8, color=SOFT)
    for pitch in octaves:
        axes.axhline(pitch - 0.5, color=FAINT, lw=0.5, zorder=1)


def _colours(cue: Cue) -> dict[tuple[str, str], str]:
    """Return the colour of each player and group that plays: its family's where the take names players."""
    arranged = is_arranged(cue.take)
    return {
        (note.player, note.instrument): COLOURS[
            "drums" if note.instrument == "drums" else player_of(note).family if arranged else note.instrument
        ]
        for note in cue.take.notes
    }


def draw_bars(rows: Sequence[Axes], cue: Cue, scale: Scale) -> None:
    """Draw bar lines through some rows, as many as can be told apart, and number them in the last row."""
    tempo_map = cue.take.tempo_map
    lines = [tempo_map.seconds(tick) for tick in tempo_map.bar_lines(int(tempo_map.tick(scale.duration)))]
    if not lines:
        return
    every = next((n for n in (1, 2, 4, 8, 16, 32, 64) if len(lines) / n <= scale.pixels / 7), 128)
    for axes in rows:
        axes.vlines(lines[::every], 0, 1, transform=axes.get_xaxis_transform(), color=FAINT, lw=0.6, zorder=0.5)
    numbers = next((n for n in (1, 2, 4, 8, 16, 32, 64) if len(lines) / n <= scale.pixels / 42), 128)
    for index in range(0, len(lines), max(every, numbers)):
        rows[-1].annotate(
            str(index + 1), (lines[index], 1), xycoords=("data", "axes fraction"), xytext=(2, -2),
            textcoords="offset points", va="top", size=7, color=SOFT,
        )  # fmt: skip


def draw_guides(rows: Sequence[Axes], cue: Cue, scale: Scale) -> None:
    """Draw the hit points as lines through all rows, and grey out where no music is wanted."""
    hits = [hit for hit in cue.spotting.hits if hit.kind not in ("start", "end")]
    if len(hits) > scale.pixels / 8:
        hits = [hit for hit in hits if hit.kind == "marker"]
    for axes in rows:
        for answered in (True, False):
            times = [hit.time for hit in hits if hit.answered == answered]
            axes.vlines(
                times, 0, 1, transform=axes.get_xaxis_transform(), color=INK, lw=0.8, alpha=0.5 if answered else 0.3,
                linestyles="solid" if answered else "dotted", zorder=2.5,
            )  # fmt: skip
        for span in cue.curve.spans:
            if span.silence:
                axes.axvspan(
                    span.start, span.end, facecolor="#eceef0", edgecolor="#c3c8cd", hatch="///", lw=0, zorder=0
                )


def _box(left: float, right: float, bottom: float, top: float) -> list[tuple[float, float]]:
    return [(left, bottom), (right, bottom), (right, top), (left, top)]


def draw_key(axes: Any, entries: Sequence[tuple[str, str, str]]) -> None:
    """Name what a row's colours mean, to its right.

    Arguments:
        axes: The row.
        entries: Sign, words and colour of each.
    """
    step = 13.0
    top = (len(entries) - 1) * step / 2
    for number, (sign, words, colour) in enumerate(entries):
        axes.annotate(
            f"{sign} {words}", (1, 0.5), xycoords="axes fraction", xytext=(9, top - number * step),
            textcoords="offset points", va="center", size=8.5, color=colour, annotation_clip=False,
        )  # fmt: skip
