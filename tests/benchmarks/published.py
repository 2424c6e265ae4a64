"""Cost of a token of the published network with its cache, as ratios within one run; run by hand on one thread.

Usage: python tests/benchmarks/published.py
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import json
import resource
import sys
import time

import numpy as np

from emsync_bridge.cue import Affect
from emsync_bridge.music.emsync_original import vocabulary as tok
from emsync_bridge.music.emsync_original.config import PREFIX, PUBLISHED, Conventions, hop
from emsync_bridge.music.emsync_original.network import ContextWindow, Network
from emsync_bridge.music.emsync_original.tensor_names import shapes

STEPS = 40


def main() -> None:
    """Print milliseconds a token, and what a token would cost without a cache and costs with its share of refills."""
    rng = np.random.default_rng(0)
    weights = {name: rng.normal(0, 0.02, shape).astype(np.float32) for name, shape in shapes(PUBLISHED).items()}
    window = ContextWindow(Network(PUBLISHED, weights, Conventions()), Affect(0.1, 0.2), tok.MORE_INSTRUMENTS)
    kept = PUBLISHED.context - PREFIX - hop(PUBLISHED)
    tokens = rng.integers(1, tok.VOCABULARY, kept).tolist()
    begun = time.process_time()
    window.read_all(tokens, [8.0] * kept)
    refill = time.process_time() - begun
    begun = time.process_time()
    for token in tokens[:STEPS]:
        window.read(token, 8.0)
    step = (time.process_time() - begun) / STEPS
    found = {
        "ms_per_token": round(step * 1e3, 1),
        "tokens_per_refill_cost": round(refill / step, 1),
        "times_cheaper_than_without_cache": round(refill / (step + refill / hop(PUBLISHED)), 1),
        "share_of_refills_in_long_pieces": round(refill / (refill + hop(PUBLISHED) * step), 2),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }
    sys.stdout.write(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
