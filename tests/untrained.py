"""A generator that has learnt nothing: quick, and all that its music keeps to is what the rules see to."""

import numpy as np

from emsync_bridge.music.network.checkpoint import Checkpoint
from emsync_bridge.music.network.config import ModelConfig, weight_shapes


def untrained(seed=0):
    config = ModelConfig(layers=1, width=16, heads=1, hidden=16, context=64)
    rng = np.random.default_rng(seed)
    shapes = weight_shapes(config)
    weights = {name: rng.normal(0, 0.02, shape).astype(np.float32) for name, shape in shapes.items()}
    return Checkpoint(config, weights, {}, "untrained")
