"""Write the small timelines for hard cases; each exercises one thing and borrows its media from ``storm``."""

from __future__ import annotations

from pathlib import Path

import opentimelineio as otio
from opentimelineio.opentime import RationalTime, TimeRange

HERE = Path(__file__).parent
FILM = 24.0
NTSC = 30000 / 1001
START = 58 * 30

SECONDS = {"A001_bay": 16, "A002_reeds": 5, "B001_lanterns": 9, "C004_sea": 6.75, "D001_window": 8}


def main() -> None:
    """Write one folder per case."""
    for build in (nested, speed, overlay):
        write(f"{build.__name__}.otio", build().to_json_string(indent=2))
    write("drop_frame.edl", drop_frame())


def write(name: str, text: str) -> None:
    """Write a document into the folder of its own name."""
    path = HERE / Path(name).stem / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"{text}\n", encoding="utf-8")


def nested() -> otio.schema.Timeline:
    """Return a cut inside a compound clip that is trimmed: hits at 48, 60 and 72 frames."""
    inner = otio.schema.Stack("Inner cut", source_range=_range(12, 24))
    inner.append(_track("V1", _clip("A002_reeds", 0, 24), _clip("C004_sea", 24, 24)))
    return _timeline("Nested", [_track("V1", _clip("A001_bay", 0, 48), inner, _clip("D001_window", 12, 48))])


def speed() -> otio.schema.Timeline:
    """Return speed changes that leave the length in the track alone: hits at 48, 96 and 144 frames, none at 192.

    The reeds run at double speed, the lanterns at half speed backwards, and the sea goes on from the frame on which it
    stood still.
    """
    fast, slow = _clip("A002_reeds", 0, 48), _clip("B001_lanterns", 120, 48)
    fast.effects.append(otio.schema.LinearTimeWarp(time_scalar=2.0))
    slow.effects.append(otio.schema.LinearTimeWarp(time_scalar=-0.5))
    still, moving = _clip("C004_sea", 24, 48), _clip("C004_sea", 24, 48)
    still.effects.append(otio.schema.FreezeFrame())
    return _timeline("Speed", [_track("V1", _clip("A001_bay", 0, 48), fast, slow, still, moving)])


def overlay() -> otio.schema.Timeline:
    """Return layers: hits at 24 and 48 frames where the reeds cover the bay, none for title and disabled clips."""
    hidden = _clip("C004_sea", 0, 60)
    hidden.enabled = False
    words = otio.schema.GeneratorReference("Words", "Title", _range(0, 30), parameters={"text": "Words"})
    title = otio.schema.Clip("Title: Words", words, _range(0, 30))
    return _timeline(
        "Overlay",
        [
            _track("V1", _clip("A001_bay", 0, 120)),
            _track("V2", _gap(24), _clip("A002_reeds", 0, 24)),
            _track("V3", _gap(10), hidden),
            _track("V4", _gap(80), title),
        ],
    )


def drop_frame() -> str:
    """Return an edit decision list in drop frame over a minute's end: hits at 60, 120 and 180 frames.

    It starts at 00:00:58;00; the cut at frame 60 is 00:01:00;02, the number after 00:00:59;29.
    """
    lines = ["TITLE: DROP FRAME", "FCM: DROP FRAME"]
    for number, name in enumerate(("A001_bay", "A002_reeds", "B001_lanterns", "D001_window")):
        first = START + 60 * number
        times = " ".join(_drop_frame_code(frame) for frame in (0, 60, first, first + 60))
        reel = name.replace("_", "")[:8].upper()
        lines += ["", f"{number + 1:03}  {reel:8} V     C        {times}", f"* FROM CLIP NAME: {name}.mp4"]
    return "\n".join(lines)


def _drop_frame_code(frame: int) -> str:
    return otio.opentime.to_timecode(RationalTime(frame, NTSC), NTSC, drop_frame=True)


def _range(first: float, count: float) -> TimeRange:
    return TimeRange(RationalTime(first, FILM), RationalTime(count, FILM))


def _clip(roll: str, first: int, count: int) -> otio.schema.Clip:
    media = otio.schema.ExternalReference(f"../storm/media/{roll}.mp4", _range(0, SECONDS[roll] * FILM))
    return otio.schema.Clip(roll, media, _range(first, count))


def _gap(count: int) -> otio.schema.Gap:
    return otio.schema.Gap(source_range=_range(0, count))


def _track(name: str, *items: otio.core.Item) -> otio.schema.Track:
    return otio.schema.Track(name, children=list(items), kind=otio.schema.TrackKind.Video)


def _timeline(name: str, tracks: list[otio.schema.Track]) -> otio.schema.Timeline:
    timeline = otio.schema.Timeline(name, global_start_time=RationalTime(86_400, FILM))
    timeline.tracks.extend(tracks)
    return timeline


if __name__ == "__main__":
    main()
