"""``emsync live``: the score in a DAW, in time."""

from __future__ import annotations

import platform
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from emsync_bridge.cli.live.setup import ControllerNumbers, assignment_of, read_music, seconds_of
from emsync_bridge.cli.live.status_line import LiveLine
from emsync_bridge.cli.shared.console import print_json, warn
from emsync_bridge.cli.shared.destinations import NewFile, protects_files
from emsync_bridge.cli.shared.numbers import Number
from emsync_bridge.cli.shared.options import A_FILE, Rate, music_options, options_from, values_of
from emsync_bridge.options import EmotionOptions, MusicOptions

if TYPE_CHECKING:
    from emsync_bridge.live.playback.player import ProcessPlayer, Status

_REFRESH = 0.1
_COMPOSED = (".json", ".mid", ".midi", ".smf")
_PASSING = ("rolling", "epoch", "sounding", "sent")


@click.command()
@click.argument("source", metavar="SOURCE", type=A_FILE, required=False)
@click.option("--port", metavar="NAME", help="MIDI port to play into, by a part of its name; a virtual port otherwise.")
@click.option("--jack", is_flag=True, help="Play through JACK itself, each note on its sample; --port names its port.")
@click.option("--osc", metavar="HOST:PORT", help="Send OSC there instead of MIDI; HOST or :PORT alone will do.")
@click.option(
    "--dialect",
    metavar="NAME|FILE",
    help="OSC dialect: emsync, supercollider, reaper, bitwig, ardour, ableton, or a .json file of your own.",
)
@click.option("--from", "begin", metavar="TC", help="Timecode to begin at, or seconds from the start.")
@click.option("--to", "end", metavar="TC", help="Timecode at which a loop ends.")
@click.option("--loop", is_flag=True, help="Play from --from to --to over and over.")
@click.option("--rate", type=Number(0.1, 4), default=1.0, show_default=True, help="Playback speed (1 = normal).")
@click.option(
    "--latency",
    type=Number(-1000, 1000),
    default=0.0,
    show_default=True,
    metavar="MS",
    help="Latency of the receiver; everything goes out that much earlier.",
)
@click.option(
    "--send",
    type=click.Choice(["mtc", "ltc", "clock", "osc"]),
    help="Make the DAW follow: by MIDI timecode, linear timecode through JACK, MIDI clock, or orders to its transport "
    "over --osc.",
)
@click.option("--mmc", is_flag=True, help="With --send mtc: control its transport by MIDI Machine Control too.")
@click.option(
    "--follow",
    type=click.Choice(["mtc", "ltc", "clock", "osc", "link"]),
    help="Follow the DAW: its timecode (and Machine Control), linear timecode through JACK, its MIDI clock, what it "
    "says over --osc, or tempo, start and stop of an Ableton Link session (which joins it on every network device).",
)
@click.option(
    "--song-position",
    type=click.Choice(["sixteenths", "clocks"]),
    default="sixteenths",
    show_default=True,
    help="Unit of the song position that comes with MIDI clock; Ardour 7 counts clocks.",
)
@click.option("--follow-port", metavar="NAME", help="MIDI or JACK port to listen to, else a virtual one; or UDP port.")
@click.option("--fps", type=Rate(), default="25", show_default=True, help="Frame rate of timecode for a MIDI file.")
@click.option(
    "--channels",
    type=click.Choice(["player", "family"]),
    default="player",
    show_default=True,
    help="Unit that has a MIDI channel of its own in music for an orchestra.",
)
@click.option("--no-programs", is_flag=True, help="Leave the sounds as they are chosen in the DAW.")
@click.option("--show", is_flag=True, help="Show what is sent.")
@click.option("--improvise", is_flag=True, help="Play without a timeline, from controllers, until stopped.")
@click.option(
    "--controls",
    type=click.IntRange(0, 65535),
    is_flag=False,
    flag_value=57140,
    metavar="[PORT]",
    help="Listen on this UDP port (57140) for /emsync/emotion V A, /emsync/hit S and /emsync/release.",
)
@click.option(
    "--controller",
    is_flag=False,
    flag_value="",
    metavar="[NAME]",
    help="Listen to a MIDI port, a virtual one otherwise: two controllers are the mood, any note asks for a hit.",
)
@click.option(
    "--controllers",
    type=ControllerNumbers(),
    default="16,17",
    show_default=True,
    metavar="V,A",
    help="Numbers of the controllers for valence and arousal.",
)
@click.option(
    "--land-in",
    type=Number(1, 60),
    default=4.0,
    show_default=True,
    metavar="S",
    help="Seconds from a note, or a /emsync/hit without a number, to the hit that it asks for.",
)
@click.option(
    "--save", type=NewFile(".mid", ".midi"), metavar="FILE.mid", help="Write down what was composed and heard."
)
@options_from(EmotionOptions, only=("valence", "arousal", "mood", "media_roots"))
@music_options
@click.option(
    "--list", "show_ports", is_flag=True, help="List MIDI ports and OSC dialects, and what they need on this system."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document at the end.")
@protects_files
def live(source: Path | None, show_ports: bool, as_json: bool, **options: Any) -> None:
    """Play SOURCE, a .cue.json of `emsync score`, a MIDI file or a timeline, into a DAW.

    For a timeline, or with --improvise, the music is composed while it plays, and goes by what you say from the next
    bar on. Ctrl-C stops; no note is left sounding.

    \b
    Examples:
      emsync live music/CUT.cue.json                         a virtual MIDI port
      emsync live music/CUT.cue.json --port IAC --send mtc   the DAW follows
      emsync live music/CUT.cue.json --follow mtc            follow the DAW
      emsync live music/CUT.cue.json --osc :57120 --dialect supercollider --from 01:00:14:12
      emsync live music/CUT.cue.json --osc :3819 --dialect ardour --follow osc
      emsync live CUT.otio --port IAC --controls             composed while it plays
      emsync live --improvise --controller nanoKONTROL --save jam.mid
    """
    if show_ports:
        _list_ports(as_json)
        return
    if source is None and not options["improvise"]:
        raise click.UsageError("Give a .cue.json, a MIDI file or a timeline to play, or --improvise, or --list.")
    _check(options)
    if source is None or source.suffix.lower() not in _COMPOSED:
        _perform(source, options, as_json=as_json)
        return
    from emsync_bridge.live.playback.channels import ChannelPlan
    from emsync_bridge.live.playback.part import part_of
    from emsync_bridge.live.playback.player import ProcessPlayer

    take, spotting, curve = read_music(source, options["fps"])
    orders = assignment_of(part_of(take, spotting, curve, ChannelPlan(options["channels"])), spotting, options)
    begin = seconds_of(options["begin"], spotting, "--from") if options["begin"] else 0.0
    with ProcessPlayer(orders) as player:
        click.echo(f"Playing into {player.output} ({player.priority} priority).", err=True)
        if player.source:
            click.echo(f"Following {options['follow']} from {player.source}. Ctrl-C ends.", err=True)
        else:
            player.play(begin, options["rate"])
        status = _watch(player, LiveLine(spotting, take.tempo_map), following=bool(player.source))
    _report(player, status, as_json=as_json)


def _perform(source: Path | None, options: dict[str, Any], *, as_json: bool) -> None:
    """Compose while playing."""
    from emsync_bridge.cli.live.composing import control_inputs, keep_composing, save
    from emsync_bridge.live.playback.channels import ChannelPlan
    from emsync_bridge.live.playback.player import ProcessPlayer
    from emsync_bridge.live_composition import LiveComposition, prepare
    from emsync_bridge.music.generators import style_of
    from emsync_bridge.music.network.checkpoint import load

    feeling = values_of(EmotionOptions, options)
    spotting, curve, felt = prepare(None if options["improvise"] else source, feeling)
    begin = seconds_of(options["begin"], spotting, "--from") if options["begin"] else 0.0
    model, seed = options["model"], options["seed"]
    music_options = values_of(MusicOptions, options)
    checkpoint = load(model) if style_of(music_options, model) == "network" else None
    performance = LiveComposition(spotting, curve, checkpoint, seed=seed, options=music_options, begin=begin)
    performance.channels = ChannelPlan(options["channels"])
    part = performance.first_part(begin)
    with control_inputs(options) as orders, ProcessPlayer(assignment_of(part, spotting, options)) as player:
        click.echo(f"Playing into {player.output} ({player.priority} priority).", err=True)
        if player.source:
            click.echo(f"Following {options['follow']} from {player.source}. Ctrl-C ends.", err=True)
        else:
            player.play(begin, options["rate"])
        status = keep_composing(player, performance, orders, felt, rate=options["rate"], following=bool(player.source))
    if options["save"]:
        save(performance, status.position, options["save"])
    _report(player, status, as_json=as_json)


def _report(player: ProcessPlayer, status: Status, *, as_json: bool) -> None:
    """Say how it went."""
    if status.warning:
        warn([status.warning])
    if as_json:
        report = {name: value for name, value in vars(status).items() if name not in _PASSING}
        print_json({"output": player.output, "source": player.source, "priority": player.priority, **report})
        return
    late = status.lateness_ms
    click.echo(
        f"{status.notes} notes, {status.dropped} left out for being late; "
        f"late by {late['p50']:.2f} ms (p50), {late['p95']:.2f} ms (p95), {late['max']:.2f} ms at most"
    )


def _check(options: dict[str, Any]) -> None:
    """Refuse options that contradict each other."""
    by_osc = "osc" in (options["send"], options["follow"])
    if options["osc"] is not None and (options["port"] or options["jack"]) and not by_osc:
        raise click.UsageError("Choose --port or --osc; both go together with --send osc or --follow osc alone.")
    if options["osc"] is None and (options["dialect"] or by_osc):
        raise click.UsageError(f"{'--dialect' if options['dialect'] else 'osc'} goes with --osc.")
    if options["send"] in ("mtc", "clock") and options["osc"] is not None and not (options["port"] or options["jack"]):
        raise click.UsageError("--send needs a MIDI port; it cannot go with --osc.")
    begin = options["begin"] and options["follow"] != "link"
    if options["follow"] and (options["send"] or options["loop"] or begin):
        raise click.UsageError("--follow leaves the time to the DAW; it cannot go with --send, --loop or --from.")
    if options["end"] and not options["loop"]:
        raise click.UsageError("--to goes with --loop.")
    if options["mmc"] and options["send"] != "mtc":
        raise click.UsageError("--mmc goes with --send mtc.")
    if options["follow_port"] and not options["follow"]:
        raise click.UsageError("--follow-port goes with --follow.")


def _watch(player: ProcessPlayer, line: LiveLine, *, following: bool) -> Status:
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
        line.show(status)
        line.close()
    return status


def _list_ports(as_json: bool) -> None:
    from emsync_bridge.errors import LiveError
    from emsync_bridge.live.outputs.osc_dialects import dialect_names, load_dialect
    from emsync_bridge.live.ports import list_ports, midi_advice

    outputs: list[str] = []
    inputs: list[str] = []
    problem = ""
    try:
        outputs, inputs = list_ports("MidiOut"), list_ports("MidiIn")
    except LiveError as found:
        problem = found.what if found.hint == midi_advice() else str(found)  # the advice is printed for all
    dialects = {name: load_dialect(name).port for name in dialect_names()}
    if as_json:
        print_json(
            {
                "outputs": outputs,
                "inputs": inputs,
                "problem": problem,
                "advice": midi_advice(),
                "osc_dialects": dialects,
            }
        )
        return
    for title, names in (("MIDI ports to play into (--port)", outputs), ("to follow (--follow-port)", inputs)):
        click.secho(f"{title}:", bold=True)
        click.echo("\n".join(f"  {name}" for name in names) or "  none")
    click.secho("OSC dialects (--osc HOST:PORT --dialect NAME) and their usual ports:", bold=True)
    click.echo("\n".join(f"  {name:<14} {port}" for name, port in dialects.items()))
    click.secho(f"On {platform.system()}:", bold=True)
    click.echo(f"  {midi_advice()}.")
    if problem:
        warn([problem])
