"""``emsync live`` for a timeline or for nothing at all: the music is composed while it plays."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from queue import Empty
from typing import TYPE_CHECKING, Any

import click

from emsync_bridge.cli.live.status_line import LiveLine
from emsync_bridge.cli.shared.console import warn

if TYPE_CHECKING:
    from emsync_bridge.live.controls import ControlQueue
    from emsync_bridge.live.playback.player import ProcessPlayer, Status
    from emsync_bridge.live_composition import BackgroundEmotion, LiveComposition

_IDLE = 0.05


@contextmanager
def control_inputs(options: dict[str, Any]) -> Iterator[ControlQueue]:
    """Lend the orders that arrive over OSC and from a controller."""
    from emsync_bridge.live.controls import ControlQueue, MidiInput, OscInput

    orders = ControlQueue(options["land_in"])
    with ExitStack() as stack:
        if options["controls"] is not None:
            osc = OscInput(orders, options["controls"])
            stack.callback(osc.close)
            click.echo(f"Mood and hits from {osc.name}: /emsync/emotion V A, /emsync/hit S, /emsync/release.", err=True)
        if options["controller"] is not None:
            midi = MidiInput(orders, options["controller"] or None, options["controllers"])
            stack.callback(midi.close)
            click.echo(f"Mood and hits from {midi.name}.", err=True)
        yield orders


def keep_composing(
    player: ProcessPlayer,
    performance: LiveComposition,
    orders: ControlQueue,
    felt: BackgroundEmotion,
    *,
    rate: float = 1.0,
    following: bool,
) -> Status:
    """Keep composing and show how it goes until it ends or the user ends it; return how it went."""
    from emsync_bridge.live.controls import MoodControl
    from emsync_bridge.live_composition import MoodOverride

    line, tempo_map = LiveLine(performance.spotting, performance.tempo_map), performance.tempo_map
    status = player.status()
    try:
        while following or status.rolling:
            position = max(0.0, status.position)
            for order in orders.taken():
                if isinstance(order, MoodControl):
                    performance.feel(MoodOverride(order.valence, order.arousal))
                    continue
                asked_at = player.status().position - (time.perf_counter() - order.asked) * rate
                performance.hit(asked_at + order.ahead * rate, position, player.replace, order.name)
            with suppress(Empty):
                performance.follow(felt.curves.get_nowait(), position, player.replace)
            if performance.tempo_map is not tempo_map:
                tempo_map = performance.tempo_map
                line = LiveLine(performance.spotting, tempo_map)
            line.show(status)
            if not performance.attend(position, player.replace):
                time.sleep(_IDLE)
            status = player.status()
    except KeyboardInterrupt:
        player.stop()
        status = player.status()
    finally:
        line.close()
    if felt.warnings:
        warn(felt.warnings)
    return status


def save(performance: LiveComposition, heard: float, path: Path) -> None:
    """Write what was heard as a MIDI file."""
    from emsync_bridge.midi.writer import write_midi

    take, cut = performance.heard(heard)
    write_midi(take, cut, path)
    click.echo(f"{path}: {cut.duration:.1f} s, {len(take.notes)} notes", err=True)
