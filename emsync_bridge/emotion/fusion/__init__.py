"""Fusion of the extractors' estimates into one curve. Entry point: ``gaussian`` and ``smoothing``."""
