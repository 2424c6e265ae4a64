from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from clips import Studio
from cuts import felt, movie_cut, spotting

from emsync_bridge.cue import Directive, Shot
from emsync_bridge.emotion.plot import plot_curve
from emsync_bridge.errors import OutputError
from emsync_bridge.picture.relink import relink


def drawn(path: Path) -> np.ndarray:
    from matplotlib.image import imread

    return np.asarray(imread(path))[:, :, :3]


def test_pictures_of_the_shots_are_in_it(studio: Studio, tmp_path: Path) -> None:
    red, blue = (studio.picture(f"{colour}.mp4", f"color={colour}:s=64x36:r=25:d=4") for colour in ("red", "blue"))
    cut = spotting(
        Shot(0, 4, str(red), 0, 4),
        Shot(4, 8, str(blue), 0, 4),
        Shot(8, 12, "/gone.mov", 0, 4),
        directives=[Directive(9, "silence", 10)],
    )
    out = tmp_path / "feel $1.png"
    plot_curve(cut, relink(cut.shots, timeline=tmp_path / "cut.otio"), felt(cut).curve, out)
    picture = drawn(out)
    for channel in (0, 2):
        others = [i for i in range(3) if i != channel]
        strong = (picture[:, :, channel] > 0.8) & (picture[:, :, others].max(axis=2) < 0.2)
        assert strong.mean() > 0.01
    assert [entry.name for entry in tmp_path.iterdir()] == [out.name]


def test_a_long_cut_gets_more_rows(tmp_path: Path) -> None:
    heights = []
    for count in (5, 30, 90):
        cut = movie_cut(None, *(float(i) for i in range(count + 1)))
        out = tmp_path / f"{count}.png"
        plot_curve(cut, relink(cut.shots, timeline=tmp_path / "cut.otio"), felt(cut).curve, out)
        heights.append(drawn(out).shape[0])
    assert heights[0] < heights[1] < heights[2] < 10_000


def test_nowhere_to_write(tmp_path: Path) -> None:
    cut = movie_cut(None, 0, 1)
    with pytest.raises(OutputError):
        plot_curve(cut, relink(cut.shots, timeline=tmp_path), felt(cut).curve, tmp_path / "no" / "feel.png")
