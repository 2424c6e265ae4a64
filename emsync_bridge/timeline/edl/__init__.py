"""CMX 3600 edit decision lists. Entry point: ``reader``."""
