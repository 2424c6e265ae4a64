from __future__ import annotations

import os
import signal
import subprocess
import sys
import wave
from collections.abc import Iterator
from fractions import Fraction
from math import ceil
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest
from pieces import Played, band, decibels, piece

from emsync_bridge.errors import OutputError, RenderError
from emsync_bridge.render.loudness import Fades, Loudness, gain_for, measure
from emsync_bridge.render.midi_events import SAMPLE_RATE
from emsync_bridge.render.render import render_midi
from emsync_bridge.render.wav import samples_of, write_wav

RATES = [Fraction(rate) for rate in ("24000/1001", "24", "25", "30000/1001", "30", "48", "50", "60000/1001", "60")]


@pytest.fixture
def midi(tmp_path: Path) -> Path:
    path = tmp_path / "music.mid"
    path.write_bytes(band(8))
    return path


def read(path: Path) -> np.ndarray:
    with wave.open(str(path)) as sound:
        assert (sound.getnchannels(), sound.getsampwidth(), sound.getframerate()) == (2, 3, SAMPLE_RATE)
        data = np.frombuffer(sound.readframes(sound.getnframes()), np.uint8).reshape(-1, 3)
    wide = np.zeros((len(data), 4), np.uint8)
    wide[:, 1:] = data
    return wide.view("<i4").reshape(-1, 2) / 2.0**31


def described(path: Path) -> str:
    program = imageio_ffmpeg.get_ffmpeg_exe()
    done = subprocess.run([program, "-hide_banner", "-i", path], capture_output=True, text=True, check=False)
    return done.stderr


def test_the_mix_has_its_length_level_and_edges(midi: Path, tmp_path: Path, engine: str) -> None:
    out = tmp_path / "music.wav"
    shares: list[float] = []
    report = render_midi(midi, out, seconds=Fraction(192, 24), engine=engine, progress=shares.append)
    sound = read(out)
    assert report.engine == engine
    assert len(sound) == report.samples == 8 * SAMPLE_RATE
    assert report.loudness_lufs == pytest.approx(-20, abs=0.3)
    assert report.peak_dbfs == pytest.approx(20 * np.log10(np.abs(sound).max()), abs=0.01)
    assert report.peak_dbfs < -1
    assert not sound[-1].any()
    assert np.abs(sound[-SAMPLE_RATE // 5 :]).max() < 0.02 * np.abs(sound).max()
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert "pcm_s24le" in described(out)
    assert "Duration: 00:00:08.00" in described(out)
    assert b"bext" not in out.read_bytes()[:200]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["music.mid", "music.wav"]


def test_stems_add_up_to_the_mix(midi: Path, tmp_path: Path) -> None:
    out = tmp_path / "music.wav"
    report = render_midi(midi, out, seconds=8, engine="midirenderer", stems=True)
    assert [name for name, _ in report.stems] == ["keys", "strings", "guitars", "bass", "drums"]
    assert report.stems[0][1] == tmp_path / "music.keys.wav"
    mix = read(out)
    stems = [read(path) for _, path in report.stems]
    assert all(np.abs(stem).max() > 0.001 for stem in stems)
    assert decibels(np.mean((sum(stems) - mix) ** 2) / np.mean(mix**2)) < -60


def test_only_groups_that_play_get_stems(tmp_path: Path) -> None:
    midi = tmp_path / "solo.mid"
    midi.write_bytes(piece([Played("Piano", 0, 480, 60)], end=960))
    report = render_midi(midi, tmp_path / "solo.wav", seconds=1, engine="midirenderer", stems=True)
    assert [path.name for _, path in report.stems] == ["solo.keys.wav"]


def test_the_stamped_copy_says_when_it_starts(midi: Path, tmp_path: Path) -> None:
    start = Fraction(86_400 * 1001, 24_000)
    report = render_midi(midi, tmp_path / "m.wav", seconds=8, engine="midirenderer", bwf_start=start)
    assert report.bwf == tmp_path / "m.bwf.wav"
    text = described(report.bwf)
    assert f"time_reference  : {round(start * SAMPLE_RATE)}" in text
    assert "Duration: 00:00:08.00" in text
    assert np.array_equal(read(report.bwf), read(tmp_path / "m.wav"))


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("frames", [1, 47, 2160, 100_001])
def test_samples_cover_whole_frames(rate: Fraction, frames: int) -> None:
    exact = Fraction(frames) / rate * SAMPLE_RATE
    assert samples_of(frames / rate) == ceil(exact)
    assert 0 <= samples_of(frames / rate) - exact < 1
    assert samples_of(float(frames / rate)) == ceil(exact)


def test_ten_hours_are_refused_before_any_work(midi: Path, tmp_path: Path) -> None:
    with pytest.raises(RenderError, match=r"10.0 hours .* 4 h 8 min"):
        render_midi(midi, tmp_path / "m.wav", seconds=36_000, engine="midirenderer")
    with pytest.raises(RenderError, match="no time"):
        render_midi(midi, tmp_path / "m.wav", seconds=0, engine="midirenderer")


def test_silence_in_silence_out(tmp_path: Path) -> None:
    midi = tmp_path / "rest.mid"
    midi.write_bytes(piece([], end=1920))
    report = render_midi(midi, tmp_path / "rest.wav", seconds=2, engine="midirenderer")
    assert report.loudness_lufs is None
    assert report.peak_dbfs is None
    assert not read(report.path).any()


def test_without_a_length_the_music_may_ring_out(tmp_path: Path) -> None:
    midi = tmp_path / "m.mid"
    midi.write_bytes(piece([Played("Piano", 0, 960, 60)], end=960))
    report = render_midi(midi, tmp_path / "m.wav", engine="midirenderer")
    assert report.samples == 4 * SAMPLE_RATE


def test_a_short_sting_is_levelled_too(tmp_path: Path) -> None:
    midi = tmp_path / "sting.mid"
    midi.write_bytes(piece([Played("Drums", 0, 60, 38, 127)], end=960))
    report = render_midi(midi, tmp_path / "sting.wav", seconds=Fraction(6, 25), engine="midirenderer")
    assert report.samples == 11_520
    assert report.loudness_lufs is not None
    assert -30 < report.loudness_lufs <= -19.9


def test_an_old_result_is_replaced_whole(midi: Path, tmp_path: Path) -> None:
    out = tmp_path / "music.wav"
    out.write_bytes(b"old")
    render_midi(midi, out, seconds=1, engine="midirenderer")
    assert len(read(out)) == SAMPLE_RATE


@pytest.mark.parametrize("content", [b"", b"no midi at all", b"MThd\0\0\0\6\0\1\0\1"])
def test_what_is_no_midi_is_named(tmp_path: Path, content: bytes) -> None:
    midi = tmp_path / "odd.mid"
    midi.write_bytes(content)
    if content.startswith(b"MThd"):
        content += b"MTrk\0\0"
    with pytest.raises(RenderError, match="no readable MIDI"):
        render_midi(midi, tmp_path / "odd.wav", engine="midirenderer")
    with pytest.raises(RenderError, match="cannot be opened"):
        render_midi(tmp_path / "none.mid", tmp_path / "odd.wav", engine="midirenderer")
    assert [path.name for path in tmp_path.iterdir()] == ["odd.mid"]


def test_a_missing_folder_is_named(midi: Path, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="no such folder"):
        render_midi(midi, tmp_path / "none" / "m.wav", seconds=1, engine="midirenderer")
    with pytest.raises(OutputError, match="folder of this name"):
        render_midi(midi, tmp_path, seconds=1, engine="midirenderer")


@pytest.fixture
def small_disk(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    folder = tmp_path / "small"
    folder.mkdir()
    may_mount = sys.platform == "linux" and os.geteuid() == 0
    mount = ["mount", "-t", "tmpfs", "-o", request.param, "tmpfs", folder]
    if not may_mount or subprocess.run(mount, check=False).returncode:
        pytest.skip("needs the right to mount a small disk")
    yield folder
    subprocess.run(["umount", folder], check=True)


@pytest.mark.parametrize("small_disk", ["ro"], indirect=True)
def test_an_unwritable_folder_is_named(midi: Path, small_disk: Path) -> None:
    with pytest.raises(OutputError, match="cannot be written to") as problem:
        render_midi(midi, small_disk / "m.wav", seconds=1, engine="midirenderer")
    assert str(small_disk) in str(problem.value)


@pytest.mark.parametrize("small_disk", ["size=1m", "size=5m"], indirect=True)
def test_a_full_disk_leaves_nothing_behind(midi: Path, small_disk: Path) -> None:
    # the larger one has room for the raw sound, but not for the finished file beside it
    (small_disk / "m.wav").write_bytes(b"old")
    with pytest.raises(OutputError, match="disk is full"):
        render_midi(midi, small_disk / "m.wav", seconds=8, engine="midirenderer")
    assert [path.name for path in small_disk.iterdir()] == ["m.wav"]
    assert (small_disk / "m.wav").read_bytes() == b"old"


@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGINT for one process")
def test_an_interruption_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "long.mid").write_bytes(band(400))
    script = (
        "import pathlib, sys; from emsync_bridge.render.render import render_midi; folder = pathlib.Path(sys.argv[1]); "
        "render_midi(folder / 'long.mid', folder / 'long.wav', engine='midirenderer', progress=lambda s: print(s))"
    )
    command = [sys.executable, "-u", "-c", script, tmp_path]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    assert len(list(tmp_path.iterdir())) == 2
    process.send_signal(signal.SIGINT)
    _, complaint = process.communicate(timeout=30)
    assert b"KeyboardInterrupt" in complaint
    assert [path.name for path in tmp_path.iterdir()] == ["long.mid"]


def test_full_scale_becomes_the_largest_integer(tmp_path: Path) -> None:
    block = np.array([[1.0, -1.0], [2.0, -2.0], [0.5, 2.0**-23]], np.float32)
    write_wav(tmp_path / "x.wav", [block], 3)
    top = 1 - 2.0**-23
    assert read(tmp_path / "x.wav").tolist() == [[top, -1.0], [top, -1.0], [0.5, 2.0**-23]]
    with pytest.raises(ValueError, match="announced"):
        write_wav(tmp_path / "y.wav", [block], 4)


def test_the_meter_reads_a_known_tone(tmp_path: Path) -> None:
    # EBU Tech 3341, test 1: a stereo sine at 1 kHz and -23 dBFS reads -23 LUFS
    at = np.arange(20 * SAMPLE_RATE) / SAMPLE_RATE
    tone = np.repeat((10 ** (-23 / 20) * np.sin(2 * np.pi * 1000 * at)).astype("<f4")[:, None], 2, axis=1)
    tone.tofile(tmp_path / "tone")
    heard = measure(tmp_path / "tone")
    assert heard.integrated == pytest.approx(-23.0, abs=0.11)
    assert heard.true_peak == pytest.approx(-23.0, abs=0.21)


def test_the_gain_stops_at_the_ceiling() -> None:
    assert gain_for(Loudness(-30.0, -20.0), target=-20) == pytest.approx(10)
    assert gain_for(Loudness(-30.0, -6.0), target=-20, ceiling=-1) == pytest.approx(4.9)
    assert gain_for(Loudness(float("-inf"), float("-inf"))) == 0


def test_fades_are_the_same_however_the_blocks_fall() -> None:
    fades = Fades(10 * SAMPLE_RATE)
    ones = np.ones((10 * SAMPLE_RATE, 2), np.float32)
    whole = fades.apply(ones, 0)
    parts = np.concatenate([fades.apply(ones[at : at + 77_777], at) for at in range(0, len(ones), 77_777)])
    assert np.array_equal(whole, parts)
    assert whole[0, 0] == whole[-1, 0] == 0
    assert (whole[100 : 7 * SAMPLE_RATE] == 1).all()
