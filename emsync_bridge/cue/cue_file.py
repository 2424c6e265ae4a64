"""A cue from its file, checked so far that it can be played."""

from __future__ import annotations

import json
import math
from itertools import pairwise
from pathlib import Path

from emsync_bridge.cue import Cue, TempoMap
from emsync_bridge.cue.serialization import from_document
from emsync_bridge.errors import EmsyncError

_MAX_BYTES = 256 * 2**20
_MAX_LENGTH = 24 * 3600
_WHICH = "Give the .cue.json that emsync wrote beside the music"


def read_cue(path: Path) -> Cue:
    """Return the cue in a ``.cue.json`` file.

    Raises:
        EmsyncError: The file is too large, not JSON, not a cue, or holds no music that can be played.
    """
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise EmsyncError("This file is too large for a cue", where=path)
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as problem:
        reason = problem.strerror or type(problem).__name__
        raise EmsyncError(f"The cue cannot be read ({reason})", where=path, hint="Check the path") from None
    except (ValueError, RecursionError) as problem:
        raise EmsyncError(f"Not JSON ({problem})", where=path, hint=_WHICH) from None
    if not isinstance(document, dict) or not {"spotting", "takes"} <= document.keys():
        raise EmsyncError("This is not the document of a cue", where=path, hint=_WHICH)
    cue = from_document(Cue, document, where=str(path))
    if not 0 <= cue.chosen < len(cue.takes):
        raise EmsyncError("This cue holds no music", where=path, hint="Compose some with: emsync score")
    spotting, end = cue.spotting, max((note.end for note in cue.take.notes), default=0)
    times = [spotting.duration, *(hit.time for hit in spotting.hits), *(shot.start for shot in spotting.shots)]
    playable = _consistent(cue.take.tempo_map) and spotting.rate > 0 and end < 10**9
    if not playable or not all(math.isfinite(time) and abs(time) < _MAX_LENGTH for time in times):
        raise EmsyncError(
            "This cue has invalid times (tempo map, hit points or shots)",
            where=path,
            hint="Compose it again with: emsync score",
        )
    return cue


def _consistent(tempo_map: TempoMap) -> bool:
    tempo_ticks = [tempo.tick for tempo in tempo_map.tempos]
    meter_ticks = [meter.tick for meter in tempo_map.meters]
    for ticks in (tempo_ticks, meter_ticks):
        if ticks[:1] != [0] or any(before >= after for before, after in pairwise(ticks)):
            return False
    tempos = all(0 < tempo.microseconds_per_quarter < 2**24 for tempo in tempo_map.tempos)
    return tempos and all(m.numerator > 0 and m.denominator > 0 and m.bar_ticks > 0 for m in tempo_map.meters)
