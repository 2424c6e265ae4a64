"""Synthesis, mix, chart of what was decided, movie."""
