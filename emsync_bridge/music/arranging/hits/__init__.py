"""Hits: what leads to them, what marks them, and how the music goes on. The way in is ``accents.marks``."""
