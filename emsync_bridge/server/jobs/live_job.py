"""Live playing as a job: the chosen take into a DAW until it ends or is cancelled."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import urlsplit

from emsync_bridge.cue import Cue
from emsync_bridge.errors import EmsyncError
from emsync_bridge.progress import Progress
from emsync_bridge.server.jobs.requests import LiveRequest

_LOOK_EVERY = 0.1


def play(request: LiveRequest, cue: Cue, progress: Progress) -> dict[str, Any]:
    """Play a cue's chosen take; return how that went.

    Arguments:
        request: Request that names the receiver.
        cue: The music.
        progress: Function that is told of the position; may raise to stop.

    Raises:
        EmsyncError: The receiver cannot be opened.
    """
    from emsync_bridge.live.playback.channels import ChannelPlan
    from emsync_bridge.live.playback.part import part_of
    from emsync_bridge.live.playback.player import ProcessPlayer
    from emsync_bridge.live.playback.sender_process import SenderAssignment

    part = part_of(cue.take, cue.spotting, cue.curve, ChannelPlan(request.channels))
    with ProcessPlayer(SenderAssignment(_target(request), part)) as player:
        player.play(request.begin)
        status = player.status()
        while status.rolling:
            progress(f"Playing into {player.output}", status.position / max(part.duration, 1e-3))
            time.sleep(_LOOK_EVERY)
            status = player.status()
    return {
        "output": player.output,
        "notes": status.notes,
        "dropped": status.dropped,
        "lateness_ms": status.lateness_ms,
    }


def _target(request: LiveRequest) -> Any:
    if request.osc is None:
        from emsync_bridge.live.outputs.midi import MidiTarget

        return MidiTarget(request.port)
    from emsync_bridge.live.outputs.osc import OscTarget

    try:
        parts = urlsplit(f"//{request.osc}")
        return OscTarget(request.dialect or "emsync", parts.hostname or "127.0.0.1", parts.port)
    except ValueError:
        raise EmsyncError("Not an OSC address", where=request.osc, hint="Write HOST:PORT") from None
