"""Event tokens of the network, notes to tokens and back, and the conditions beside them. Entry point: ``codec``."""
