"""The generator network: its sizes, weights, torch model and NumPy decoder. Way in: ``checkpoint``."""
