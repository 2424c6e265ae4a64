"""FCPXML of Final Cut Pro. Entry point: ``reader`` and ``writer``."""
