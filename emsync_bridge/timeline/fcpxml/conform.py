"""Rate conforming in FCPXML: how fast media of one frame rate plays in a sequence of another.

An item with a ``conform-rate`` element counts its own clock in seconds of its media as if that played untouched; Final
Cut Pro plays it at another speed, and times on that clock have to be divided by it.

Known from exports, in which connected clips fall on whole frames of the sequence only then: media at 23.98 in 24,
29.97, 30, 50, 59.94 and 60 plays as at 24; media at 25 in 24 and in 23.98 and at 23.98 in 25 plays frame for frame.
Apple's chart ("conform-rate", FCPXML Reference) agrees with the pairs within five per cent of each other and leaves all
others alone, which exports contradict (CommandPost/FCPCafe#323). The rest is guessed, by analogy:

* pairs within five per cent of each other (23.98, 24 and 25; 29.97 and 30; 47.95, 48 and 50; 59.94 and 60) play frame
  for frame;
* media at an NTSC rate plays at the whole rate beside it (29.97 as 30) in every sequence that does not count in the
  same family of rates (23.98 and 47.95; 29.97, 59.94 and 119.88), in which it plays untouched;
* media at a whole rate in a sequence at an NTSC rate plays 1000/1001 slower (24 in 29.97 as 23.98);
* media at 50 plays as at 48 in 24, and as at 47.95 in 23.98, by the chart alone;
* whole rates further apart are left alone, 24 in 50 too, where the chart says 25.

A guess is corrected by the document: if its connected clips fall on whole frames of the sequence at another of the
speeds that occur, and not at the one that the rules give, that speed is used for the pair of rates.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from emsync_bridge.timecode import exact_rate
from emsync_bridge.timeline.fcpxml.document import Fcpxml, time_of
from emsync_bridge.timeline.xml.tree import Node

_NTSC = Fraction(1000, 1001)
_NEAR = Fraction(1, 20)
_SOURCE_RATES = {
    "23.98": 24 * _NTSC,
    "24": Fraction(24),
    "25": Fraction(25),
    "29.97": 30 * _NTSC,
    "30": Fraction(30),
    "47.95": 48 * _NTSC,
    "48": Fraction(48),
    "50": Fraction(50),
    "59.94": 60 * _NTSC,
    "60": Fraction(60),
    "90": Fraction(90),
    "100": Fraction(100),
    "119.88": 120 * _NTSC,
    "120": Fraction(120),
}
_MAX_SAMPLES = 200  # per pair of rates
_ON_FRAME = Fraction(1, 50)  # of a frame: writers round times to the media's frames or to microseconds


def played_rate(media: Fraction, rate: Fraction) -> Fraction:
    """Return the frame rate that media is played at by the rules above.

    Arguments:
        media: Frames per second of the media, exact.
        rate: Frames per second of the sequence, exact.
    """
    if abs(rate / media - 1) < _NEAR:
        return rate
    for times in (2, 4, Fraction(1, 2), Fraction(1, 4)):
        if rate * times / media in (1, _NTSC, 1 / _NTSC):
            return rate * times
    if media == 50 and rate in (24, 24 * _NTSC):
        return rate * 2
    if media.denominator != 1:
        return media / _NTSC
    return media if rate.denominator == 1 else media * _NTSC


class ConformRates:
    """Speeds of conformed items in one document.

    Arguments:
        fcpxml: The document.
    """

    def __init__(self, fcpxml: Fcpxml) -> None:
        self._corrected: dict[tuple[Fraction, Fraction], Fraction] = {}
        samples: dict[tuple[Fraction, Fraction], list[Fraction]] = {}
        for media, rate, distance in _connections(fcpxml):
            found = samples.setdefault((media, rate), [])
            if len(found) < _MAX_SAMPLES:
                found.append(distance)
        for (media, rate), distances in samples.items():
            best = _best_speed(media, rate, distances)
            if best is not None:
                self._corrected[media, rate] = best

    def speed(self, item: Node, rate: Fraction) -> Fraction:
        """Return how many seconds of an item's own clock pass in a second of the clock around it.

        Arguments:
            item: A story element.
            rate: Frames per second around it.
        """
        media = _conformed_rate(item)
        if media is None:
            return Fraction(1)
        return self._corrected.get((media, rate)) or played_rate(media, rate) / media


def _conformed_rate(item: Node) -> Fraction | None:
    conform = item.child("conform-rate")
    if conform is None or conform.attributes.get("scaleEnabled", "1") == "0":
        return None
    text = conform.attributes.get("srcFrameRate", "")
    if text in _SOURCE_RATES:
        return _SOURCE_RATES[text]
    try:
        rate = exact_rate(text) if text.isascii() and len(text) < 16 else Fraction(0)
    except (ValueError, ZeroDivisionError):
        return None
    return rate if 1 <= rate <= 1000 else None


def _connections(fcpxml: Fcpxml) -> Iterator[tuple[Fraction, Fraction, Fraction]]:
    """Yield media rate, sequence rate and distance from the item's start of everything connected to conformed items."""
    for root in fcpxml.document.root.walk():
        rate = fcpxml.rate(root) if root.tag in ("sequence", "multicam") else None
        if rate is None:
            continue
        for item in root.walk():
            media = _conformed_rate(item)
            if media is None or media == rate:
                continue
            start = time_of(item, "start") or Fraction(0)
            for child in item.children:
                offset = time_of(child, "offset")
                if offset is not None and offset != start and child.attributes.get("lane", "0") != "0":
                    yield media, rate, offset - start


def _best_speed(media: Fraction, rate: Fraction, distances: list[Fraction]) -> Fraction | None:
    """Return the speed at which connected clips fall on whole frames, unless that of the rules does as well."""

    def off_frame(speed: Fraction) -> int:
        frames = [distance / speed * rate for distance in distances]
        return sum(abs(at - round(at)) > _ON_FRAME for at in frames)

    ruled = played_rate(media, rate) / media
    if not off_frame(ruled):
        return None
    others = {Fraction(1), _NTSC, 1 / _NTSC, rate / media, rate * 2 / media, rate / media / 2} - {ruled}
    fitting = [speed for speed in others if abs(speed - 1) < _NEAR and not off_frame(speed)]
    return fitting[0] if len(fitting) == 1 else None
