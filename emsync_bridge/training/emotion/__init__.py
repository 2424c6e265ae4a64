"""Training of the emotion head and of the scene network. Way in: ``trainer``."""
