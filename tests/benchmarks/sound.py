"""The sound by numbers: spectrum and width of a WAV, stems against their mix, and time and memory of rendering.

python tests/benchmarks/sound.py spectrum out/storm.wav
python tests/benchmarks/sound.py null out/storm.mid
python tests/benchmarks/sound.py time out/storm.mid --seconds 3600 --cores 1
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from click import echo

from emsync_bridge.render import engines, leveling, render, spool
from emsync_bridge.render.bank.sounds import Selection
from emsync_bridge.render.files.reader import WavReader
from emsync_bridge.render.midi_events import SAMPLE_RATE
from emsync_bridge.render.sounding import Sounding, target_of

_OCTAVES = (63, 125, 250, 500, 1000, 2000, 4000, 8000)
_MONO_BELOW = 120.0  # Hz


def samples_of(path: Path) -> np.ndarray:
    """Return the samples of a WAV, shape (samples, 2)."""
    with WavReader(path) as reader:
        return np.concatenate([block.astype(np.float64) for block in reader.blocks(SAMPLE_RATE)])


def decibels(power: float) -> float:
    """Return a power in decibels."""
    return float(10 * np.log10(power + 1e-30))


def spectrum(path: Path) -> None:
    """Print shares of octaves, centroid, width, and the greatest mean of a second."""
    sound = samples_of(path)
    frequencies = np.fft.rfftfreq(len(sound), 1 / SAMPLE_RATE)
    middle, side = sound.mean(1), (sound[:, 0] - sound[:, 1]) / 2
    power = sum(np.abs(np.fft.rfft(channel)) ** 2 for channel in sound.T)
    whole = power[frequencies > 20].sum()
    for center in _OCTAVES:
        inside = (frequencies >= center / 2**0.5) & (frequencies < center * 2**0.5)
        echo(f"{center:>6} Hz  {decibels(power[inside].sum() / whole):6.1f} dB")
    low = frequencies < _MONO_BELOW
    low_side, low_middle = ((np.abs(np.fft.rfft(each)[low]) ** 2).sum() for each in (side, middle))
    seconds = sound[: len(sound) // SAMPLE_RATE * SAMPLE_RATE].reshape(-1, SAMPLE_RATE, 2)
    echo(f"centroid {(frequencies * power).sum() / power.sum():.0f} Hz")
    echo(f"side over middle {decibels((side**2).mean() / (middle**2).mean()):.1f} dB, ", nl=False)
    echo(f"under {_MONO_BELOW:.0f} Hz {decibels(low_side / low_middle):.1f} dB")
    echo(f"correlation {np.corrcoef(sound.T)[0, 1]:.2f}")
    echo(f"mean of a second at most {decibels(float((seconds.mean(1) ** 2).max())):.0f} dBFS")


def null(midi: Path, seconds: float) -> None:
    """Print the peak of mix less stems in every room, at every target, with wet and dry stems."""
    for room, target, dry in product(("dry", "studio", "hall"), ("music", "web"), (False, True)):
        with tempfile.TemporaryDirectory() as folder:
            sounding = Sounding(room=room, target=target_of(target), stems=True, dry=dry)
            report = render.render_midi(midi, Path(folder, "m.wav"), seconds=seconds, sounding=sounding)
            rest = samples_of(report.path) - sum(samples_of(path) for _, path in report.stems)
        kind = "dry" if dry else "wet"
        echo(f"{room:<7} {target:<6} {kind} stems: {2 * decibels(float(np.abs(rest).max())):.1f} dBFS")


def spent_on(owner: Any, name: str, spent: dict[str, float], key: str) -> None:
    """Count the processor time of a function from now on."""
    inner: Callable[..., Any] = getattr(owner, name)

    def counted(*arguments: Any, **more: Any) -> Any:
        began = time.thread_time()
        try:
            return inner(*arguments, **more)
        finally:
            spent[key] = spent.get(key, 0.0) + time.thread_time() - began

    setattr(owner, name, counted)


def measure(midi: Path, seconds: float, cores: int) -> None:
    """Print time and memory of one rendering; on one core the share of engine, bank and mix too."""
    import resource

    if cores == 1:
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    spent: dict[str, float] = {}
    spent_on(Selection, "font", spent, "font")
    spent_on(render, "sounds_for", spent, "sounds")
    spent_on(engines.MidirendererEngine, "play", spent, "play")
    spent_on(spool.Console, "feed", spent, "feed")
    spent_on(leveling, "find_gain", spent, "level")
    with tempfile.TemporaryDirectory() as folder:
        began = time.monotonic()
        report = render.render_midi(midi, Path(folder, "m.wav"), seconds=seconds)
        wall = time.monotonic() - began
    own, others = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    own_cpu, others_cpu = (each.ru_utime + each.ru_stime for each in (own, others))
    echo(f"{seconds:.0f} s on {cores} cores: {report.loudness}")
    echo(f"  {wall:.1f} s, {own_cpu:.1f} s of CPU and {others_cpu:.1f} s in engine processes")
    echo(f"  {own.ru_maxrss >> 10} MiB, and {others.ru_maxrss >> 10} MiB in the larger engine process")
    if cores == 1:
        bank = spent.get("font", 0.0) + spent.get("sounds", 0.0)
        engine = spent["play"] - spent.get("font", 0.0)
        mix = spent["feed"] - spent["play"] + spent.get("level", 0.0)
        rest = own_cpu - bank - engine - mix
        for name, part in (("engine", engine), ("bank", bank), ("mix", mix), ("files and start", rest)):
            echo(f"  {name}: {part:.1f} s, {part / own_cpu:.0%}")


def main() -> None:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("spectrum", "null", "time"))
    parser.add_argument("file", type=Path)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--cores", type=int, default=2)
    given = parser.parse_args()
    if given.what == "spectrum":
        spectrum(given.file)
    elif given.what == "null":
        null(given.file, given.seconds)
    else:
        measure(given.file, given.seconds, given.cores)


if __name__ == "__main__":
    main()
