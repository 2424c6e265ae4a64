"""Instruments of a corpus and their roles, bar by bar; ``store.read_instruments`` reads what a build kept."""
