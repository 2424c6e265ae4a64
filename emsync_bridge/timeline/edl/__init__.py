"""CMX 3600 edit decision lists. Way in: ``reader``."""
