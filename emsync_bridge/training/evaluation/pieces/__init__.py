"""Measures of whole pieces: twelve fixed cuts beside written scores. Way in: ``table``."""
