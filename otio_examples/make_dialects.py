"""Write short cuts of the demo in OpenTimelineIO as DaVinci Resolve and Premiere Pro export it.

Both editors write absolute paths or URLs; here they are relative, so that the folder can lie anywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import opentimelineio as otio
from opentimelineio.opentime import RationalTime, TimeRange

HERE = Path(__file__).parent
RESOLVE, PREMIERE = "Resolve_OTIO", "PremierePro_OTIO"
PAL = 25.0
NTSC = 30000 / 1001
SECONDS = {
    "A001_bay": 16.0,
    "A002_reeds": 5.0,
    "B001_lanterns": 9.0,
    "B002_dancers": 4.0,
    "C001_gathering": 5.0,
    "D001_window": 8.0,
}
REEL_HOUR = {"A": 1, "B": 2, "C": 3, "D": 4}
"""Hour of the start timecode that the rolls of a camera have been given in Resolve's clip attributes."""


@dataclass(frozen=True)
class Part:
    """A stretch of a roll: its first frame, how many frames of it play, how fast, and whether it is switched on."""

    roll: str
    first: int
    count: int
    speed: float = 1.0
    enabled: bool = True


def main() -> None:
    """Write one folder per editor."""
    for build in (resolve, premiere):
        path = HERE / build.__name__ / f"{build.__name__}.otio"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"{build().to_json_string(indent=2)}\n", encoding="utf-8")


def resolve() -> otio.schema.Timeline:
    """Return a cut at 25 frames per second in Resolve's dialect: hits at frames 100, 175, 275, 330 and 375.

    The hit at 175 is a dissolve, the one at 330 a marker. Names of timeline and stack are empty, source times are
    timecode, notes of markers stand in the metadata. The disabled clip would cut at 120 and 200.
    """
    parts = (
        Part("A001_bay", 25, 100),
        Part("A002_reeds", 20, 75),
        Part("B001_lanterns", 50, 100),
        Part("D001_window", 25, 100),
        Part("A001_bay", 300, 75),
    )
    picture = _track("Video 1", "Video", _resolve_meta(Locked=False))
    sound = _track("Audio 1", "Audio", _resolve_meta(**{"Audio Type": "Stereo", "Locked": False, "SoloOn": False}))
    channels = [{"Source Channel ID": 0, "Source Track ID": 0}]
    for link, part in enumerate(parts, start=1):
        picture.append(_resolve_clip(part, {"Link Group ID": link}))
        sound.append(_resolve_clip(part, {"Channels": channels, "Link Group ID": link}))
    half = RationalTime(12, PAL)
    dissolve = otio.schema.Transition("Cross Dissolve", otio.schema.TransitionTypes.SMPTE_Dissolve, half, half)
    dissolve.metadata.update(_resolve_meta(**{"Transition Type": "Cross Dissolve"}))
    picture.insert(2, dissolve)

    upper = _track("Video 2", "Video", _resolve_meta(Locked=False))
    upper.append(otio.schema.Gap(source_range=_range(0, 120, PAL)))
    upper.append(_resolve_clip(Part("C001_gathering", 25, 80, enabled=False), {}))

    timeline = otio.schema.Timeline("", global_start_time=RationalTime(3600 * PAL, PAL))
    timeline.metadata.update(_resolve_meta(**{"Resolve OTIO Meta Version": "1.0"}))
    timeline.tracks.name = ""
    timeline.tracks.extend([picture, upper, sound])
    for name, colour, first, count, note in (
        ("Marker 1", "BLUE", 175, 100, "emsync: joy"),
        ("Marker 2", "RED", 330, 1, "The rain stops"),
    ):
        marker = otio.schema.Marker(name, _range(first, count, PAL), colour, _resolve_meta(Note=note))
        timeline.tracks.markers.append(marker)
    return timeline


def _resolve_meta(**values: object) -> dict[str, object]:
    return {RESOLVE: values}


def _resolve_clip(part: Part, values: dict[str, object]) -> otio.schema.Clip:
    start = REEL_HOUR[part.roll[0]] * 3600 * PAL
    clip = _clip(part, PAL, start)
    clip.name = clip.media_reference.name
    clip.metadata.update({RESOLVE: values})
    return clip


def premiere() -> otio.schema.Timeline:
    """Return a cut at 29.97 frames per second in drop frame, in Premiere's dialect: hits at 90, 150, 210, 270 and 330.

    The hit at 270 is a marker. A clip's range is the source that plays: the reeds take 120 frames of it at double
    speed and fill 60, the window takes 60 at half speed and fills 120.
    """
    parts = (
        Part("A001_bay", 15, 90),
        Part("A002_reeds", 10, 120, speed=2.0),
        Part("B002_dancers", 30, 60),
        Part("D001_window", 60, 60, speed=0.5),
        Part("A001_bay", 300, 90),
    )
    picture = _track("Video 1", "Video", {PREMIERE: {}})
    sound = _track("Audio 1", "Audio", {PREMIERE: _premiere_channels()})
    for link, part in enumerate(parts, start=1):
        for track, values in ((picture, {}), (sound, _premiere_channels())):
            clip = _clip(part, NTSC, 0)
            clip.metadata[PREMIERE] = {**values, "LinkID": str(link), "SourceClipIndex": 0}
            if part.speed != 1:
                clip.effects.append(otio.schema.LinearTimeWarp("Speed", part.speed))
            track.append(clip)

    # 01:00:00;00, which drop frame counts as 108 frames fewer than an hour at 30
    timeline = otio.schema.Timeline("Premiere", global_start_time=RationalTime(3600 * 30 - 108, NTSC))
    timeline.metadata[PREMIERE] = {"MetadataVersion": "1.0"}
    timeline.tracks.metadata[PREMIERE] = {
        "AudioFrameRate": 48000.0,
        "VideoFrameRate": NTSC,
        "VideoResolution": {"Height": 360, "Width": 640},
    }
    timeline.tracks.extend([picture, sound])
    for name, colour, first, count, comment in (
        ("emsync: joy", "BLUE", 150, 60, ""),
        ("The rain stops", "RED", 270, 1, "The music should hit this"),
    ):
        timeline.tracks.markers.append(otio.schema.Marker(name, _range(first, count, NTSC), colour, comment=comment))
    return timeline


def _premiere_channels() -> dict[str, object]:
    return {"AudioChannels": {"ChannelType": "Mono", "NumberOfChannels": 1}}


def _track(name: str, kind: str, metadata: dict[str, object]) -> otio.schema.Track:
    return otio.schema.Track(name, kind=kind, metadata=metadata)


def _range(first: float, count: float, rate: float) -> TimeRange:
    return TimeRange(RationalTime(first, rate), RationalTime(count, rate))


def _clip(part: Part, rate: float, start: float) -> otio.schema.Clip:
    """Return a clip; ``start`` is the frame of its file's start timecode. All ranges are at the timeline's rate."""
    name = f"{part.roll}.mp4"
    media = otio.schema.ExternalReference(
        f"../storm/media/{name}", _range(start, round(SECONDS[part.roll] * rate), rate)
    )
    media.name = name
    clip = otio.schema.Clip(part.roll, media, _range(start + part.first, part.count, rate))
    clip.enabled = part.enabled
    return clip


if __name__ == "__main__":
    main()
