"""Labelled movies of known affect: brightness, colour, movement, cuts, loudness and pitch follow it, among nuisances.

No single cue settles a clip's emotion: each is blurred by chance, and texture, size, the direction of movement and the
light of single shots vary without meaning. Valence and arousal are drawn around those of the emotion.
"""

from __future__ import annotations

import csv
import subprocess
import wave
from itertools import pairwise
from pathlib import Path

import numpy as np

from emsync_bridge.emotion.overrides.moods import EMOTIONS, RUSSELL_MEHRABIAN
from emsync_bridge.ffmpeg import find_ffmpeg

RATE, SECONDS, HEIGHT, WIDE, HERTZ = 8, 2, 36, 64, 16000

HUE = {"anger": 0.0, "disgust": 0.35, "fear": 0.7, "joy": 0.15, "sadness": 0.6, "surprise": 0.9}
"""Share of the colour circle."""

PITCH = {"anger": 110.0, "disgust": 190.0, "fear": 1500.0, "joy": 700.0, "sadness": 330.0, "surprise": 1100.0}

BLUR = 0.25


def make_set(folder: Path, each: tuple[int, int, int], *, seed: int = 1) -> Path:
    """Write movies with a table of labels, so many of each emotion for training, validation and test."""
    rng = np.random.default_rng(seed)
    rows, pictures, sounds = [], [], []
    for emotion in EMOTIONS:
        splits = [split for split, count in zip(("train", "val", "test"), each, strict=True) for _ in range(count)]
        for split in splits:
            mean_v, sd_v, mean_a, sd_a = RUSSELL_MEHRABIAN[emotion]
            valence, arousal = np.clip([mean_v + 0.5 * sd_v * rng.normal(), mean_a + 0.5 * sd_a * rng.normal()], -1, 1)
            pictures.append(_picture(emotion, valence, arousal, rng))
            sounds.append(_sound(emotion, arousal, rng))
            rows.append([f"clip{len(rows):03}.mkv", emotion, f"{valence:.3f}", f"{arousal:.3f}", split])
    _encode(folder, pictures, sounds)
    with (folder / "labels.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["file", "labels", "valence", "arousal", "split"])
        table.writerows(rows)
    return folder


def _encode(folder: Path, pictures: list[np.ndarray], sounds: list[np.ndarray]) -> None:
    """Write all movies in one go: one long movie, cut apart."""
    sound = folder / "all.wav"
    with wave.open(str(sound), "wb") as file:
        file.setparams((1, 2, HERTZ, 0, "NONE", ""))
        file.writeframes((np.clip(np.concatenate(sounds), -1, 1) * 32767).astype("<i2").tobytes())
    marks = ",".join(str(SECONDS * number) for number in range(1, len(pictures)))
    command = [find_ffmpeg(), "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{WIDE}x{HEIGHT}"]
    command += ["-r", str(RATE), "-i", "-", "-i", str(sound), "-c:v", "libx264", "-preset", "ultrafast", "-crf", "12"]
    command += ["-pix_fmt", "yuv420p", "-force_key_frames", marks, "-c:a", "pcm_s16le"]
    command += ["-f", "segment", "-segment_times", marks, "-reset_timestamps", "1", str(folder / "clip%03d.mkv")]
    subprocess.run(command, input=b"".join(picture.tobytes() for picture in pictures), check=True, timeout=120)
    sound.unlink()


def _blurred(value: float, rng: np.random.Generator) -> float:
    return float(np.clip(value + BLUR * rng.normal(), -1, 1))


def _picture(emotion: str, valence: float, arousal: float, rng: np.random.Generator) -> np.ndarray:
    light = 0.5 + 0.25 * _blurred(valence, rng)
    rich = np.clip(0.5 + 0.3 * _blurred(arousal, rng), 0.1, 1)
    speed = 4.0 * 4.0 ** _blurred(arousal, rng)  # pixels a second
    shots = max(1, round(1.5 * 2.5 ** _blurred(arousal, rng)))
    hue = HUE[emotion] + 0.06 * rng.normal()
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDE]
    frames = []
    for first, after in pairwise(np.linspace(0, RATE * SECONDS, shots + 1).astype(int)):
        angle, size = 2 * np.pi * rng.random(), 4 + 4 * rng.random()
        tint = 0.5 + 0.5 * np.cos(2 * np.pi * (hue + 0.03 * rng.normal() - np.array([0.0, 1 / 3, 2 / 3])))
        colour = 1 - rich * (1 - tint)
        bright = np.clip(light + 0.12 * rng.normal(), 0.05, 1)
        for frame in range(first, after):
            place = columns * np.cos(angle) + rows * np.sin(angle) + speed * frame / RATE
            grey = bright * (0.75 + 0.25 * np.sin(2 * np.pi * place / size))
            noise = 0.02 * rng.normal(size=(HEIGHT, WIDE, 1))
            frames.append(np.clip(255 * (grey[..., None] * colour + noise), 0, 255).astype(np.uint8))
    return np.stack(frames)


def _sound(emotion: str, arousal: float, rng: np.random.Generator) -> np.ndarray:
    time = np.arange(HERTZ * SECONDS) / HERTZ
    pitch = PITCH[emotion] * 2 ** (0.35 * rng.normal())
    heard = sum(np.sin(2 * np.pi * pitch * n * time) / n for n in (1, 2, 3)) + 0.05 * rng.normal(size=len(time))
    loud = -27 + 13 * _blurred(arousal, rng)  # dB below full scale
    return heard / np.sqrt((heard**2).mean()) * 10 ** (loud / 20)
