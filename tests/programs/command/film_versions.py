"""The example film as a list of shots, written in several formats."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from urllib.parse import unquote

import fcpxml_text
import opentimelineio as otio
import xmeml_text
from places import STORM_MEDIA

RATE = Fraction(24)


@dataclass(frozen=True)
class Shot:
    """Frames of a roll from one on, in the cut for some frames; no roll is black."""

    name: str
    roll: str | None
    first: int
    frames: int
    length: int

    @property
    def speed(self) -> Fraction:
        return Fraction(self.frames, self.length)


def shots_of(path: Path) -> list[Shot]:
    """Return the shots of the example; its dissolve is a cut here."""
    timeline = otio.adapters.read_from_file(str(path))
    found = []
    for item in timeline.tracks[0]:
        if isinstance(item, otio.schema.Transition):
            continue
        shown = item.trimmed_range()
        roll = None
        if isinstance(item, otio.schema.Clip):
            roll = Path(unquote(item.media_reference.target_url)).name
        length = int(shown.duration.value)
        found.append(Shot(item.name, roll, int(shown.start_time.value), length, length))
    return found


def as_otio(shots: list[Shot]) -> str:
    """Return a cut as OpenTimelineIO."""
    track = otio.schema.Track("V1", kind=otio.schema.TrackKind.Video)
    for shot in shots:
        span = otio.opentime.TimeRange(
            otio.opentime.RationalTime(shot.first, 24), otio.opentime.RationalTime(shot.length, 24)
        )
        media = otio.schema.ExternalReference((STORM_MEDIA / str(shot.roll)).as_uri())
        track.append(otio.schema.Clip(shot.name, media, span) if shot.roll else otio.schema.Gap(source_range=span))
    timeline = otio.schema.Timeline("Storm", global_start_time=otio.opentime.RationalTime(86400, 24))
    timeline.tracks.append(track)
    return str(timeline.to_json_string())


def as_xmeml(shots: list[Shot]) -> str:
    """Return a cut for Premiere or Final Cut Pro 7; the source range of a slower clip counts in its own frames."""
    items, at = [], 0
    for number, shot in enumerate(shots):
        if shot.roll is not None:
            url = (STORM_MEDIA / shot.roll).as_uri()
            rate = xmeml_text.rate(24)
            file = (
                f'<file id="file-{number}"><name>{shot.roll}</name><pathurl>{url}</pathurl>{rate}'
                f"<duration>400</duration><media><video/></media></file>"
            )
            first = round(shot.first / shot.speed)
            slow = xmeml_text.remap(str(float(100 * shot.speed))) if shot.speed != 1 else ""
            where = (at, at + shot.length, first, first + shot.length)
            items.append(xmeml_text.clip(*where, file, name=shot.name, base=24, extra=slow))
        at += shot.length
    return xmeml_text.document(xmeml_text.sequence(xmeml_text.track(*items), name="Storm", base=24))


def as_fcpxml(shots: list[Shot]) -> str:
    """Return a cut for Final Cut Pro."""
    rolls = sorted({shot.roll for shot in shots if shot.roll})
    assets = [
        fcpxml_text.asset(number, src=(STORM_MEDIA / roll).as_uri(), format="f1")
        for number, roll in enumerate(rolls, start=10)
    ]
    spine, at = [], 0
    for shot in shots:
        place = {"offset": fcpxml_text.t(at, RATE), "duration": fcpxml_text.t(shot.length, RATE)}
        at += shot.length
        if shot.roll is None:
            spine.append(fcpxml_text.tag("gap", name="Gap", start="0s", **place))
            continue
        slow = []
        if shot.speed != 1:
            ends = ((0, 0), (Fraction(400) / shot.speed, 400))
            points = [
                fcpxml_text.tag("timept", time=fcpxml_text.t(time, RATE), value=fcpxml_text.t(value, RATE))
                for time, value in ends
            ]
            slow = [fcpxml_text.tag("timeMap", *points)]
        key, start = f"a{10 + rolls.index(shot.roll)}", fcpxml_text.t(Fraction(shot.first) / shot.speed, RATE)
        spine.append(fcpxml_text.tag("asset-clip", *slow, ref=key, name=shot.name, start=start, **place))
    return fcpxml_text.document(*spine, resources="".join(assets), rate=RATE, name="Storm")
