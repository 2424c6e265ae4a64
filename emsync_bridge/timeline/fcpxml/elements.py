"""Elements that are added to an FCPXML document: assets, connected clips and markers."""

from __future__ import annotations

import math
from fractions import Fraction

from emsync_bridge.timeline.placement import PlacedMarker, Placement
from emsync_bridge.timeline.xml.insertion import Element, branch, element

_MEDIA_REP_SINCE = (1, 9)


def seconds_text(time: Fraction) -> str:
    """Return a time as FCPXML writes it: ``1001/30000s``, whole seconds as ``5s``."""
    return f"{time.numerator}s" if time.denominator == 1 else f"{time.numerator}/{time.denominator}s"


def asset_element(
    placement: Placement, rate: Fraction, key: str, *, name: str, url: str, version: tuple[int, ...]
) -> Element:
    """Return the asset of one WAV.

    Arguments:
        placement: The music.
        rate: Frames per second of the sequence.
        key: Its id.
        name: Its name.
        url: URL where the WAV lies.
        version: Version of the document: the place of the URL changed with 1.9.
    """
    samples = math.ceil(Fraction(placement.media_frames) / rate * placement.sample_rate)
    attributes = {
        "id": key,
        "name": name,
        "start": seconds_text(placement.media_start / rate),
        "duration": f"{samples}/{placement.sample_rate}s",
        "hasAudio": "1",
        "audioSources": "1",
        "audioChannels": str(placement.channels),
        "audioRate": str(placement.sample_rate),
    }
    if version < _MEDIA_REP_SINCE:
        return element("asset", **attributes, src=url)
    return branch("asset", element("media-rep", kind="original-media", src=url), **attributes)


def clip_element(
    placement: Placement, rate: Fraction, key: str, *, name: str, lane: int, offset: str, stem: bool
) -> Element:
    """Return the connected clip of one WAV.

    Arguments:
        placement: The music.
        rate: Frames per second of the sequence.
        key: Id of its asset.
        name: Its name.
        lane: Lane that it is connected on: below everything else.
        offset: Beginning of the music on the clock of the item that it is connected to.
        stem: Whether it is an instrument group: switched off, for the music already holds it, and without markers.
    """
    markers = () if stem else placement.markers
    levels = [_volume(placement, rate)] if placement.levels and not stem else []
    return branch(
        "asset-clip",
        *levels,
        *(_marker(marker, placement.start - placement.media_start, rate) for marker in markers),
        ref=key,
        lane=str(lane),
        offset=offset,
        name=name,
        start=seconds_text(placement.media_start / rate),
        duration=seconds_text(placement.frames / rate),
        audioRole="music",
        **({"enabled": "0"} if stem else {}),
    )


def _volume(placement: Placement, rate: Fraction) -> Element:
    """Return the level as key frames in the clip's own time."""
    begin = placement.media_start / rate
    keys = (
        element("keyframe", time=seconds_text(begin + Fraction(round(seconds * 1000), 1000)), value=f"{gain:.2f}dB")
        for seconds, gain in placement.levels
    )
    first = f"{placement.levels[0][1]:.2f}dB"
    return branch("adjust-volume", branch("param", branch("keyframeAnimation", *keys), name="amount", value=first))


def _marker(marker: PlacedMarker, start: int, rate: Fraction) -> Element:
    attributes = {
        "start": seconds_text((marker.frame - start) / rate),
        "duration": seconds_text(max(1, marker.duration) / rate),
        "value": marker.name or "Marker",
    }
    if marker.comment:
        attributes["note"] = marker.comment
    return element("marker", **attributes)
