"""Options of ``emsync live`` turned into music, output and synchronisation."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from emsync_bridge.cue import EmotionCurve, Spotting, Take, TempoMap
    from emsync_bridge.live.outputs.base import OutputTarget
    from emsync_bridge.live.playback.part import LivePart
    from emsync_bridge.live.playback.sender_process import SenderAssignment
    from emsync_bridge.live.sync.base import SyncSource


class ControllerNumbers(click.ParamType):  # type: ignore[type-arg]  # generic only in click 8.5
    """Two numbers of MIDI controllers."""

    name = "controllers"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, int]:
        """Return the numbers."""
        if isinstance(value, tuple):
            return value
        parts = [part.strip() for part in str(value).split(",")]
        if len(parts) != 2 or not all(part.isdigit() and int(part) < 128 for part in parts) or parts[0] == parts[1]:
            self.fail(f"{value!r} is not two different numbers from 0 to 127.", param, ctx)
        return int(parts[0]), int(parts[1])


def read_music(source: Path, fps: Fraction) -> tuple[Take, Spotting, EmotionCurve | None]:
    """Return what is to be played, with as much of the cut as the file knows."""
    from emsync_bridge.cue import Spotting, Take
    from emsync_bridge.errors import EmsyncError

    if source.suffix.lower() == ".json":
        from emsync_bridge.cue.cue_file import read_cue

        cue = read_cue(source)
        return cue.take, cue.spotting, cue.curve
    from emsync_bridge.midi.reader import read_midi

    score = read_midi(source)
    if not score.notes:
        raise EmsyncError("This MIDI file holds no notes", where=source)
    take = Take(0, score.notes, score.tempo_map, controls=score.controls)
    return take, Spotting(source.stem, score.tempo_map.seconds(score.end), fps), None


def assignment_of(part: LivePart, spotting: Spotting, options: dict[str, Any]) -> SenderAssignment:
    """Return the assignment of the sender process."""
    from emsync_bridge.live.playback.sender_process import SenderAssignment
    from emsync_bridge.live.sync.mtc import mtc_format
    from emsync_bridge.live.sync.send import SendClock, SendMtc

    start = spotting.start_frame / spotting.rate
    sync: SendClock | SendMtc | None = None
    if options["send"] == "clock":
        sync = SendClock(part.tempo_map)
    elif options["send"] == "mtc":
        sync = SendMtc(mtc_format(spotting.rate, drop_frame=spotting.drop_frame), start, options["mmc"])
    loop = None
    if options["loop"]:
        begin = seconds_of(options["begin"], spotting, "--from") if options["begin"] else 0.0
        loop = (begin, seconds_of(options["end"], spotting, "--to") if options["end"] else part.duration)
        if loop[1] - loop[0] < 0.05:
            raise click.BadParameter("The loop ends before it begins, or is shorter than 0.05 s.", param_hint="--to")
    target = _target(options)
    if options["send"] == "ltc":
        from emsync_bridge.live.outputs.base import BothTarget
        from emsync_bridge.live.sync.ltc_jack import LtcTarget

        target = BothTarget(target, LtcTarget(mtc_format(spotting.rate, drop_frame=spotting.drop_frame), start))
    return SenderAssignment(
        target,
        part,
        sync=sync,
        source=_source(part.tempo_map, spotting, options),
        latency=options["latency"] / 1000,
        send_programs=not options["no_programs"],
        loop=loop,
        show=options["show"],
    )


def _source(tempo_map: TempoMap, spotting: Spotting, options: dict[str, Any]) -> SyncSource | None:
    """Return what is to be followed."""
    from emsync_bridge.live.sync.follow_clock import ClockSource
    from emsync_bridge.live.sync.follow_mtc import MtcSource
    from emsync_bridge.live.sync.mtc import mtc_format

    if options["follow"] == "mtc":
        form = mtc_format(spotting.rate, drop_frame=spotting.drop_frame)
        return MtcSource(form, spotting.start_frame / spotting.rate, options["follow_port"])
    if options["follow"] == "ltc":
        from emsync_bridge.live.sync.ltc_jack import LtcSource

        form = mtc_format(spotting.rate, drop_frame=spotting.drop_frame)
        return LtcSource(form, spotting.start_frame / spotting.rate, options["follow_port"])
    if options["follow"] == "clock":
        return ClockSource(tempo_map, options["follow_port"], options["song_position"])
    if options["follow"] == "osc":
        from emsync_bridge.live.sync.follow_osc import OscSource

        host, port = _address(options["osc"])
        listen = _udp_port(options["follow_port"], "--follow-port") if options["follow_port"] else None
        return OscSource(options["dialect"] or "emsync", host, port, listen, tempo_map)
    if options["follow"] == "link":
        from emsync_bridge.live.sync.follow_link import LinkSource

        begin = seconds_of(options["begin"], spotting, "--from") if options["begin"] else 0.0
        return LinkSource(tempo_map, begin)
    return None


def _target(options: dict[str, Any]) -> OutputTarget:
    from emsync_bridge.errors import LiveError
    from emsync_bridge.live.outputs.base import BothTarget
    from emsync_bridge.live.outputs.jack import JackTarget
    from emsync_bridge.live.outputs.midi import MidiTarget
    from emsync_bridge.live.outputs.osc import OscTarget
    from emsync_bridge.live.outputs.osc_dialects import load_dialect

    midi = (JackTarget if options["jack"] else MidiTarget)(options["port"])
    if options["osc"] is None:
        return midi
    (host, port), name = _address(options["osc"]), options["dialect"] or "emsync"
    dialect, lead = load_dialect(name), options["send"] == "osc"
    if lead and dialect.transport is None:
        raise LiveError(f"The OSC dialect '{name}' has no orders for a transport", hint="Choose another with --dialect")
    if dialect.has_notes and not (options["port"] or options["jack"]):
        return OscTarget(name, host, port, lead=lead)
    if not lead and options["follow"] != "osc":
        raise LiveError(
            f"'{name}' takes no notes over OSC",
            hint="Play into its MIDI port with --port, and add --send osc or --follow osc for its transport",
        )
    return BothTarget(midi, OscTarget(name, host, port, notes=False, lead=True)) if lead else midi


def _address(text: str) -> tuple[str, int | None]:
    """Return host and UDP port of ``HOST:PORT``, ``HOST`` or ``:PORT``."""
    # An IPv6 address holds colons itself and stands in brackets when a port follows.
    host, separator, port = text.rpartition(":")
    if not separator or (":" in host and not host.endswith("]")):
        host, port = text, ""
    return host.strip("[]") or "127.0.0.1", _udp_port(port, "--osc") if port else None


def _udp_port(text: str, hint: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        raise click.BadParameter(f"{text!r} is not a UDP port from 1 to 65535.", param_hint=hint)
    return int(text)


def seconds_of(text: str, spotting: Spotting, hint: str) -> float:
    """Return seconds from the timeline's start for a timecode or a number of seconds."""
    from emsync_bridge.errors import TimelineError
    from emsync_bridge.timecode import from_timecode

    try:
        seconds = float(text)
    except ValueError:
        try:
            frame = from_timecode(text, spotting.rate, spotting.drop_frame)
        except TimelineError as problem:
            raise click.BadParameter(str(problem), param_hint=hint) from None
        seconds = float((frame - spotting.start_frame) / spotting.rate)
    if not 0 <= seconds <= spotting.duration:
        raise click.BadParameter(f"{text} is not within the timeline.", param_hint=hint)
    return seconds
