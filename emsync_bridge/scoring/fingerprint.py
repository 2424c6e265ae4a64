"""Fingerprint of a cut, by which a cue shows that it was made for the cut as it is now."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from emsync_bridge.cue import Cue, Spotting
from emsync_bridge.cue.trimming import trim_spotting
from emsync_bridge.errors import TimelineError
from emsync_bridge.timecode import to_timecode
from emsync_bridge.timeline.cut.model import CutModel
from emsync_bridge.timeline.spotting.spot import spot

_HINT = "Conform the cue to the new cut (emsync conform), or score the cut again"


def refuse_another_cut(cue: Cue, model: CutModel, path: Path) -> None:
    """Refuse a cue whose hits are not those of the cut.

    The cuts are the same when their shots lie on the same frames and show media of the same file names; a drive that
    is called otherwise and clips that were renamed change nothing.

    Arguments:
        cue: The cue.
        model: The cut as it is now.
        path: Its file, for the message.

    Raises:
        TimelineError: The cut is another one.
    """
    kept, rate = cue.spotting, model.rate
    offset = kept.start_frame - model.start_frame
    length = round(model.duration * rate)
    if kept.rate != rate:
        raise TimelineError(
            f"This cue was made at {float(kept.rate):g} frames per second and the cut has {float(rate):g}",
            where=path,
            hint=_HINT,
        )
    whole = "between" not in cue.settings
    if (whole and (offset, kept.frames) != (0, length)) or offset < 0 or offset + kept.frames > length:
        raise TimelineError(
            f"This cue was made for {kept.frames} frames from {_timecode(kept, 0)} on; the cut now has {length} from "
            f"{to_timecode(model.start_frame, rate, model.drop_frame)} on",
            where=path,
            hint=_HINT,
        )
    now = spot(model, all_changes=bool(cue.settings.get("all_changes")))
    if not whole:
        now = trim_spotting(now, float(offset / rate), float((offset + kept.frames) / rate))
    for number, (before, after) in enumerate(zip(_shots(kept), _shots(now), strict=False), start=1):
        if before != after:
            place = _timecode(kept, before[0])
            raise TimelineError(
                f"The cut has changed since this cue was made: shot {number}, at {place}, is another one",
                where=path,
                hint=_HINT,
            )
    if len(kept.shots) != len(now.shots):
        raise TimelineError(
            f"The cut has {len(now.shots)} shots, and had {len(kept.shots)} when this cue was made",
            where=path,
            hint=_HINT,
        )


def _shots(spotting: Spotting) -> list[tuple[int, int, str]]:
    return [
        (
            round(shot.start * spotting.rate),
            round(shot.end * spotting.rate),
            PurePosixPath((shot.media or "").replace("\\", "/")).name.casefold(),
        )
        for shot in spotting.shots
    ]


def _timecode(spotting: Spotting, frame: int) -> str:
    return to_timecode(spotting.start_frame + frame, spotting.rate, spotting.drop_frame)
