"""Standard MIDI Files: the conductor track, players and their tracks, reading, writing. Way in: ``reader``, ``writer``."""
