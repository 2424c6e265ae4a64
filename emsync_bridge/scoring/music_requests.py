"""Requests for the music: what cannot be met, before it is composed, and what was not, afterwards."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from emsync_bridge.cue import Meter, Take
from emsync_bridge.options import MusicOptions

_NAMED = 8
"""Bars that a note names."""


def check_music(options: MusicOptions, generator: Path | None) -> None:
    """Refuse options of the music that cannot be met, before anything is read.

    Raises:
        EmsyncError: Nobody would be left to play, a name is not known, themes cannot be read, or the generator cannot
            do what is asked.
    """
    from emsync_bridge.music.arranged_takes import check_players
    from emsync_bridge.music.generation.request import check_options, for_network
    from emsync_bridge.music.generators import style_of
    from emsync_bridge.music.theme_files import load_book, read_themes

    check_options(options)
    if style_of(options, generator) == "network":
        for_network(options)
        return
    check_players(options)
    read_themes(options.theme, ())
    if options.theme_book is not None:
        load_book(options.theme_book)


def meter_notes(take: Take, duration: float, asked: Meter | None) -> tuple[str, ...]:
    """Return a warning that counts and names the bars which are not in the meter that was asked for.

    Arguments:
        take: The music.
        duration: Its length in seconds.
        asked: The meter; nothing is returned when None.
    """
    if asked is None:
        return ()
    tempo_map = take.tempo_map
    lines = tempo_map.bar_lines(round(tempo_map.tick(duration)))
    odd = [
        f"{number} ({meter.numerator}/{meter.denominator}, at {tempo_map.seconds(start):.2f} s)"
        for number, start in enumerate(lines, start=1)
        if replace(meter := tempo_map.meter_at(start), tick=asked.tick) != asked
    ]
    if not odd:
        return ()
    named = ", ".join(odd[:_NAMED]) + (f" and {len(odd) - _NAMED} more" if len(odd) > _NAMED else "")
    bars = f"1 of {len(lines)} bars is" if len(odd) == 1 else f"{len(odd)} of {len(lines)} bars are"
    return (f"{bars} not in {asked.numerator}/{asked.denominator}, so that hits fall on a first beat: {named}",)


def same_notes(before: Take, after: Take) -> tuple[str, ...]:
    """Return a warning where a section that was composed again has the notes that it had.

    Arguments:
        before: The take.
        after: The take with the section composed again.
    """
    old, new = (
        [(note.player, note.instrument, note.pitch, note.start, note.end) for note in take.notes]
        for take in (before, after)
    )
    if old != new:
        return ()
    played = "" if before.notes == after.notes else ", only played a little differently"
    return (f"The section has the same notes as before{played}. Name other parts, or choose a longer section",)
