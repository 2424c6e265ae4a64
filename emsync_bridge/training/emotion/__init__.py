"""Training of the emotion head and of the scene network. Entry point: ``trainer``."""
