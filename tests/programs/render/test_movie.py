from __future__ import annotations

import subprocess
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest

from emsync_bridge.errors import EmsyncError, MediaError, OutputError, RenderError
from emsync_bridge.options import RenderOptions
from emsync_bridge.picture.probe import probe
from emsync_bridge.render.files.wav import write_wav
from emsync_bridge.render.midi_events import SAMPLE_RATE
from emsync_bridge.render.movie import SoundBalance, mux
from emsync_bridge.scoring import sound_steps

SECONDS = 4
FRAME = 1 / 24
NAMES = ("made.mp4", "expected.mp4")


def ffmpeg(*arguments: object) -> bytes:
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-loglevel", "error", "-y", *map(str, arguments)]
    return subprocess.run(command, check=True, capture_output=True).stdout


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pictures with and without sound, and music with a click at every second."""
    folder = tmp_path_factory.mktemp("material")
    picture = ["-f", "lavfi", "-i", f"testsrc=size=160x90:rate=24:duration={SECONDS}"]
    tone = ["-f", "lavfi", "-i", f"sine=frequency=300:sample_rate=44100:duration={SECONDS + 1}"]
    code = ["-c:v", "libx264", "-preset", "ultrafast", "-timecode", "01:00:00:00"]
    ffmpeg(*picture, *code, folder / "silent.mp4")
    ffmpeg(*picture, *tone, *code, "-c:a", "aac", "-ac", "1", folder / "talking.mp4")
    ffmpeg(*picture, *tone, "-c:v", "prores_ks", "-c:a", "pcm_s16le", "-shortest", folder / "prores.mov")
    music = np.zeros((6 * SAMPLE_RATE, 2), np.float32)
    for second in range(6):
        music[second * SAMPLE_RATE : second * SAMPLE_RATE + 480] = 0.5
    write_wav(folder / "music.wav", [music], len(music))
    return folder


def heard(movie: Path, track: int = 0) -> np.ndarray:
    data = ffmpeg("-i", movie, "-map", f"0:a:{track}", "-f", "f32le", "-ar", SAMPLE_RATE, "-ac", 1, "-")
    return np.frombuffer(data, "<f4")


def frames(movie: Path) -> bytes:
    return ffmpeg("-i", movie, "-map", "0:v:0", "-c", "copy", "-f", "streamhash", "-")


@pytest.mark.parametrize("original", ["drop", "mix", "keep"])
@pytest.mark.parametrize("name", ["silent.mp4", "talking.mp4"])
def test_video_is_copied_and_the_length_is_the_pictures(material: Path, tmp_path: Path, name: str, original) -> None:
    out = tmp_path / "out.mp4"
    movie = mux(material / name, material / "music.wav", out, balance=SoundBalance(original))
    assert movie.copied
    assert movie.original_sound == (original if name == "talking.mp4" else "drop")
    assert frames(out) == frames(material / name)
    info = probe(out)
    picture_only = float(ffmpeg("-i", out, "-map", "0:v:0", "-c", "copy", "-f", "framecrc", "-").count(b"\n0,")) / 24
    assert picture_only == SECONDS
    assert info.duration == pytest.approx(probe(material / name).duration, abs=FRAME / 2)
    assert info.timecode == "01:00:00:00"
    assert [path.name for path in tmp_path.iterdir()] == ["out.mp4"]


def test_the_music_begins_at_the_first_frame(material: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    mux(material / "silent.mp4", material / "music.wav", out)
    sound = heard(out)
    for second in (0, 1, 3):
        start = max(0, second * SAMPLE_RATE - 2000)
        onset = start + int(np.argmax(np.abs(sound[start : start + 4000]) > 0.2))
        assert abs(onset - second * SAMPLE_RATE) < 120  # what AAC smears


def test_a_first_frame_that_comes_late_takes_the_music_along(material: Path, tmp_path: Path) -> None:
    late = tmp_path / "late.mov"
    sources = ["-itsoffset", 0.5, "-i", material / "silent.mp4", "-i", material / "talking.mp4"]
    ffmpeg(*sources, "-map", "0:v", "-map", "1:a", "-c", "copy", late)
    assert probe(late).picture_offset == pytest.approx(0.5, abs=0.03)
    mux(late, material / "music.wav", tmp_path / "out.mp4", balance=SoundBalance("drop"))
    sound = heard(tmp_path / "out.mp4")
    onset = int(np.argmax(np.abs(sound) > 0.2)) / SAMPLE_RATE
    assert onset == pytest.approx(probe(tmp_path / "out.mp4").picture_offset, abs=0.03)
    assert onset == pytest.approx(0.5, abs=0.03)


def test_the_original_sound_is_mixed_kept_or_dropped(material: Path, tmp_path: Path) -> None:
    between = slice(SAMPLE_RATE // 2, SAMPLE_RATE // 2 + 4800)  # where the music rests
    level = {}
    for original in ("drop", "mix", "keep"):
        out = tmp_path / f"{original}.mp4"
        mux(material / "talking.mp4", material / "music.wav", out, balance=SoundBalance(original))
        level[original] = [
            float(np.abs(heard(out, track)[between]).max()) for track in ((0, 1) if original == "keep" else (0,))
        ]
    assert level["drop"][0] < 0.01
    assert level["mix"][0] == pytest.approx(0.125, abs=0.03)
    assert level["keep"][0] < 0.01
    assert level["keep"][1] == pytest.approx(0.125, abs=0.03)


@pytest.mark.parametrize("original", ["drop", "mix", "keep"])
def test_the_option_says_what_becomes_of_the_original_sound(material: Path, tmp_path: Path, original: str) -> None:
    files = (material / "talking.mp4", material / "music.wav")
    sound_steps.make_movie(*files, tmp_path / "made.mp4", options=RenderOptions(original_sound=original))
    mux(*files, tmp_path / "expected.mp4", balance=SoundBalance(original))
    streams = [ffmpeg("-i", tmp_path / name, "-map", 0, "-c", "copy", "-f", "streamhash", "-") for name in NAMES]
    assert streams[0] == streams[1]


def test_gains_are_heard(material: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    mux(material / "talking.mp4", material / "music.wav", out, balance=SoundBalance(original_gain_db=-20))
    between = slice(SAMPLE_RATE // 2, SAMPLE_RATE // 2 + 4800)
    assert np.abs(heard(out)[between]).max() == pytest.approx(0.0125, abs=0.004)


def test_what_mp4_cannot_hold_is_encoded_and_mov_takes_it(material: Path, tmp_path: Path) -> None:
    assert not mux(material / "prores.mov", material / "music.wav", tmp_path / "a.mp4").copied
    assert probe(tmp_path / "a.mp4").duration == pytest.approx(SECONDS, abs=FRAME)
    assert mux(material / "prores.mov", material / "music.wav", tmp_path / "b.mov").copied


def test_bad_input_leaves_nothing_behind(material: Path, tmp_path: Path) -> None:
    picture, music = material / "silent.mp4", material / "music.wav"
    torn = tmp_path / "torn.mp4"
    torn.write_bytes(picture.read_bytes()[:900])
    cases: list[tuple[Path, Path, Path, type[EmsyncError], str]] = [
        (torn, music, tmp_path / "o.mp4", MediaError, "cannot read this file as picture or sound"),
        (music, music, tmp_path / "o.mp4", RenderError, "no moving picture"),
        (picture, picture, tmp_path / "o.mp4", RenderError, "no sound"),
        (tmp_path / "none.mp4", music, tmp_path / "o.mp4", MediaError, "cannot be opened"),
        (picture, music, tmp_path / "o.avi", OutputError, "mp4 or .mov"),
        (picture, music, tmp_path / "none" / "o.mp4", OutputError, "Folder not found|no such folder"),
        (picture, music, picture, OutputError, "would replace"),
    ]
    for source, sound, out, kind, words in cases:
        with pytest.raises(kind, match=words):
            mux(source, sound, out)
    assert [path.name for path in tmp_path.iterdir()] == ["torn.mp4"]
