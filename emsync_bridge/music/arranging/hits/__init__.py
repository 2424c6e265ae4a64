"""Hits: what leads to them, what marks them, and how the music goes on. The entry point is ``accents.mark_hits``."""
