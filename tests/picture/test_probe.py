from __future__ import annotations

import os
from fractions import Fraction
from pathlib import Path

import pytest
from clips import QUICK, Studio

from emsync_bridge.errors import MediaError
from emsync_bridge.ffmpeg import find_ffmpeg
from emsync_bridge.picture.probe import probe


@pytest.mark.parametrize(
    ("rate", "exact"),
    [
        ("24000/1001", Fraction(24000, 1001)),
        ("25", Fraction(25)),
        ("30000/1001", Fraction(30000, 1001)),
        ("60", Fraction(60)),
    ],
)
def test_rates_are_exact(studio: Studio, rate: str, exact: Fraction) -> None:
    info = probe(studio.picture(f"rate {exact.numerator}.mp4", f"testsrc2=s=64x48:r={rate}:d=2"))
    assert info.rate == exact
    assert not info.variable_rate
    assert info.duration == pytest.approx(2, abs=0.05)


def test_a_movie_says_what_it_holds(studio: Studio) -> None:
    path = studio.movie(
        "holds.mov", "testsrc2=s=64x48:r=25:d=1", "sine=440:r=48000:d=1", *QUICK, "-timecode", "10:00:00:00"
    )
    info = probe(path)
    assert (info.width, info.height) == (64, 48)
    assert info.has_picture
    assert info.has_sound
    assert info.audio_rate == 48000
    assert info.timecode == "10:00:00:00"
    assert not info.still


def test_rotation_swaps_the_sides(studio: Studio) -> None:
    flat = studio.picture("flat.mp4", "testsrc2=s=64x48:r=25:d=1")
    info = probe(studio.make("turned.mp4", "-display_rotation", "90", "-i", flat, "-c", "copy"))
    assert (info.width, info.height) == (48, 64)


def test_a_variable_rate_is_noticed_and_conformed(studio: Studio) -> None:
    info = probe(
        studio.picture(
            "variable.mp4", "testsrc2=s=64x48:r=30:d=4", "-vf", "select='lt(n,40)+not(mod(n,3))'", "-fps_mode", "vfr"
        )
    )
    assert info.variable_rate
    assert info.rate == 30


def test_a_late_start_is_known(studio: Studio) -> None:
    path = studio.picture("late.ts", "testsrc2=s=64x48:r=25:d=1", *QUICK, "-output_ts_offset", "5")
    assert probe(path).start_time == pytest.approx(5 + 1.4, abs=0.2)


def test_sound_alone_and_stills(studio: Studio) -> None:
    sound = probe(studio.make("tone.wav", "-f", "lavfi", "-i", "sine=440:d=2"))
    assert sound.has_sound
    assert not sound.has_picture
    assert sound.rate is None
    still = probe(studio.make("still.png", "-f", "lavfi", "-i", "testsrc2=s=64x48", "-frames:v", "1"))
    assert still.still
    assert still.has_picture
    assert still.duration == 0


def test_cover_art_is_no_picture(studio: Studio) -> None:
    art = studio.make("art.png", "-f", "lavfi", "-i", "testsrc2=s=64x48", "-frames:v", "1")
    tone = studio.make("tone.wav", "-f", "lavfi", "-i", "sine=440:d=2")
    path = studio.make(
        "song.m4a", "-i", tone, "-i", art, "-map", "0", "-map", "1", "-c:v", "png", "-disposition:v:0", "attached_pic"
    )
    assert not probe(path).has_picture


def test_a_missing_length_is_added_up(studio: Studio) -> None:
    info = probe(studio.picture("bare.h264", "testsrc2=s=64x48:r=25:d=2", *QUICK, "-f", "h264"))
    assert info.duration == pytest.approx(2, abs=0.1)


def test_bad_files_say_what_is_wrong(studio: Studio, tmp_path: Path) -> None:
    whole = studio.picture("whole.mp4", "testsrc2=s=64x48:r=25:d=1").read_bytes()
    cases = {"truncated.mp4": whole[: len(whole) // 2], "text.mov": b"hello", "empty.mp4": b""}
    for name, content in cases.items():
        path = tmp_path / name
        path.write_bytes(content)
        with pytest.raises(MediaError, match=name) as problem:
            probe(path)
        assert "Traceback" not in str(problem.value)
        assert len(str(problem.value).splitlines()) == 1
    with pytest.raises(MediaError, match="moov atom not found"):
        probe(tmp_path / "truncated.mp4")
    with pytest.raises(MediaError):
        probe(tmp_path / "absent.mp4")
    with pytest.raises(MediaError, match="not a file"):
        probe(tmp_path)


@pytest.mark.parametrize(
    "name", ["a b.mp4", "100%d.mp4", "-leading.mp4", "Ünïcode 映画.mp4", "it's [1].mp4", "a:b.mp4"]
)
def test_names_with_odd_characters(studio: Studio, name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    content = studio.picture("plain.mp4", "testsrc2=s=64x48:r=25:d=1").read_bytes()
    monkeypatch.chdir(tmp_path)
    try:
        Path(name).write_bytes(content)
    except OSError:
        pytest.skip("this file system cannot hold the name")
    assert probe(Path(name)).width == 64


def test_a_playlist_reaches_no_network(tmp_path: Path) -> None:
    playlist = tmp_path / "list.m3u8"
    playlist.write_text("#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n")
    with pytest.raises(MediaError) as problem:
        probe(playlist)
    assert "refused" not in str(problem.value).lower()


@pytest.mark.skipif(os.name == "nt", reason="the stand-in is a shell script")
@pytest.mark.parametrize(
    ("says", "taken"),
    [
        ("ffmpeg version 6.1.1-3ubuntu5 Copyright (c) 2000-2023 the FFmpeg developers", True),
        ("ffmpeg version n7.0 Copyright", True),
        ("ffmpeg version N-118000-g1a2b3c4d5e-20250101 Copyright", True),
        ("ffmpeg version 4.3.8-0+deb11u1 Copyright", False),
        ("something else", False),
    ],
)
def test_a_recent_program_of_the_system_is_preferred(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, says: str, taken: bool
) -> None:
    program = tmp_path / "ffmpeg"
    program.write_text(f"#!/bin/sh\necho '{says}'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    find_ffmpeg.cache_clear()
    try:
        assert (find_ffmpeg() == str(program)) is taken
        monkeypatch.chdir(tmp_path)
        find_ffmpeg.cache_clear()
        assert find_ffmpeg() != str(program)  # what lies in the working folder is not trusted
    finally:
        find_ffmpeg.cache_clear()
