"""Avid's AAF, read through OpenTimelineIO's adapter. Way in: ``reader``."""
