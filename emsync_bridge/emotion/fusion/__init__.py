"""Fusion of the extractors' estimates into one curve. Way in: ``gaussian`` and ``smoothing``."""
