"""Folders and names of stems, as dubbing stages name them, and the placing of the audio in timelines."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from emsync_bridge.cue import Cue, EmotionCurve, Spotting, Take, TempoMap
from emsync_bridge.errors import OutputError
from emsync_bridge.options import RenderOptions
from emsync_bridge.render.files.wav import WavFormat, write_wav
from emsync_bridge.scoring.outputs import folders_for, placement_of, places_of

CUE = Cue(Spotting("Storm over the Bay", 4.0, Fraction(25)), EmotionCurve(()))
MADE = {
    "audio": Path("/x/CUT.wav"),
    "stem strings": Path("/x/CUT.strings.wav"),
    "alternate no-melody": Path("/x/CUT.no-melody.wav"),
}


def test_stems_get_project_cue_and_version_and_the_mix_keeps_its_name(tmp_path: Path) -> None:
    options = RenderOptions(stem_names="dub", cue_number="2m04")
    places = places_of(MADE, "CUT", tmp_path / "CUT v03", CUE, options, 3)
    assert {kind: str(path.relative_to(tmp_path)) for kind, path in places.items()} == {
        "audio": "CUT v03.wav",
        "stem strings": str(Path("CUT v03.stems", "Storm-over-the-Bay_2m04_STRINGS_v03.wav")),
        "alternate no-melody": str(Path("CUT v03.stems", "Storm-over-the-Bay_2m04_NO-MELODY_v03.wav")),
    }
    plain = places_of(MADE, "CUT", tmp_path / "CUT", CUE, RenderOptions(), 1)
    assert plain["stem strings"].name == "CUT.strings.wav"


def test_their_folder_goes_when_something_fails_and_another_one_is_left_alone(tmp_path: Path) -> None:
    def failing() -> None:
        with folders_for([tmp_path / "CUT.stems" / "a.wav"], tmp_path):
            (tmp_path / "CUT.stems" / "a.wav").touch()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        failing()
    assert not list(tmp_path.iterdir())
    (tmp_path / "CUT.stems").mkdir()
    (tmp_path / "CUT.stems" / "mine.wav").touch()
    with pytest.raises(OutputError, match="cannot be made"), folders_for([tmp_path / "CUT.stems" / "a.wav"], tmp_path):
        pass
    assert (tmp_path / "CUT.stems" / "mine.wav").exists()


def test_what_rings_on_after_the_cut_is_a_handle_and_the_rate_is_the_files(tmp_path: Path) -> None:
    form = WavFormat(96_000, "16")
    write_wav(tmp_path / "CUT.wav", [np.zeros((96_000 * 6 + 960, 2), np.float32)], 96_000 * 6 + 960, form=form)
    cue = replace(CUE, takes=(Take(1, (), TempoMap()),))
    placement = placement_of(cue, tmp_path / "CUT.wav")
    assert (placement.frames, placement.handle, placement.sample_rate) == (100, 50, 96_000)
