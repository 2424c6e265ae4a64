from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from clips import QUICK, Studio

from emsync_bridge import ffmpeg
from emsync_bridge.errors import MediaError
from emsync_bridge.ffmpeg import FfmpegPipe, open_input
from emsync_bridge.picture import frames
from emsync_bridge.picture.audio import sound_windows
from emsync_bridge.picture.frames import sample_frames
from emsync_bridge.picture.probe import probe


def numbered(rate: str) -> str:
    """Ten columns, each black or white: the frame's number in binary."""
    return f"color=black:s=160x32:r={rate}:d=12,format=gray,geq=lum='255*mod(floor(N/pow(2,floor(X/16))),2)'"


def numbers(path: Path, start: float, end: float, **options: bool) -> list[int]:
    """Return the number of each sampled frame."""
    frames = (frame for _, frame in sample_frames(path, start, end, fps=4, width=10, height=2, **options))
    return [int((frame[0, :, 0] > 128) @ (1 << np.arange(10))) for frame in frames]


def heard_in(media: Path, start: float, end: float) -> np.ndarray:
    """Return all the sound of a stretch."""
    return np.concatenate([np.zeros(0), *(window for _, window in sound_windows(media, start, end, 1.0))])


@pytest.mark.parametrize(
    ("name", "rate", "options"),
    [
        ("n.mp4", "24000/1001", (*QUICK, "-g", "48")),
        ("n.mkv", "30", (*QUICK, "-g", "300")),
        ("n.mov", "60", (*QUICK, "-g", "10", "-bf", "3")),
        ("n.ts", "25", (*QUICK, "-g", "400")),
        ("n.avi", "30000/1001", ("-q:v", "2", "-g", "40")),
    ],
)
@pytest.mark.parametrize("start", [0.0, 0.5, 3.25, 9.7])
def test_a_sample_is_the_frame_that_shows_then(
    studio: Studio, name: str, rate: str, options: tuple[str, ...], start: float
) -> None:
    path = studio.picture(name, numbered(rate), *options)
    exact = float(probe(path).rate or 0)
    assert numbers(path, start, start + 2) == [int((start + k / 4) * exact + 1e-6) for k in range(8)]


def test_samples_follow_time_stamps_of_a_variable_rate(studio: Studio) -> None:
    path = studio.picture(
        "gaps.mp4", numbered("30"), "-vf", "select='lt(n,60)+not(mod(n,15))'", "-fps_mode", "vfr", *QUICK
    )
    shown = [int(k / 4 * 30) if k / 4 < 2 else int(k / 4 * 30) // 15 * 15 for k in range(32)]
    assert numbers(path, 0, 8) == shown


def test_times_count_from_the_first_frame(studio: Studio) -> None:
    late = studio.picture("late_start.ts", numbered("25"), *QUICK, "-output_ts_offset", "7")
    assert numbers(late, 2, 3) == [50, 56, 62, 68]
    tone = studio.make("tone3.wav", "-f", "lavfi", "-i", "sine=440:d=12")
    behind = studio.make("behind.ts", "-itsoffset", "0.6", "-i", late, "-i", tone, "-c:v", "copy", "-c:a", "mp2")
    assert probe(behind).picture_offset == pytest.approx(0.6, abs=0.1)
    assert numbers(behind, 2, 3) == [50, 56, 62, 68]


def test_sizes_depths_and_turns(studio: Studio) -> None:
    odd = studio.picture("odd.mkv", "testsrc2=s=101x57:r=25:d=1", "-c:v", "ffv1")
    deep = studio.picture("deep.mkv", "testsrc2=s=64x48:r=25:d=1", "-c:v", "ffv1", "-pix_fmt", "yuv422p10le")
    for path in (odd, deep):
        frames = [frame for _, frame in sample_frames(path, 0, 1, fps=4, width=33, height=17)]
        assert [frame.shape for frame in frames] == [(17, 33, 3)] * 4
        assert np.stack(frames).std() > 30
    upright = studio.picture("up.mp4", "color=black:s=64x48:r=25:d=1,drawbox=0:0:64:24:white:fill", *QUICK)
    turned = studio.make("up_turned.mp4", "-display_rotation", "90", "-i", upright, "-c", "copy")
    frame = next(f for _, f in sample_frames(turned, 0, 1, fps=1, width=48, height=64))
    assert abs(float(frame[:, :20].mean()) - float(frame[:, -20:].mean())) > 150


def test_key_frames_only(studio: Studio) -> None:
    path = studio.picture("keys.mp4", numbered("25"), *QUICK, "-g", "50", "-keyint_min", "50", "-sc_threshold", "0")
    assert numbers(path, 3, 5, keyframes=True) == [50] * 4 + [100] * 4


def levels(path: Path, start: float, end: float) -> list[float]:
    return [float(frame.mean()) for _, frame in sample_frames(path, start, end, fps=4, width=16, height=16)]


def test_decoding_cheaply_makes_no_visible_difference(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    coding = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "35", "-pix_fmt", "yuv420p")
    path = studio.picture("wide.mp4", "mandelbrot=s=1280x720:r=25,trim=duration=1", *coding)

    def sampled(side: int) -> np.ndarray:
        found = sample_frames(path, 0, 1, fps=25, width=side, height=side)
        return np.stack([frame for _, frame in found]).astype(int)

    small, large = sampled(224), sampled(500)
    monkeypatch.setattr(frames, "cheap_decoding_options", lambda *_: {})
    assert 0 < np.abs(small - sampled(224)).mean() < 0.5
    assert np.array_equal(large, sampled(500))


def test_a_still_shows_for_as_long_as_wanted(studio: Studio) -> None:
    still = studio.make("still2.png", "-f", "lavfi", "-i", "testsrc2=s=64x48", "-frames:v", "1")
    assert len(levels(still, 5, 8)) == 12
    assert len(set(levels(still, 5, 8))) == 1


def test_after_the_end_there_is_nothing(studio: Studio) -> None:
    path = studio.movie("end.mp4", "testsrc2=s=64x48:r=25:d=2", "sine=440:d=2")
    assert 7 <= len(levels(path, 0, 10)) <= 9
    assert levels(path, 30, 31) == []
    assert len(heard_in(path, 30, 31)) == 0
    assert levels(path, 1, 1) == []


def test_a_file_that_breaks_off_gives_what_it_has(studio: Studio, tmp_path: Path) -> None:
    whole = studio.picture("breaks.mkv", "testsrc2=s=320x240:r=25:d=8", *QUICK)
    path = tmp_path / "breaks.mkv"
    path.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    assert 4 <= len(levels(path, 0, 8)) < 32


def test_sound_has_its_pitch_place_and_length(studio: Studio) -> None:
    path = studio.movie("pitch.mp4", "testsrc2=s=64x48:r=25:d=6", "aevalsrc=sin(2*PI*(300+100*floor(t))*t):d=6:s=44100")
    sound = heard_in(path, 2, 4)
    assert len(sound) == 32000
    spectrum = np.abs(np.fft.rfft(sound[2000:14000]))
    assert np.argmax(spectrum) * 16000 / 12000 == pytest.approx(500, abs=4)
    times = [time for time, _ in sound_windows(path, 2, 4, 0.25)]
    assert times == pytest.approx([2 + k / 4 for k in range(8)])


def test_sound_that_starts_late_stays_in_place(studio: Studio) -> None:
    tone = studio.make("tone2.wav", "-f", "lavfi", "-i", "sine=440:d=2")
    plain = studio.picture("plain2.mp4", "testsrc2=s=64x48:r=25:d=4")
    path = studio.make("late_sound.mkv", "-i", plain, "-itsoffset", "1.5", "-i", tone, "-c", "copy")
    sound = heard_in(path, 0, 3)
    onset = np.argmax(np.abs(sound) > 0.01) / 16000
    assert onset == pytest.approx(1.5, abs=0.02)


def test_sound_and_picture_share_a_clock(studio: Studio) -> None:
    """A click and a flash at 3 s stay together, however the file's streams start."""
    picture = studio.picture(
        "flash_at_3.mp4", "color=black:s=64x48:r=25:d=6,drawbox=enable='gte(t,3)':c=white:t=fill", *QUICK
    )
    sound = studio.make("click.wav", "-f", "lavfi", "-i", "aevalsrc='gte(t,3)*0.5*sin(2*PI*440*t)':d=6:s=48000")
    for name, options in {
        "flash_at_3.mov": ("-c:v", "copy", "-c:a", "aac"),
        "flash_at_3.ts": ("-c:v", "copy", "-c:a", "mp2", "-output_ts_offset", "20"),
        "flash_at_3.mkv": ("-c", "copy"),
    }.items():
        path = studio.make(name, "-i", picture, "-i", sound, *options)
        bright = [frame.mean() > 128 for _, frame in sample_frames(path, 2, 4, fps=25, width=8, height=8)]
        heard = np.argmax(np.abs(heard_in(path, 2, 4)) > 0.1) / 16000
        assert bright.index(True) / 25 == pytest.approx(1.0, abs=0.001)
        assert heard == pytest.approx(1.0, abs=0.03), name


def test_missing_picture_or_sound_is_an_error(studio: Studio) -> None:
    mute = studio.picture("mute.mp4", "testsrc2=s=64x48:r=25:d=1")
    with pytest.raises(MediaError, match="no sound"):
        heard_in(mute, 0, 1)
    tone = studio.make("tone2.wav", "-f", "lavfi", "-i", "sine=440:d=2")
    with pytest.raises(MediaError, match="no picture"):
        levels(tone, 0, 1)


def test_leaving_early_ends_the_program(studio: Studio) -> None:
    path = studio.picture("leave.mp4", "testsrc2=s=640x480:r=25:d=12")
    before = threading.active_count()
    frames = sample_frames(path, 0, 12, fps=25, width=320, height=240)
    next(frames)
    frames.close()
    assert threading.active_count() <= before + 1


def test_a_stuck_program_is_given_up() -> None:
    import ffmpeg as builder

    endless = builder.input("anullsrc", format="lavfi", re=None).output("pipe:", format="null")
    with (
        FfmpegPipe(endless, Path("stuck"), patience=0.5) as decoder,
        pytest.raises(MediaError, match="no output"),
    ):
        decoder.read(1)


@pytest.mark.skipif(os.name == "nt", reason="signals are sent as on POSIX systems")
@pytest.mark.parametrize("how", ["SIGINT", "SIGKILL"])
def test_the_program_dies_with_us(studio: Studio, how: str) -> None:
    path = studio.picture("black6.mp4", "color=black:s=64x48:r=25:d=6", *QUICK)
    script = (
        "import sys; from pathlib import Path; from emsync_bridge.ffmpeg import FfmpegPipe, open_input\n"
        "picture = open_input(Path(sys.argv[1]), stream_loop=-1)\n"
        "with FfmpegPipe(picture.output('pipe:', format='rawvideo'), Path('x')) as decoder:\n"
        "    print(decoder._process.pid, flush=True)\n"
        "    while decoder.read(1000): pass\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as ours:
        assert ours.stdout is not None
        theirs = int(ours.stdout.readline())
        time.sleep(0.2)
        ours.send_signal(getattr(signal, how))
        ours.wait(timeout=20)
    for _ in range(100):
        try:
            os.kill(theirs, 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    pytest.fail("ffmpeg is still running")


def test_the_reason_is_the_line_that_tells(tmp_path: Path) -> None:
    lines = ["[mov @ 0x55] moov atom not found", "Error opening input file x.", "Error opening input files: Invalid"]
    assert ffmpeg.meaningful_line(lines) == "moov atom not found"
    assert ffmpeg.meaningful_line([]) == "it gave no reason"
    with FfmpegPipe(open_input(tmp_path / "gone.mp4").output("pipe:", format="null"), tmp_path) as decoder:
        assert decoder.read(1) == b""
        assert "No such file" in decoder.complaint()
