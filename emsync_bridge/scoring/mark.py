"""Metadata in the audio files of a cue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emsync_bridge.cue import Cue
from emsync_bridge.machine_mark import machine_mark

if TYPE_CHECKING:
    from emsync_bridge.render.files.metadata import Stamp


def stamp_of(cue: Cue) -> Stamp:
    """Return what an audio file is to say of a cue."""
    from emsync_bridge.render.files.metadata import Stamp

    spotting = cue.spotting
    return Stamp(
        start=spotting.start_frame / spotting.rate,
        rate=spotting.rate,
        drop_frame=spotting.drop_frame,
        project=spotting.name,
        cue=str(cue.settings.get("cue_number", "")),
        take=str(cue.chosen + 1),
        mark=machine_mark(cue.take),
    )
