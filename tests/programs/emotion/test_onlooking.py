"""A plain video is decoded once, for its shots and for its mood."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from clips import Studio

from emsync_bridge.cue import EmotionCurve
from emsync_bridge.emotion.extractors import observe
from emsync_bridge.emotion.extractors.scene import SceneExtractor
from emsync_bridge.emotion.extractors.shared_decode import MemoryCache, SharedDecode
from emsync_bridge.errors import MediaError
from emsync_bridge.options import EmotionOptions, ReadOptions
from emsync_bridge.scoring import steps
from emsync_bridge.timeline.source import open_source

FRESH = EmotionOptions(cache=False)


def feel(path: Path, feeling: EmotionOptions = FRESH, *, once: bool) -> tuple[EmotionCurve, tuple[str, ...]]:
    """Feel a plain video in one decode or in two."""
    looking = ReadOptions()
    onlooker = steps.shared_decode(open_source(path), looking, feeling) if once else None
    assert (onlooker is not None) == once
    spotting = steps.spot(steps.read(open_source(path), looking, shared=onlooker), looking)
    return steps.feel(spotting, steps.find_media(open_source(path), spotting, feeling), feeling, shared=onlooker)


def three_shots(studio: Studio, rate: str) -> Path:
    size, name = f"s=160x90:r={rate}", f"once {rate.replace('/', ' ')}"
    sources = [f"testsrc2={size}:d=3", f"mandelbrot={size},trim=duration=2.3", f"gradients={size}:d=3:seed=4"]
    picture = studio.edit(f"{name}.mp4", sources)
    sound = ("-f", "lavfi", "-i", "anoisesrc=d=8:c=pink:seed=1")
    return studio.make(f"{name}.mov", "-i", picture, *sound, "-c:v", "copy")


@pytest.fixture
def movie(studio: Studio) -> Path:
    return three_shots(studio, "25")


@pytest.mark.parametrize("rate", ["24000/1001", "25", "60"])
def test_one_decode_gives_what_two_give(studio: Studio, rate: str) -> None:
    path = three_shots(studio, rate)
    once, twice = feel(path, once=True), feel(path, once=False)
    assert len(once[0].spans) >= 3
    assert once == twice


def test_the_picture_is_not_decoded_again(movie: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("decoded again")

    monkeypatch.setattr(observe, "sample_frames", refuse)
    feel(movie, once=True)
    with pytest.raises(AssertionError, match="decoded again"):
        feel(movie, once=False)


@pytest.mark.parametrize(
    ("looking", "feeling"),
    [
        (ReadOptions(), EmotionOptions(mood="joy")),
        (ReadOptions(), EmotionOptions(valence=0.1, arousal=0.2)),
        (ReadOptions(), EmotionOptions(keyframes=True)),
        (ReadOptions(between=(1.0, 2.0)), FRESH),
        (ReadOptions(shots="transnet"), FRESH),
    ],
)
def test_nobody_looks_on_where_it_would_be_for_nothing(
    movie: Path, looking: ReadOptions, feeling: EmotionOptions
) -> None:
    assert steps.shared_decode(open_source(movie), looking, feeling) is None


def test_what_cannot_look_on_is_left_to_who_comes_after(movie: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise MediaError("The network is damaged")

    monkeypatch.setattr(SceneExtractor, "measure", fail)
    once, twice = feel(movie, once=True), feel(movie, once=False)
    assert once[1] == twice[1]
    assert "damaged" in once[1][0]
    assert len(once[0].spans) == len(twice[0].spans)


def test_notes_are_no_one_elses(tmp_path: Path) -> None:
    notes, rows = MemoryCache(), {3: np.ones(2, np.float32)}
    notes.keep(tmp_path, SceneExtractor(), "exact", rows)
    rows.clear()
    notes.recall(tmp_path, SceneExtractor(), "exact").clear()
    assert list(notes.recall(tmp_path, SceneExtractor(), "exact")) == [3]
    assert notes.recall(tmp_path, SceneExtractor(), "keyframes") == {}
    SharedDecode(tmp_path, [SceneExtractor()], notes).finish(1.0)  # nothing was shown
    assert list(notes.recall(tmp_path, SceneExtractor(), "exact")) == [3]
