"""Measures of whole pieces: twelve fixed cuts beside written scores. Entry point: ``table``."""
