"""The line that shows how live playing goes."""

from __future__ import annotations

import sys
from bisect import bisect_right
from typing import TYPE_CHECKING

import click

from emsync_bridge.timecode import frame_at, to_timecode

if TYPE_CHECKING:
    from emsync_bridge.cue import Spotting, TempoMap
    from emsync_bridge.live.playback.player import Status


class LiveLine:
    """Timecode, bar and beat, next hit, notes that sound and lateness, redrawn on a terminal.

    Arguments:
        spotting: Frame rate, start timecode and hit points.
        tempo_map: Bars and beats on the cut's clock.
    """

    def __init__(self, spotting: Spotting, tempo_map: TempoMap) -> None:
        self._spotting, self._tempo_map = spotting, tempo_map
        self._bars = tempo_map.bar_lines(int(tempo_map.tick(spotting.duration)) + 1)
        self._hits = [hit for hit in spotting.hits if hit.kind != "start"]
        self._shown = sys.stderr.isatty()

    def text(self, status: Status) -> str:
        """Return the line for a status."""
        spotting, position = self._spotting, status.position
        timecode = to_timecode(
            spotting.start_frame + max(0, frame_at(position, spotting.rate)), spotting.rate, spotting.drop_frame
        )
        late = status.lateness_ms
        parts = [
            ("> " if status.rolling else "= ") + timecode,
            self._bar(position),
            self._next_hit(position),
            f"{status.sounding:2} notes",
            f"late {late['p50']:.1f}/{late['p95']:.1f} ms",
        ]
        if status.warning:
            parts.append(status.warning)
        return "  ".join(part for part in parts if part)

    def show(self, status: Status) -> None:
        """Draw the line, on a terminal only, below what was sent."""
        for text in status.sent:
            click.echo(f"\r\033[K{text}" if self._shown else text, err=True)
        if self._shown:
            click.echo(f"\r\033[K{self.text(status)}", nl=False, err=True)

    def close(self) -> None:
        """Clear the line away."""
        if self._shown:
            click.echo("\r\033[K", nl=False, err=True)

    def _bar(self, position: float) -> str:
        tick = self._tempo_map.tick(max(0.0, position)) + 1e-6
        bar = max(0, bisect_right(self._bars, tick) - 1)
        meter = self._tempo_map.meter_at(tick)
        beat = int(tick - (self._bars[bar] if self._bars else 0)) // (meter.bar_ticks // meter.numerator or 1)
        return f"bar {bar + 1}.{beat + 1}"

    def _next_hit(self, position: float) -> str:
        hit = next((hit for hit in self._hits if hit.time > position), None)
        return f"{hit.name[:24] or hit.kind} in {hit.time - position:.1f} s" if hit else ""
