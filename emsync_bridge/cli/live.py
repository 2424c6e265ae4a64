"""``emsync live``: the score in a DAW, in time."""

from __future__ import annotations

import platform
import time
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from emsync_bridge.cli.console import print_json, warn
from emsync_bridge.cli.live_line import LiveLine
from emsync_bridge.cli.options import A_FILE, Rate

if TYPE_CHECKING:
    from emsync_bridge.cue import EmotionCurve, Spotting, Take
    from emsync_bridge.live.follow import Source
    from emsync_bridge.live.player import Player, Status
    from emsync_bridge.live.sender import Assignment
    from emsync_bridge.live.sink import Target

_REFRESH = 0.1
_PASSING = ("rolling", "epoch", "sounding", "sent")


@click.command()
@click.argument("source", metavar="SOURCE", type=A_FILE, required=False)
@click.option("--port", metavar="NAME", help="MIDI port to play into, by a part of its name; a virtual port otherwise.")
@click.option("--osc", metavar="HOST:PORT", help="Send OSC there instead of MIDI; HOST or :PORT alone will do.")
@click.option(
    "--dialect",
    metavar="NAME|FILE",
    help="What is spoken there: emsync, supercollider, reaper, bitwig, ardour, ableton, or a .json file of your own.",
)
@click.option("--from", "begin", metavar="TC", help="Timecode to begin at, or seconds from the start.")
@click.option("--to", "end", metavar="TC", help="Timecode at which a loop ends.")
@click.option("--loop", is_flag=True, help="Play from --from to --to over and over.")
@click.option("--rate", type=click.FloatRange(0.1, 4), default=1.0, show_default=True, help="Speed.")
@click.option(
    "--latency",
    type=click.FloatRange(-1000, 1000),
    default=0.0,
    show_default=True,
    metavar="MS",
    help="How long the receiver takes to sound; everything goes out that much earlier.",
)
@click.option(
    "--send",
    type=click.Choice(["mtc", "clock", "osc"]),
    help="Make the DAW follow: by timecode, MIDI clock, or orders to its transport over --osc.",
)
@click.option("--mmc", is_flag=True, help="With --send mtc: order its transport about by MIDI Machine Control, too.")
@click.option(
    "--follow",
    type=click.Choice(["mtc", "clock", "osc"]),
    help="Follow the DAW: its timecode (and Machine Control), its MIDI clock, or what it says over --osc.",
)
@click.option(
    "--song-position",
    type=click.Choice(["sixteenths", "clocks"]),
    default="sixteenths",
    show_default=True,
    help="What the song position counts that comes with MIDI clock; Ardour 7 counts clocks.",
)
@click.option("--follow-port", metavar="NAME", help="MIDI port to listen to, a virtual one otherwise; or UDP port.")
@click.option("--fps", type=Rate(), default="25", show_default=True, help="Frame rate of timecode for a MIDI file.")
@click.option("--no-programs", is_flag=True, help="Leave the sounds as they are chosen in the DAW.")
@click.option("--show", is_flag=True, help="Show what is sent.")
@click.option("--list", "show_ports", is_flag=True, help="List the MIDI ports and what they need on this system.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document at the end.")
def live(source: Path | None, show_ports: bool, as_json: bool, **options: Any) -> None:
    """Play SOURCE, a .cue.json of `emsync score` or a MIDI file, into a DAW.

    Ctrl-C stops; no note is left sounding.

    \b
    Examples:
      emsync live music/CUT.cue.json                         a virtual MIDI port
      emsync live music/CUT.cue.json --port IAC --send mtc   the DAW follows
      emsync live music/CUT.cue.json --follow mtc            follow the DAW
      emsync live music/CUT.cue.json --osc :57120 --dialect supercollider --from 01:00:14:12
      emsync live music/CUT.cue.json --osc :3819 --dialect ardour --follow osc
    """
    if show_ports:
        _list_ports(as_json)
        return
    if source is None:
        raise click.UsageError("Give a .cue.json or a MIDI file to play, or --list.")
    _check(options)
    from emsync_bridge.live.player import Player

    take, spotting, curve = _read(source, options["fps"])
    assignment = _assignment(take, spotting, curve, options)
    begin = _seconds(options["begin"], spotting, "--from") if options["begin"] else 0.0
    with Player(assignment) as player:
        click.echo(f"Playing into {player.sink} ({player.priority} priority).", err=True)
        if player.source:
            click.echo(f"Following {options['follow']} from {player.source}. Ctrl-C ends.", err=True)
        else:
            player.play(begin, options["rate"])
        status = _watch(player, LiveLine(spotting, take.tempo_map), following=bool(player.source))
    if status.warning:
        warn([status.warning])
    if as_json:
        report = {name: value for name, value in vars(status).items() if name not in _PASSING}
        print_json({"sink": player.sink, "source": player.source, "priority": player.priority, **report})
        return
    late = status.lateness_ms
    click.echo(
        f"{status.notes} notes, {status.dropped} left out for being late; "
        f"late by {late['p50']:.2f} ms (p50), {late['p95']:.2f} ms (p95), {late['max']:.2f} ms at most"
    )


def _check(options: dict[str, Any]) -> None:
    """Refuse options that contradict each other."""
    by_osc = "osc" in (options["send"], options["follow"])
    if options["osc"] is not None and options["port"] and not by_osc:
        raise click.UsageError("Choose --port or --osc; both go together with --send osc or --follow osc alone.")
    if options["osc"] is None and (options["dialect"] or by_osc):
        raise click.UsageError(f"{'--dialect' if options['dialect'] else 'osc'} goes with --osc.")
    if options["send"] in ("mtc", "clock") and options["osc"] is not None and not options["port"]:
        raise click.UsageError("--send needs a MIDI port; it cannot go with --osc.")
    if options["follow"] and (options["send"] or options["loop"] or options["begin"]):
        raise click.UsageError("--follow leaves the time to the DAW; it cannot go with --send, --loop or --from.")
    if options["end"] and not options["loop"]:
        raise click.UsageError("--to goes with --loop.")
    if options["mmc"] and options["send"] != "mtc":
        raise click.UsageError("--mmc goes with --send mtc.")
    if options["follow_port"] and not options["follow"]:
        raise click.UsageError("--follow-port goes with --follow.")


def _read(source: Path, fps: Fraction) -> tuple[Take, Spotting, EmotionCurve | None]:
    """Return what is to be played, with as much of the cut as the file knows."""
    from emsync_bridge.cue import Spotting, Take
    from emsync_bridge.errors import EmsyncError

    if source.suffix.lower() == ".json":
        from emsync_bridge.live.source import read_cue

        cue = read_cue(source)
        return cue.take, cue.spotting, cue.curve
    if source.suffix.lower() not in (".mid", ".midi", ".smf"):
        raise EmsyncError(
            "Only cues (.cue.json) and MIDI files can be played live",
            where=source,
            hint=f"Compose first, with: emsync score {source.name} --out music",
        )
    from emsync_bridge.music.midi_reader import read_midi

    score = read_midi(source)
    if not score.notes:
        raise EmsyncError("This MIDI file holds no notes", where=source)
    take = Take(0, score.notes, score.tempo_map)
    return take, Spotting(source.stem, score.tempo_map.seconds(score.end), fps), None


def _assignment(take: Take, spotting: Spotting, curve: EmotionCurve | None, options: dict[str, Any]) -> Assignment:
    from emsync_bridge.live.part import part_of
    from emsync_bridge.live.sender import Assignment
    from emsync_bridge.live.sync_out import SendClock, SendMtc
    from emsync_bridge.live.timecode_midi import mtc_format

    part = part_of(take, spotting, curve)
    start = spotting.start_frame / spotting.rate
    sync: SendClock | SendMtc | None = None
    if options["send"] == "clock":
        sync = SendClock(take.tempo_map)
    elif options["send"] == "mtc":
        sync = SendMtc(mtc_format(spotting.rate, drop_frame=spotting.drop_frame), start, options["mmc"])
    loop = None
    if options["loop"]:
        begin = _seconds(options["begin"], spotting, "--from") if options["begin"] else 0.0
        loop = (begin, _seconds(options["end"], spotting, "--to") if options["end"] else part.duration)
        if loop[1] - loop[0] < 0.05:
            raise click.BadParameter("The loop ends before it begins, or is shorter than 0.05 s.", param_hint="--to")
    return Assignment(
        _target(options),
        part,
        sync=sync,
        source=_source(take, spotting, options),
        latency=options["latency"] / 1000,
        send_programs=not options["no_programs"],
        loop=loop,
        show=options["show"],
    )


def _source(take: Take, spotting: Spotting, options: dict[str, Any]) -> Source | None:
    """Return what is to be followed."""
    from emsync_bridge.live.follow_clock import ClockSource
    from emsync_bridge.live.follow_mtc import MtcSource
    from emsync_bridge.live.timecode_midi import mtc_format

    if options["follow"] == "mtc":
        form = mtc_format(spotting.rate, drop_frame=spotting.drop_frame)
        return MtcSource(form, spotting.start_frame / spotting.rate, options["follow_port"])
    if options["follow"] == "clock":
        return ClockSource(take.tempo_map, options["follow_port"], options["song_position"])
    if options["follow"] == "osc":
        from emsync_bridge.live.follow_osc import OscSource

        host, port = _address(options["osc"])
        listen = _udp_port(options["follow_port"], "--follow-port") if options["follow_port"] else None
        return OscSource(options["dialect"] or "emsync", host, port, listen, take.tempo_map)
    return None


def _target(options: dict[str, Any]) -> Target:
    from emsync_bridge.errors import LiveError
    from emsync_bridge.live.osc_dialects import load_dialect
    from emsync_bridge.live.sink import BothTarget
    from emsync_bridge.live.sink_midi import MidiTarget
    from emsync_bridge.live.sink_osc import OscTarget

    if options["osc"] is None:
        return MidiTarget(options["port"])
    (host, port), name = _address(options["osc"]), options["dialect"] or "emsync"
    dialect, lead = load_dialect(name), options["send"] == "osc"
    if lead and dialect.transport is None:
        raise LiveError(f"The OSC dialect '{name}' has no orders for a transport", hint="Choose another with --dialect")
    if dialect.has_notes and not options["port"]:
        return OscTarget(name, host, port, lead=lead)
    if not lead and options["follow"] != "osc":
        raise LiveError(
            f"'{name}' takes no notes over OSC",
            hint="Play into its MIDI port with --port, and add --send osc or --follow osc for its transport",
        )
    notes = MidiTarget(options["port"])
    return BothTarget(notes, OscTarget(name, host, port, notes=False, lead=True)) if lead else notes


def _address(text: str) -> tuple[str, int | None]:
    """Return host and UDP port of ``HOST:PORT``, ``HOST`` or ``:PORT``."""
    # An IPv6 address holds colons itself and stands in brackets when a port follows.
    host, separator, port = text.rpartition(":")
    if not separator or (":" in host and not host.endswith("]")):
        host, port = text, ""
    return host.strip("[]") or "127.0.0.1", _udp_port(port, "--osc") if port else None


def _udp_port(text: str, hint: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        raise click.BadParameter(f"{text!r} is no UDP port.", param_hint=hint)
    return int(text)


def _seconds(text: str, spotting: Spotting, hint: str) -> float:
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


def _watch(player: Player, line: LiveLine, *, following: bool) -> Status:
    """Show how playing goes until it ends or the user ends it; return how it went."""
    status = player.status()
    try:
        while following or status.rolling:
            line.show(status)
            time.sleep(_REFRESH)
            status = player.status()
    except KeyboardInterrupt:
        player.stop()
        status = player.status()
    finally:
        line.close()
    return status


def _list_ports(as_json: bool) -> None:
    from emsync_bridge.errors import LiveError
    from emsync_bridge.live.osc_dialects import dialect_names, load_dialect
    from emsync_bridge.live.ports import advice, list_ports

    outputs: list[str] = []
    inputs: list[str] = []
    problem = ""
    try:
        outputs, inputs = list_ports("MidiOut"), list_ports("MidiIn")
    except LiveError as found:
        problem = str(found)
    dialects = {name: load_dialect(name).port for name in dialect_names()}
    if as_json:
        print_json(
            {"outputs": outputs, "inputs": inputs, "problem": problem, "advice": advice(), "osc_dialects": dialects}
        )
        return
    for title, names in (("MIDI ports to play into (--port)", outputs), ("to follow (--follow-port)", inputs)):
        click.secho(f"{title}:", bold=True)
        click.echo("\n".join(f"  {name}" for name in names) or "  none")
    click.secho("OSC dialects (--osc HOST:PORT --dialect NAME) and their usual ports:", bold=True)
    click.echo("\n".join(f"  {name:<14} {port}" for name, port in dialects.items()))
    click.secho(f"On {platform.system()}:", bold=True)
    click.echo(f"  {advice()}.")
    if problem:
        warn([problem])
