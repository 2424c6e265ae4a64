"""The chart of what was decided for a cut. Entry point: ``chart``."""
