"""Standard MIDI Files: the conductor track, players and their tracks. Way in: ``reader`` and ``writer``."""
