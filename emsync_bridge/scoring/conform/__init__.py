"""Conform: carrying a cue over to a changed cut. Way in: ``job``."""
