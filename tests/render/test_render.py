from __future__ import annotations

import re
import signal
import subprocess
import sys
import wave
from fractions import Fraction
from math import ceil
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest
from pieces import Played, band, decibels, piece

from emsync_bridge.errors import OutputError, RenderError
from emsync_bridge.options import RenderOptions
from emsync_bridge.render.fades import Fades
from emsync_bridge.render.files.metadata import Stamp
from emsync_bridge.render.files.wav import WavFormat, samples_of, write_wav
from emsync_bridge.render.midi_events import SAMPLE_RATE
from emsync_bridge.render.mix.level import LoudnessTarget
from emsync_bridge.render.render import render_midi
from emsync_bridge.render.sounding import Sounding, sounding_of, target_of

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
    report = render_midi(midi, out, seconds=Fraction(192, 24), sounding=Sounding(engine=engine), progress=shares.append)
    sound = read(out)
    assert report.engine == engine
    assert len(sound) == report.samples == 8 * SAMPLE_RATE
    assert report.loudness_lufs == pytest.approx(-20, abs=0.2)
    assert report.peak_dbfs is not None
    assert 0 <= report.peak_dbfs - 20 * np.log10(np.abs(sound).max()) < 1
    assert report.peak_dbfs < -1
    assert not sound[-1].any()
    assert np.abs(sound[-SAMPLE_RATE // 5 :]).max() < 0.02 * np.abs(sound).max()
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert "pcm_s24le" in described(out)
    assert "Duration: 00:00:08.00" in described(out)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["music.mid", "music.wav"]


def test_stems_add_up_to_the_mix(midi: Path, tmp_path: Path) -> None:
    out = tmp_path / "music.wav"
    report = render_midi(midi, out, seconds=8, sounding=Sounding(stems=True))
    assert [name for name, _ in report.stems] == ["keys", "strings", "guitars", "bass", "drums"]
    assert report.stems[0][1] == tmp_path / "music.keys.wav"
    mix = read(out)
    stems = [read(path) for _, path in report.stems]
    assert all(np.abs(stem).max() > 0.001 for stem in stems)
    assert decibels(np.mean((sum(stems) - mix) ** 2) / np.mean(mix**2)) < -60


@pytest.mark.parametrize("room", ["dry", "studio", "hall"])
@pytest.mark.parametrize("loudness", ["music", "web"])
def test_stems_add_up_in_every_room_and_at_every_level(midi: Path, tmp_path: Path, room, loudness: str) -> None:
    sounding = Sounding(room=room, target=target_of(loudness), stems=True)
    report = render_midi(midi, tmp_path / "m.wav", seconds=8, sounding=sounding)
    difference = sum(read(path) for _, path in report.stems) - read(report.path)
    assert 20 * np.log10(np.abs(difference).max()) < -120
    assert report.loudness_lufs == pytest.approx(sounding.target.loudness, abs=0.2)
    assert report.peak_dbfs is not None
    assert report.peak_dbfs <= -1


def test_a_second_meter_reads_the_same(midi: Path, tmp_path: Path) -> None:
    report = render_midi(midi, tmp_path / "m.wav", seconds=8, sounding=Sounding(target=target_of("web")))
    integrated, spread, peak = metered(report.path)
    assert integrated == pytest.approx(report.loudness.integrated, abs=0.15)
    assert spread == pytest.approx(report.loudness.range, abs=0.4)
    assert peak == pytest.approx(report.loudness.true_peak, abs=0.2)
    assert peak <= -0.9


def metered(path: Path) -> tuple[float, float, float]:
    """Return loudness, loudness range and true peak as ffmpeg reads them."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-nostats", "-i", path]
    command += ["-af", "ebur128=peak=true:framelog=quiet", "-f", "null", "-"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    found = [re.findall(rf"^\s+{name}:\s+(\S+) ", said, re.MULTILINE)[-1] for name in ("I", "LRA", "Peak")]
    return float(found[0]), float(found[1]), float(found[2])


@pytest.mark.parametrize("rate", [44_100, 48_000])
def test_a_target_out_of_reach_is_said(midi: Path, tmp_path: Path, rate: int) -> None:
    sounding = Sounding(target=LoudnessTarget(-6.0), form=WavFormat(rate))
    report = render_midi(midi, tmp_path / "m.wav", seconds=8, sounding=sounding)
    assert "instead of -6" in report.warnings[0]
    loudness, _, peak = metered(report.path)
    assert peak <= -1.0
    assert loudness == pytest.approx(report.loudness.integrated, abs=0.15)


@pytest.mark.parametrize(("rate", "codec"), [(44_100, "pcm_s16le"), (96_000, "pcm_f32le")])
def test_other_rates_and_word_lengths(midi: Path, tmp_path: Path, rate: int, codec: str) -> None:
    form = WavFormat(rate, "16" if codec == "pcm_s16le" else "32f")
    report = render_midi(midi, tmp_path / "m.wav", seconds=8, sounding=Sounding(form=form))
    said = described(report.path)
    assert f"{codec}" in said
    assert f"{rate} Hz" in said
    assert "Duration: 00:00:08.00" in said
    assert metered(report.path)[0] == pytest.approx(-20, abs=0.2)


def test_the_alternate_is_the_mix_without_percussion(midi: Path, tmp_path: Path) -> None:
    report = render_midi(midi, tmp_path / "m.wav", seconds=4, sounding=Sounding(stems=True, alternates=True))
    assert [path.name for _, path in report.alternates] == ["m.no-percussion.wav"]
    others = sum(read(path) for name, path in report.stems if name not in ("percussion", "drums"))
    assert 20 * np.log10(np.abs(others - read(report.alternates[0][1])).max()) < -120
    alone = render_midi(midi, tmp_path / "a.wav", seconds=4, sounding=Sounding(alternates=True))
    assert not alone.stems
    assert np.array_equal(read(alone.alternates[0][1]), read(report.alternates[0][1]))


def test_only_groups_that_play_get_stems(tmp_path: Path) -> None:
    midi = tmp_path / "solo.mid"
    midi.write_bytes(piece([Played("Piano", 0, 480, 60)], end=960))
    report = render_midi(midi, tmp_path / "solo.wav", seconds=1, sounding=Sounding(stems=True))
    assert [path.name for _, path in report.stems] == ["solo.keys.wav"]


def test_the_stamped_copy_says_when_it_starts(midi: Path, tmp_path: Path) -> None:
    start = Fraction(86_400 * 1001, 24_000)
    report = render_midi(midi, tmp_path / "m.wav", seconds=8, stamp=Stamp(start=start), copy=True)
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


def test_more_than_a_day_is_refused_before_any_work(midi: Path, tmp_path: Path) -> None:
    with pytest.raises(RenderError, match=r"25.0 hours .* 24 hours"):
        render_midi(midi, tmp_path / "m.wav", seconds=90_000)
    with pytest.raises(RenderError, match="no time"):
        render_midi(midi, tmp_path / "m.wav", seconds=0)


def test_silence_in_silence_out(tmp_path: Path) -> None:
    midi = tmp_path / "rest.mid"
    midi.write_bytes(piece([], end=1920))
    report = render_midi(midi, tmp_path / "rest.wav", seconds=2)
    assert report.loudness_lufs is None
    assert report.peak_dbfs is None
    assert not read(report.path).any()


def test_without_a_length_the_music_may_ring_out(tmp_path: Path) -> None:
    midi = tmp_path / "m.mid"
    midi.write_bytes(piece([Played("Piano", 0, 960, 60)], end=960))
    report = render_midi(midi, tmp_path / "m.wav")
    assert report.samples == 4 * SAMPLE_RATE


def test_a_short_sting_is_levelled_too(tmp_path: Path) -> None:
    midi = tmp_path / "sting.mid"
    midi.write_bytes(piece([Played("Drums", 0, 60, 38, 127)], end=960))
    report = render_midi(midi, tmp_path / "sting.wav", seconds=Fraction(6, 25))
    assert report.samples == 11_520
    assert report.loudness_lufs is not None
    assert -30 < report.loudness_lufs <= -19.7


def test_an_old_result_is_replaced_whole(midi: Path, tmp_path: Path) -> None:
    out = tmp_path / "music.wav"
    out.write_bytes(b"old")
    render_midi(midi, out, seconds=1)
    assert len(read(out)) == SAMPLE_RATE


@pytest.mark.parametrize("content", [b"", b"no midi at all", b"MThd\0\0\0\6\0\1\0\1"])
def test_what_is_no_midi_is_named(tmp_path: Path, content: bytes) -> None:
    midi = tmp_path / "odd.mid"
    midi.write_bytes(content)
    if content.startswith(b"MThd"):
        content += b"MTrk\0\0"
    with pytest.raises(RenderError, match="Not a MIDI"):
        render_midi(midi, tmp_path / "odd.wav")
    with pytest.raises(RenderError, match="cannot be opened"):
        render_midi(tmp_path / "none.mid", tmp_path / "odd.wav")
    assert [path.name for path in tmp_path.iterdir()] == ["odd.mid"]


def test_a_missing_folder_is_named(midi: Path, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="Folder not found"):
        render_midi(midi, tmp_path / "none" / "m.wav", seconds=1)
    with pytest.raises(OutputError, match="folder of this name"):
        render_midi(midi, tmp_path, seconds=1)


@pytest.mark.parametrize("small_disk", ["ro"], indirect=True)
def test_an_unwritable_folder_is_named(midi: Path, small_disk: Path) -> None:
    with pytest.raises(OutputError, match="The disk is read-only") as problem:
        render_midi(midi, small_disk / "m.wav", seconds=1)
    assert str(small_disk) in str(problem.value)


@pytest.mark.parametrize("small_disk", ["size=1m", "size=5m"], indirect=True)
def test_a_full_disk_leaves_nothing_behind(midi: Path, small_disk: Path) -> None:
    # the larger one has room for the raw sound, but not for the finished file beside it
    (small_disk / "m.wav").write_bytes(b"old")
    with pytest.raises(OutputError, match="disk is full"):
        render_midi(midi, small_disk / "m.wav", seconds=8)
    assert [path.name for path in small_disk.iterdir()] == ["m.wav"]
    assert (small_disk / "m.wav").read_bytes() == b"old"


@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGINT for one process")
def test_an_interruption_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "long.mid").write_bytes(band(400))
    script = (
        "import pathlib, sys; from emsync_bridge.render.render import render_midi; folder = pathlib.Path(sys.argv[1]); "
        "render_midi(folder / 'long.mid', folder / 'long.wav', progress=lambda s: print(s))"
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


def test_fades_are_the_same_however_the_blocks_fall() -> None:
    fades = Fades(10 * SAMPLE_RATE)
    ones = np.ones((10 * SAMPLE_RATE, 2), np.float32)
    whole = fades.apply(ones, 0)
    parts = np.concatenate([fades.apply(ones[at : at + 77_777], at) for at in range(0, len(ones), 77_777)])
    assert np.array_equal(whole, parts)
    assert whole[0, 0] == whole[-1, 0] == 0
    assert (whole[100 : 7 * SAMPLE_RATE] == 1).all()


@pytest.mark.parametrize(("fades", "quiet_start", "quiet_end"), [((1.5, 0.0), True, False), ((0.0, 1.5), False, True)])
def test_fades_are_as_long_as_they_are_asked_for(fades, quiet_start: bool, quiet_end: bool) -> None:
    ones = np.ones((10 * SAMPLE_RATE, 2), np.float32)
    faded = Fades(10 * SAMPLE_RATE, *fades).apply(ones, 0)[:, 0]
    asked = round(1.5 * SAMPLE_RATE)
    assert (faded[asked // 2] < 0.6) == quiet_start
    assert (faded[-asked // 2] < 0.6) == quiet_end
    assert faded[asked : -asked - 1].min() == 1
    assert faded[0] == faded[-1] == 0  # a step is never left, whatever is asked for


def test_a_fade_that_is_asked_for_reaches_the_file(midi: Path, tmp_path: Path) -> None:
    sounding = sounding_of(RenderOptions(fade_in=2.0, fade_out=0.0))
    faded = read(render_midi(midi, tmp_path / "faded.wav", seconds=8, sounding=sounding).path)
    plain = read(render_midi(midi, tmp_path / "plain.wav", seconds=8, sounding=Sounding(fades=(0.0, 0.0))).path)
    early, late = slice(0, SAMPLE_RATE // 2), slice(3 * SAMPLE_RATE, 6 * SAMPLE_RATE)

    def share(sound: np.ndarray) -> float:
        return float(np.mean(sound[early] ** 2) / np.mean(sound[late] ** 2))

    assert share(faded) < 0.1 * share(plain)
