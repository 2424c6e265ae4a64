"""Standard MIDI Files: the conductor track, reading notes, writing a take. Way in: ``reader`` and ``writer``."""
