"""The timeline's own tracks of dialogue, with the media that is heard there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from emsync_bridge.cue import Spotting
from emsync_bridge.options import EmotionOptions
from emsync_bridge.scoring.bundled_media import unpack_media
from emsync_bridge.timeline.source import Source

if TYPE_CHECKING:
    from emsync_bridge.picture.relink import MediaSpan as Media
    from emsync_bridge.timeline.cut.model import CutModel


@dataclass(frozen=True)
class DialogueStretch:
    """A clip on a track of dialogue.

    Arguments:
        start: Seconds from the cut's start.
        end: Seconds from the cut's start.
        media: Media that is heard there; None where it was not found.
        name: The clip's, for messages.
        certain: Whether a person has sorted it under dialogue, so that it counts as speech where nothing can be heard.
    """

    start: float
    end: float
    media: Media | None
    name: str = ""
    certain: bool = True


def dialogue_stretches(
    source: Source, model: CutModel, spotting: Spotting, emotion: EmotionOptions
) -> tuple[DialogueStretch, ...]:
    """Return the clips on the tracks of dialogue inside a cut, in order of time.

    Media that is not found is stood for by the rendering of the whole cut, where there is one.

    Arguments:
        source: The timeline.
        model: Contents as they were read.
        spotting: The cut, which may be a part of the timeline.
        emotion: Options with the folders in which media may lie.
    """
    from emsync_bridge.picture.relink import MediaSpan as Media
    from emsync_bridge.picture.relink import relink
    from emsync_bridge.timeline.spotting.spot import dialogue_shots

    found = dialogue_shots(model)
    if not found:
        return ()
    inside = unpack_media(source)
    roots = (*emotion.media_roots, inside) if inside else emotion.media_roots
    relinked = relink([shot for shot, _ in found], timeline=source.path, media_roots=roots)
    offset = float((spotting.start_frame - model.start_frame) / model.rate)
    stretches = []
    for (shot, certain), heard in zip(found, relinked.sources, strict=True):
        start, end = max(0.0, shot.start - offset), min(spotting.duration, shot.end - offset)
        if start >= end:
            continue
        late = start + offset - shot.start  # seconds of the clip before the cut begins
        media = None if heard is None else Media(heard.path, heard.start + late, heard.end)
        if media is None and emotion.picture is not None:
            media = Media(emotion.picture, start + offset, end + offset)
        stretches.append(DialogueStretch(start, end, media, shot.name, certain))
    return tuple(stretches)
