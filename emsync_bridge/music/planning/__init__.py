"""Tempo, chords on hits, sections and ending of a piece before a note is written. Entry point: ``plan``."""
