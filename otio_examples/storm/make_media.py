"""Render the source files of the short into ``media/``: about four minutes on one core."""

from __future__ import annotations

import argparse
import subprocess
import tempfile
import wave
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import scenes_day
import scenes_storm
import sounds
from cut import RATE, ROLLS, Roll
from paint import HEIGHT, WIDTH, finished

MEDIA = Path(__file__).parent / "media"
QUALITY = {"C004_sea": 26, "C005_pier": 26}
"""Constant rate factor of x264 where dark rain would turn into blocks."""


def main() -> None:
    """Render the rolls that are named, or all of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rolls", nargs="*", choices=[[], *(roll.name for roll in ROLLS)])
    wanted = parser.parse_args().rolls
    MEDIA.mkdir(exist_ok=True)
    for roll in ROLLS:
        if not wanted or roll.name in wanted:
            render(roll, MEDIA / f"{roll.name}.mp4")


def render(roll: Roll, out: Path) -> None:
    """Render one roll.

    Arguments:
        roll: What shows and sounds, and for how long.
        out: H.264 and AAC in MP4.
    """
    picture = getattr(scenes_day, roll.scene, None) or getattr(scenes_storm, roll.scene)
    with tempfile.TemporaryDirectory() as folder:
        sound = Path(folder, "sound.wav")
        write_sound(sound, getattr(sounds, roll.scene)(roll.frames / RATE))
        raw = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{WIDTH}x{HEIGHT}", "-r", str(RATE), "-i", "-"]
        colour = ["-vf", "scale=in_range=full:out_range=tv:out_color_matrix=bt709,format=yuv420p"]
        tags = ["-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709"]
        quality = ["-c:v", "libx264", "-preset", "veryslow", "-crf", str(QUALITY.get(roll.name, 28)), "-g", "96"]
        audio = ["-c:a", "aac", "-b:a", "40k", "-ac", "1"]
        plain = ["-map_metadata", "-1", "-fflags", "+bitexact", "-flags:v", "+bitexact", "-movflags", "+faststart"]
        command = [imageio_ffmpeg.get_ffmpeg_exe(), "-y", "-loglevel", "error", *raw, "-i", str(sound), *colour, *tags]
        with subprocess.Popen([*command, *quality, *audio, *plain, str(out)], stdin=subprocess.PIPE) as encoder:  # noqa: S603
            assert encoder.stdin is not None  # noqa: S101
            for frame in range(roll.frames):
                encoder.stdin.write(finished(picture(frame / RATE)).tobytes())
    if encoder.returncode:
        raise SystemExit(f"ffmpeg failed for {out.name}")


def write_sound(path: Path, sound: np.ndarray) -> None:
    """Write a sound as 16-bit WAV, loud peaks rounded off."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(sounds.SAMPLE_RATE)
        file.writeframes((np.tanh(sound) * 32767).astype("<i2").tobytes())


if __name__ == "__main__":
    main()
