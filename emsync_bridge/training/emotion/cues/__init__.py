"""Calibration of the embedded cues on labelled clips. Ways in: ``python -m`` with ``calibration`` and ``limit``."""
