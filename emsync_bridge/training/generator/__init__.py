"""Training of the generator. Way in: ``trainer``."""
