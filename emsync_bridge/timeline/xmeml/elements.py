"""Elements that are added to an xmeml document: music tracks, their files, and markers.

Their shape is that of Premiere's own exports: a stereo track is two "exploded" tracks of one channel each. A mono file
on a stereo track would be silent on one side, and Resolve refuses a file without timecode.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from emsync_bridge.errors import TimelineError
from emsync_bridge.timecode import to_timecode
from emsync_bridge.timeline.markers import color
from emsync_bridge.timeline.placement import PlacedMarker, Placement
from emsync_bridge.timeline.xmeml.document import OUR_NOTE
from emsync_bridge.timeline.xml.insertion import Element, branch, element

_BIT_DEPTH = 24
_LOUDEST = "3.98107"  # 12 dB as a factor, the most that Premiere and Final Cut Pro 7 take
_KINDS = {1: "Mono", 2: "Stereo"}


@dataclass(frozen=True)
class TrackPlan:
    """Plan of the group of tracks for one WAV.

    Arguments:
        prefix: Beginning of every id.
        rate: Frames per second of the sequence.
        first_track: Number of the first of the tracks among the sequence's audio tracks, from 1.
        group: Number of the WAV among those added, from 1.
        url: URL where the WAV lies, as the document writes it.
    """

    prefix: str
    rate: Fraction
    first_track: int
    group: int
    url: str


def rate_element(rate: Fraction) -> Element:
    """Return a frame rate as timebase and NTSC flag.

    Arguments:
        rate: Frames per second.
    """
    ntsc = rate.denominator == 1001
    base = round(rate) if ntsc or rate.denominator == 1 else f"{float(rate):g}"
    return branch("rate", element("timebase", base), element("ntsc", "TRUE" if ntsc else "FALSE"))


def timecode_element(frame: int, rate: Fraction, *, drop_frame: bool) -> Element:
    """Return a timecode.

    Arguments:
        frame: Frame number, counted from 00:00:00:00.
        rate: Frames per second.
        drop_frame: Whether it drops frames.
    """
    return branch(
        "timecode",
        rate_element(rate),
        element("string", to_timecode(frame, rate, drop_frame)),
        element("frame", frame),
        element("displayformat", "DF" if drop_frame else "NDF"),
    )


def audio_format() -> Element:
    """Return the sound format of a sequence."""
    return branch(
        "format",
        branch("samplecharacteristics", element("depth", _BIT_DEPTH), element("samplerate", 48000)),
    )


def outputs() -> Element:
    """Return the stereo output of a sequence: one group per channel."""
    return branch(
        "outputs",
        *(
            branch(
                "group",
                element("index", number),
                element("numchannels", 1),
                element("downmix", 0),
                branch("channel", element("index", number)),
            )
            for number in (1, 2)
        ),
    )


def tracks_of(placement: Placement, name: str, wav: Path, plan: TrackPlan) -> list[Element]:
    """Return the tracks of one WAV: one per channel.

    Arguments:
        placement: The music.
        name: The track's name.
        wav: Its file.
        plan: Plan of the tracks.

    Raises:
        TimelineError: The WAV is neither mono nor stereo.
    """
    if placement.channels not in _KINDS:
        raise TimelineError(
            f"A track takes mono or stereo sound, not {placement.channels} channels", where=wav, hint="Mix it down"
        )
    return [_track(placement, name, wav, plan, channel) for channel in range(placement.channels)]


def marker_element(marker: PlacedMarker, *, premiere: bool) -> Element:
    """Return a marker.

    Arguments:
        marker: Frame, name, comment and colour.
        premiere: Whether to add the colour in Premiere's own way; the format has no other.
    """
    out = marker.frame + marker.duration if marker.duration > 1 else -1
    parts = [
        element("comment", f"{marker.comment} {OUR_NOTE}".lstrip()),
        element("name", marker.name),
        element("in", marker.frame),
        element("out", out),
    ]
    if premiere and marker.color in color.PREMIERE:
        parts.append(element("pproColor", color.PREMIERE[marker.color]))
    return branch("marker", *parts)


def _track(placement: Placement, name: str, wav: Path, plan: TrackPlan, channel: int) -> Element:
    kind = _KINDS[placement.channels]
    return branch(
        "track",
        _clip(placement, name, wav, plan, channel),
        element("enabled", _enabled(plan)),
        element("locked", "FALSE"),
        element("outputchannelindex", channel + 1),
        **{
            "MZ.TrackName": name,
            "currentExplodedTrackIndex": str(channel),
            "totalExplodedTrackCount": str(placement.channels),
            "premiereTrackType": kind,
        },
    )


def _clip(placement: Placement, name: str, wav: Path, plan: TrackPlan, channel: int) -> Element:
    length = placement.frames
    file_id = f"{plan.prefix}file-{plan.group}"
    file = _file(placement, wav, plan, file_id) if channel == 0 else element("file", id=file_id)
    links = (
        branch(
            "link",
            element("linkclipref", _clip_id(plan, other)),
            element("mediatype", "audio"),
            element("trackindex", plan.first_track + other),
            element("clipindex", 1),
            element("groupindex", 1),
        )
        for other in range(placement.channels)
        if placement.channels > 1
    )
    return branch(
        "clipitem",
        element("masterclipid", f"{plan.prefix}masterclip-{plan.group}"),
        element("name", name),
        element("enabled", _enabled(plan)),
        element("duration", placement.media_frames),
        rate_element(plan.rate),
        element("start", placement.start),
        element("end", placement.start + length),
        element("in", 0),
        element("out", length),
        file,
        *([_levels(placement, plan.rate)] if placement.levels and plan.group == 1 else []),
        branch("sourcetrack", element("mediatype", "audio"), element("trackindex", channel + 1)),
        *links,
        id=_clip_id(plan, channel),
        premiereChannelType=_KINDS[placement.channels].lower(),
    )


def _enabled(plan: TrackPlan) -> str:
    """Return whether a WAV is heard: stems are switched off, for the music already holds them."""
    return "TRUE" if plan.group == 1 else "FALSE"


def _levels(placement: Placement, rate: Fraction) -> Element:
    """Return the filter that holds key frames of the level, as factors of the full level."""
    frames: dict[int, float] = {}
    for seconds, gain in placement.levels:
        frames[max(0, min(placement.frames, round(seconds * rate)))] = gain
    keys = (
        branch("keyframe", element("when", frame), element("value", f"{10 ** (gain / 20):.6f}"))
        for frame, gain in sorted(frames.items())
    )
    level = branch(
        "parameter",
        element("parameterid", "level"),
        element("name", "Level"),
        element("valuemin", 0),
        element("valuemax", _LOUDEST),
        *keys,
        authoringApp="PremierePro",
    )
    kind = "audiolevels"
    return branch(
        "filter",
        branch(
            "effect",
            element("name", "Audio Levels"),
            element("effectid", kind),
            element("effectcategory", kind),
            element("effecttype", kind),
            element("mediatype", "audio"),
            level,
        ),
    )


def _clip_id(plan: TrackPlan, channel: int) -> str:
    return f"{plan.prefix}clipitem-{plan.group}-{channel + 1}"


def _file(placement: Placement, wav: Path, plan: TrackPlan, file_id: str) -> Element:
    return branch(
        "file",
        element("name", wav.name),
        element("pathurl", plan.url),
        rate_element(plan.rate),
        element("duration", placement.media_frames),
        timecode_element(placement.media_start, plan.rate, drop_frame=False),
        branch(
            "media",
            branch(
                "audio",
                branch(
                    "samplecharacteristics",
                    element("depth", placement.bits),
                    element("samplerate", placement.sample_rate),
                ),
                element("channelcount", placement.channels),
            ),
        ),
        id=file_id,
    )
