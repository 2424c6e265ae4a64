"""FCPXML of Final Cut Pro. Way in: ``reader`` and ``writer``."""
