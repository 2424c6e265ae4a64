"""What every file says of who made the music: a program, with which generator, from which seed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emsync_bridge import __version__
from emsync_bridge.cue import Cue

if TYPE_CHECKING:
    from emsync_bridge.render.files.metadata import Stamp


def machine_mark(cue: Cue) -> str:
    """Return one sentence that says that the music is made by a machine, and by which."""
    take = cue.take
    return f"Machine-made music: emsync-bridge {__version__}, generator {take.model or 'unknown'}, seed {take.seed}"


def stamp_of(cue: Cue) -> Stamp:
    """Return what an audio file is to say of a cue."""
    from emsync_bridge.render.files.metadata import Stamp

    spotting = cue.spotting
    return Stamp(
        start=spotting.start_frame / spotting.rate,
        rate=spotting.rate,
        drop_frame=spotting.drop_frame,
        project=spotting.name,
        take=str(cue.chosen + 1),
        mark=machine_mark(cue),
    )
