"""The generator network: its sizes, weights, torch model and NumPy decoder. Entry point: ``checkpoint``."""
