"""Avid's AAF, read through OpenTimelineIO's adapter. Entry point: ``reader``."""
