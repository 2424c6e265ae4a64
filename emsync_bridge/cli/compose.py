"""``emsync compose``: the generator alone."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from emsync_bridge.cli.shared.console import counted, progress_shown, warn
from emsync_bridge.cli.shared.destinations import NewFile, protects_files
from emsync_bridge.cli.shared.numbers import Number
from emsync_bridge.cli.shared.options import A_FILE, Seconds, mood_options, music_options, values_of
from emsync_bridge.options import MusicOptions

if TYPE_CHECKING:
    from emsync_bridge.cue import EmotionCurve

_RATE = Fraction(1000)  # hits are given in seconds here; frames of a millisecond hold them


@click.command()
@click.option("--duration", type=Number(1, 36000), required=True, metavar="S", help="Seconds of music.")
@click.option("--hits", type=Seconds(), default=(), help="Seconds to land on, such as 4.5,10,21.25.")
@click.option("--curve", type=A_FILE, metavar="FILE", help="Mood: a table of `emsync feel --export`, or its --json.")
@click.option(
    "--out", "-o", type=NewFile(".mid", ".midi"), required=True, metavar="FILE.mid", help="The MIDI file to write."
)
@mood_options
@music_options
@protects_files
def compose(duration: float, hits: tuple[float, ...], curve: Path | None, out: Path, **options: Any) -> None:
    """Compose music of a given length that lands on given moments.

    \b
    Examples:
      emsync compose --duration 30 --hits 8,16.5,24 --mood joy --out joy.mid
      emsync compose --duration 60 --valence -0.5 --arousal 0.7 --tempo 120 --out chase.mid
    """
    from emsync_bridge.cue import Affect, EmotionCurve, EmotionSpan, HitPoint, Spotting
    from emsync_bridge.emotion.overrides.moods import mood as named_mood
    from emsync_bridge.midi.writer import write_midi
    from emsync_bridge.scoring import steps
    from emsync_bridge.scoring.music_requests import check_music, meter_notes

    late = [time for time in hits if not 0 < time < duration]
    if late:
        raise click.BadParameter(f"{late[0]:g} s is not inside {duration:g} s of music.", param_hint="--hits")
    valence, arousal, name = options.pop("valence"), options.pop("arousal"), options.pop("mood")
    felt = named_mood(name) if name else Affect(0.0, 0.0)
    affect = Affect(felt.valence if valence is None else valence, felt.arousal if arousal is None else arousal)
    mood = EmotionCurve((EmotionSpan(0.0, duration, affect, confidence=1.0),))
    if curve is not None:
        mood = _curve_in(curve)
    moments = sorted({round(time * _RATE) for time in hits})
    spotting = Spotting(
        name=out.stem,
        duration=duration,
        rate=_RATE,
        hits=tuple(HitPoint(frame / float(_RATE), frame, "marker") for frame in moments),
    )
    music = values_of(MusicOptions, options)
    check_music(music, options["model"])
    with progress_shown() as progress:
        take = steps.compose(spotting, mood, music, [options["seed"]], options["model"], progress)[0]
    write_midi(take, spotting, out)
    click.echo(f"{out}: {duration:g} s, {take.key}, {counted(len(take.notes), 'note')}")
    warn(meter_notes(take, duration, music.meter))


def _curve_in(path: Path) -> EmotionCurve:
    """Return the mood in a table of ``emsync feel --export`` or in a document of ``emsync feel --json``."""
    from emsync_bridge.cue import EmotionCurve
    from emsync_bridge.cue.serialization import from_document
    from emsync_bridge.emotion.overrides.curve_csv import read_curve_csv

    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        return read_curve_csv(path)
    return from_document(EmotionCurve, document, where=str(path))
