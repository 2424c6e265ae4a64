"""``emsync live`` for a timeline or for nothing at all: the music is composed while it plays."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

import click

from emsync_bridge.cli.console import warn
from emsync_bridge.cli.live_line import LiveLine

if TYPE_CHECKING:
    from emsync_bridge.cue import EmotionCurve, Spotting
    from emsync_bridge.live.controls import Orders
    from emsync_bridge.live.player import Player, Status
    from emsync_bridge.performing import Performance
    from emsync_bridge.scoring import Feeling

_IDLE = 0.05


@dataclass
class Felt:
    """What is felt in the background, and what is to be said about it."""

    curves: SimpleQueue[EmotionCurve] = field(default_factory=SimpleQueue)
    warnings: list[str] = field(default_factory=list)


def prepare(source: Path | None, feeling: Feeling) -> tuple[Spotting, EmotionCurve, Felt]:
    """Return the cut and its mood as far as that is known at once; the rest is felt in the background.

    Arguments:
        source: A timeline; None to improvise.
        feeling: How the mood is found.
    """
    from emsync_bridge import scoring
    from emsync_bridge.cue import Affect
    from emsync_bridge.emotion.moods import mood
    from emsync_bridge.performing import improvisation
    from emsync_bridge.picture.relink import Relinked

    if source is None:
        named = mood(feeling.mood) if feeling.mood else Affect(0.0, 0.0)
        valence = named.valence if feeling.valence is None else feeling.valence
        arousal = named.arousal if feeling.arousal is None else feeling.arousal
        return *improvisation(Affect(valence, arousal)), Felt()
    spotting = scoring.spot(scoring.read(source, scoring.Looking()), scoring.Looking())
    unseen = Relinked((None,) * len(spotting.shots))
    curve, _ = scoring.feel(spotting, unseen, feeling)
    felt = Felt()
    if feeling.mood is None and (feeling.valence is None or feeling.arousal is None):
        threading.Thread(target=_feel, args=(source, spotting, feeling, felt), daemon=True).start()
    return spotting, curve, felt


def _feel(source: Path, spotting: Spotting, feeling: Feeling, felt: Felt) -> None:
    from emsync_bridge import scoring
    from emsync_bridge.errors import EmsyncError

    try:
        relinked = scoring.find_media(source, spotting, feeling)
        if any(relinked.sources):
            curve, warnings = scoring.feel(spotting, relinked, feeling)
            felt.warnings += warnings
            felt.curves.put(curve)
        if relinked.missing:
            felt.warnings.append(f"{len(relinked.missing)} media not found: {', '.join(relinked.missing)}")
    except EmsyncError as problem:
        felt.warnings.append(str(problem))


@contextmanager
def hands(options: dict[str, Any]) -> Iterator[Orders]:
    """Lend the orders that arrive over OSC and from a controller."""
    from emsync_bridge.live.controls import MidiEar, Orders, OscEar

    orders = Orders(options["land_in"])
    with ExitStack() as stack:
        if options["controls"] is not None:
            osc = OscEar(orders, options["controls"])
            stack.callback(osc.close)
            click.echo(f"Mood and hits from {osc.name}: /emsync/emotion V A, /emsync/hit S, /emsync/release.", err=True)
        if options["controller"] is not None:
            midi = MidiEar(orders, options["controller"] or None, options["controllers"])
            stack.callback(midi.close)
            click.echo(f"Mood and hits from {midi.name}.", err=True)
        yield orders


def watch(
    player: Player, performance: Performance, orders: Orders, felt: Felt, *, rate: float = 1.0, following: bool
) -> Status:
    """Keep composing and show how it goes until it ends or the user ends it; return how it went."""
    from emsync_bridge.live.controls import Mood
    from emsync_bridge.performing import Override

    line, tempo_map = LiveLine(performance.spotting, performance.tempo_map), performance.tempo_map
    status = player.status()
    try:
        while following or status.rolling:
            position = max(0.0, status.position)
            for order in orders.taken():
                if isinstance(order, Mood):
                    performance.feel(Override(order.valence, order.arousal))
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


def save(performance: Performance, heard: float, path: Path) -> None:
    """Write what was heard as a MIDI file."""
    from emsync_bridge.music.midi_writer import write_midi

    take, spotting = performance.take, performance.spotting
    until = take.tempo_map.tick(heard)
    frames = max(1, round(min(heard, spotting.duration) * spotting.rate))
    duration = float(frames / spotting.rate)
    cut = replace(spotting, duration=duration, hits=tuple(hit for hit in spotting.hits if hit.time <= duration))
    notes = tuple(replace(note, end=min(note.end, round(until))) for note in take.notes if note.start < round(until))
    write_midi(replace(take, notes=notes), cut, path)
    click.echo(f"{path}: {duration:.1f} s, {len(notes)} notes", err=True)
