"""Speed, cost against length and memory of composing, as ratios within one run; run by hand on one thread.

Usage: python tests/benchmarks/composing.py [--minutes 1,5,20,60] [--model FOLDER]
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import json
import subprocess
import sys
import time
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np

STEPS = 100
ROUNDS = 15


def seconds(work, repeats=5) -> float:
    """Return the least processor time of some work."""
    best = float("inf")
    for _ in range(repeats):
        begun = time.process_time()
        work()
        best = min(best, time.process_time() - begun)
    return best


def prompt(length: float):
    """Return a cut of some seconds with a hit every eight, and a mood that changes with each."""
    from emsync_bridge.cue import Affect, EmotionCurve, EmotionSpan, HitPoint, Spotting

    rate = Fraction(24)
    frames = range(192, int((length - 4) * 24), 192)
    hits = tuple(HitPoint(float(frame / rate), frame, "cut") for frame in frames)
    edges = [0.0, *(hit.time for hit in hits), length]
    spans = tuple(
        EmotionSpan(a, b, Affect(0.5 if n % 2 else -0.5, 0.4 if n % 3 else -0.4))
        for n, (a, b) in enumerate(pairwise(edges))
    )
    return Spotting("benchmark", length, rate, hits=hits), EmotionCurve(spans)


def stepping(checkpoint) -> tuple[float, float, float, float]:
    """Return seconds a token with the cache full, alone and in a batch of four, and to read all weights once.

    Reading is a matrix-vector product of as many values: where they lie, and far beyond any cache. All four take turns,
    so that each has its share of the machine's better moments, and the least of each counts.
    """
    from emsync_bridge.music.network.batch_decoder import BatchDecoder
    from emsync_bridge.music.network.decoder import Decoder

    rng = np.random.default_rng(0)
    config, weights = checkpoint.config, checkpoint.weights
    row, place = rng.random((4, config.scalars), dtype=np.float32), rng.integers(0, 8, (4, 3))
    alone, four = Decoder(config, weights), BatchDecoder(config, weights, 4)
    for decoder in (alone, four):
        decoder.filled = config.context  # the cache holds zeros; what is read of it takes as long
    size, width = sum(weight.size for weight in weights.values() if weight.ndim == 2), 512
    near = np.ones((size // width, width), dtype=np.float32)
    far = np.ones((2**26 // width, width), dtype=np.float32)  # 256 MB
    x = np.ones(width, dtype=np.float32)

    def run_alone():
        for token in range(STEPS):
            alone.step(1 + token % 800, row[0], place[0])

    def run_four():
        for token in range(STEPS // 4):
            four.step([1 + token % 800] * 4, row, place)

    def read_near():
        for _ in range(STEPS // 4):
            near @ x

    works = (run_alone, STEPS), (run_four, STEPS // 4), (read_near, STEPS // 4), (lambda: far @ x, far.size / size)
    found = [[seconds(work, 1) / count for work, count in works] for _ in range(ROUNDS)]
    return tuple(map(min, zip(*found, strict=True)))


def without_cache(checkpoint) -> float:
    """Return seconds a token of the plain loop: the whole window through the network for each token."""
    import torch

    from emsync_bridge.music.network.model import GeneratorNetwork

    torch.set_num_threads(1)
    config = checkpoint.config
    network = GeneratorNetwork.of(config, checkpoint.weights).eval()
    tokens = torch.randint(1, 800, (1, config.context))
    scalars, place = torch.rand(1, config.context, config.scalars), torch.zeros(1, config.context, 3, dtype=torch.long)
    with torch.inference_mode():
        return seconds(lambda: network(tokens, scalars, place), 3)


def measure(length: float, model: str | None) -> None:
    """Compose a piece of some seconds and print processor time, tokens and peak memory as JSON."""
    import resource

    from emsync_bridge.music.generation import compose
    from emsync_bridge.music.generation.request import plan_for
    from emsync_bridge.music.network import checkpoint as checkpoints
    from emsync_bridge.options import MusicOptions

    checkpoint = checkpoints.load(Path(model) if model else None)
    spotting, curve = prompt(length)
    plan, options = plan_for(spotting, curve, MusicOptions()), MusicOptions()
    begun = time.process_time()
    tokens = sum(1 for _ in compose.generate_tokens(plan, checkpoint, np.random.default_rng(1), options))
    spent = time.process_time() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
    sys.stdout.write(json.dumps({"seconds": spent, "tokens": tokens, "peak": peak}))


def main() -> None:
    """Print a line for each figure."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", default="1,5,20,60")
    parser.add_argument("--model")
    parser.add_argument("--length", type=float, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.length:
        measure(asked.length, asked.model)
        return
    from emsync_bridge.music.network import checkpoint as checkpoints

    checkpoint = checkpoints.load(Path(asked.model) if asked.model else None)
    say = sys.stdout.write
    say(f"{checkpoint.name}: {checkpoint.parameters / 1e6:.1f} million parameters, processor time on one thread\n")
    first = None
    more = ["--model", asked.model] if asked.model else []
    for minutes in map(float, asked.minutes.split(",")):  # first, because a child's peak begins with its parent's
        run = [sys.executable, __file__, "--length", str(minutes * 60), *more]
        found = json.loads(subprocess.run(run, check=True, capture_output=True).stdout)
        each = found["seconds"] / found["tokens"]
        first = first or each
        say(
            f"{minutes:g} min: {found['seconds']:.1f} s, {minutes * 60 / found['seconds']:.1f} times real time, "
            f"{found['tokens']} tokens at {each / first:.2f} times the cost of the first, peak {found['peak']:.0f} MB\n"
        )
        sys.stdout.flush()
    token, batch, near, far = stepping(checkpoint)
    say(
        f"decoder: {1 / token:.0f} tokens a second, four side by side {4 / batch:.0f} ({4 * token / batch:.2f} times)\n"
    )
    say(f"weights read once a token: {far / token:.0%} of the rate from memory, {near / token:.0%} of that in place\n")
    plain = without_cache(checkpoint)
    say(f"plain loop without a cache: {1 / plain:.1f} tokens a second, {plain / token:.0f} times slower\n")


if __name__ == "__main__":
    main()
