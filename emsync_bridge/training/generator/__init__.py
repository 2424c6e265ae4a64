"""Training of the generator. Entry point: ``trainer``."""
