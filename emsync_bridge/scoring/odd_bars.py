"""Bars in another meter than the one that was asked for."""

from __future__ import annotations

from emsync_bridge.cue import Meter, Take

_NAMED = 8
"""Bars that a note names."""


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
        f"{number} ({numerator}/{denominator}, at {tempo_map.seconds(start):.2f} s)"
        for number, start in enumerate(lines, start=1)
        for numerator, denominator in [_meter_at(take, start)]
        if (numerator, denominator) != (asked.numerator, asked.denominator)
    ]
    if not odd:
        return ()
    named = ", ".join(odd[:_NAMED]) + (f" and {len(odd) - _NAMED} more" if len(odd) > _NAMED else "")
    bars = f"1 of {len(lines)} bars is" if len(odd) == 1 else f"{len(odd)} of {len(lines)} bars are"
    return (f"{bars} not in {asked.numerator}/{asked.denominator}, so that hits fall on a first beat: {named}",)


def _meter_at(take: Take, tick: int) -> tuple[int, int]:
    holding = [meter for meter in take.tempo_map.meters if meter.tick <= tick][-1]
    return holding.numerator, holding.denominator
