"""Standard MIDI Files: the conductor track, players and their tracks. Entry point: ``reader`` and ``writer``."""
