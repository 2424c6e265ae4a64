"""Orders for the music in markers and settings: ``palette=strings``, ``theme=ANNA``, in a stretch of the cut.

They stand among the directives of a spotting, beside those for the mood, which pass over them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from emsync_bridge.cue import Directive, Spotting

OrderKind = Literal["palette", "theme"]

_ORDER = re.compile(r"\s*(palette|theme)\s*[=:]\s*[\"']?([^\"'=]{1,80}?)[\"']?\s*", re.IGNORECASE)


@dataclass(frozen=True)
class MusicOrder:
    """Order for the music in a stretch.

    Arguments:
        kind: Kind of order: the palette that plays, or the person or place whose theme is stated.
        name: Name of the palette or the theme.
        start: Seconds from the timeline's start.
        end: Seconds.
    """

    kind: OrderKind
    name: str
    start: float
    end: float


def music_order(text: str) -> tuple[OrderKind, str] | None:
    """Return what a directive orders of the music; None where it is about the mood.

    Arguments:
        text: The order as written, without the prefix.
    """
    found = _ORDER.fullmatch(text)
    if found is None:
        return None
    kind: OrderKind = "palette" if found[1].lower() == "palette" else "theme"
    return kind, found[2].strip().lower() if kind == "palette" else found[2].strip()


def music_orders(spotting: Spotting) -> tuple[MusicOrder, ...]:
    """Return the orders for the music in a cut, in order of time.

    One without a length holds until the next of its kind, or to the end.

    Arguments:
        spotting: The cut.
    """
    found: list[MusicOrder] = []
    for directive in sorted(spotting.directives, key=lambda each: each.start):
        order = music_order(directive.text)
        if order is not None:
            found.append(MusicOrder(*order, directive.start, directive.end or spotting.duration))
    lasting = {directive.start for directive in spotting.directives if directive.end is None}
    ended = []
    for index, each in enumerate(found):
        later = (other.start for other in found[index + 1 :] if other.kind == each.kind and other.start > each.start)
        ended.append(replace(each, end=min(each.end, next(later, each.end))) if each.start in lasting else each)
    return tuple(ended)


def palettes_in(spotting: Spotting) -> tuple[tuple[float, float, str], ...]:
    """Return start, end and name of the palettes that are ordered in a cut."""
    return tuple((o.start, o.end, o.name) for o in music_orders(spotting) if o.kind == "palette")


def with_music_orders(spotting: Spotting, directives: Iterable[Directive]) -> Spotting:
    """Return a cut with those directives among its own that are for the music.

    Arguments:
        spotting: The cut.
        directives: Directives from settings for places in the cut.
    """
    new = [directive for directive in directives if music_order(directive.text) is not None]
    known = set(spotting.directives)
    both = sorted([*spotting.directives, *(d for d in new if d not in known)], key=lambda each: each.start)
    return replace(spotting, directives=tuple(both)) if len(both) > len(spotting.directives) else spotting
