"""The chart of what was decided for a cut. Way in: ``chart``."""
