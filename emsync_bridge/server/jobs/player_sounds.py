"""Sounds of single players of a version, made on demand: the gain of its mix is kept beside what came of its job."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from emsync_bridge.cue import Cue
from emsync_bridge.errors import RenderError
from emsync_bridge.options import RenderOptions
from emsync_bridge.progress import Progress
from emsync_bridge.render.mix.level import GainCurve
from emsync_bridge.scoring.outputs import make_folder
from emsync_bridge.scoring.sound_steps import render_players
from emsync_bridge.server.jobs.store import EARLIER_GAIN, GAIN


def keep_gain(folder: Path, gain: GainCurve) -> None:
    """Save the gain of a mix in its job's folder."""
    with (folder / GAIN).open("wb") as file:
        np.save(file, np.concatenate([[gain.base], gain.moving]).astype(np.float32), allow_pickle=False)


def render_family(
    cue: Cue, family: str, folders: tuple[Path, Path], render: RenderOptions, progress: Progress
) -> dict[str, str]:
    """Render each player of a family of a version alone; return the files by what they are.

    Arguments:
        cue: The version's music.
        family: Name of the family.
        folders: Folder of the job, and the one for its results.
        render: Options that the version was rendered with.
        progress: Function that is told of the rendering.

    Raises:
        RenderError: The version was rendered by a bridge that did not keep its gain, or the family does not play.
    """
    folder, out = folders
    try:
        kept = np.load(folder / EARLIER_GAIN, allow_pickle=False)
    except (OSError, ValueError):
        raise RenderError(
            "Single players of this version cannot be heard: it was rendered by an older version of emsync",
            hint="Compose it again with the same seed",
        ) from None
    make_folder(out)
    made = render_players(cue, out, family, render, GainCurve(float(kept[0]), kept[1:]), progress)
    return {f"player {name}": str(path.absolute()) for name, path in made.items()}
