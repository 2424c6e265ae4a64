"""Dialogue among a timeline's sound: roles of FCPXML, names of tracks and clips elsewhere."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import fcpxml_text as fcp
import otio_make as make
import pytest
import xmeml_text as fcp7

from emsync_bridge.timeline.cut.dialogue import is_dialogue, is_dialogue_track
from emsync_bridge.timeline.reading import read_timeline
from emsync_bridge.timeline.spotting.spot import dialogue_shots


def spoken(path: Path) -> list[tuple[float, float, str, float, bool]]:
    return [
        (shot.start, shot.end, Path(shot.media or "").name, shot.source_start, certain)
        for shot, certain in dialogue_shots(read_timeline(path))
    ]


@pytest.mark.parametrize(
    "name",
    ["DX", "DX1", "dx_02", "Dialogue", "DIAL 1", "VO", "VO1", "Voiceover", "Interview 3", "lav_anna.wav", "Boom A"],
)
def test_names_of_dialogue(name: str) -> None:
    assert is_dialogue(name)


@pytest.mark.parametrize(
    "name", ["", "A1", "Audio 1", "Video", "Slavic choir", "MX", "Boom SFX", "radial blur", "Lava"]
)
def test_names_of_other_sound(name: str) -> None:
    assert not is_dialogue(name)


def test_a_track_without_a_telling_name_goes_by_its_clips() -> None:
    assert is_dialogue_track("A1", ["lav_1.wav", "lav_2.wav", "door.wav"])
    assert not is_dialogue_track("A1", ["lav_1.wav", "door.wav"])
    assert not is_dialogue_track("SFX", ["boom.wav"])
    assert not is_dialogue_track("A1", [])


def test_otio_tracks_of_dialogue(tmp_path: Path) -> None:
    dialogue = make.track(
        make.gap(24),
        make.clip("a", 48, 12, media="/media/a.wav"),
        make.clip("b", 24, enabled=False),
        kind="Audio",
        name="DX",
    )
    music = make.track(make.clip("m", 96), kind="Audio", name="Music")
    path = make.save(tmp_path, make.timeline(make.track(make.clip("p", 120)), dialogue, music))
    assert spoken(path) == [(1.0, 3.0, "a.wav", 0.5, True)]
    assert len(read_timeline(path).leaves) == 1


def test_xmeml_tracks_of_dialogue_with_both_channels_of_a_recording_once(tmp_path: Path) -> None:
    picture = fcp7.track(fcp7.clip(0, 100, 0, 100, fcp7.file(1)))
    side = fcp7.track(fcp7.clip(25, 75, 50, 100, fcp7.file(2), name="Interview 1"))
    path = tmp_path / "cut.xml"
    path.write_text(fcp7.document(fcp7.sequence(picture, audio=(side, side))), encoding="utf-8")
    assert spoken(path) == [(1.0, 3.0, "m2.mov", 2.0, True)]


@pytest.mark.parametrize("name", ['<track MZ.TrackName="{}">', "<track><name>{}</name>"])
def test_xmeml_names_of_tracks_as_premiere_and_others_write_them(tmp_path: Path, name: str) -> None:
    picture = fcp7.track(fcp7.clip(0, 100, 0, 100, fcp7.file(1)))
    tracks = [
        fcp7.track(fcp7.clip(25, 75, 50, 100, fcp7.file(2), name=clip)).replace("<track>", name.format(title))
        for title, clip in (("DX 1", "A001"), ("Ambience", "Interview park"))
    ]
    path = tmp_path / "cut.xml"
    path.write_text(fcp7.document(fcp7.sequence(picture, audio=tuple(tracks))), encoding="utf-8")
    assert spoken(path) == [(1.0, 3.0, "m2.mov", 2.0, True)]
    path.write_text(fcp7.document(fcp7.sequence(picture, audio=(tracks[1],))), encoding="utf-8")
    assert spoken(path) == []


def test_fcpxml_roles(tmp_path: Path) -> None:
    sound = fcp.asset(7, hasVideo=None, hasAudio="1")
    rate = Fraction(25)

    def clip(ref: str, offset: int, **more: object) -> str:
        at = {"offset": fcp.t(offset, rate), "start": fcp.t(25, rate), "duration": fcp.t(50, rate)}
        return fcp.tag("asset-clip", ref=ref, name=ref, **at, **more)

    line = [
        fcp.tag(
            "asset-clip",
            clip("a7", 10, lane=-1, audioRole="dialogue.boom"),
            ref="a1", name="a1", offset="0s", start="0s", duration=fcp.t(100, rate), audioRole="effects",
        ),
        clip("a2", 100, audioRole="dialogue"),
        clip("a3", 150, audioRole="dialogue", srcEnable="video"),
    ]  # fmt: skip
    path = tmp_path / "cut.fcpxml"
    path.write_text(fcp.document(*line, resources=sound, rate=rate), encoding="utf-8")
    assert spoken(path) == [(0.4, 2.4, "m7.mov", 1.0, True), (4.0, 6.0, "m2.mov", 1.0, False)]
