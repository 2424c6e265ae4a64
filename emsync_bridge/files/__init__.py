"""Files on disk: atomic writing, the manifest of our own, tables, text, URLs. Entry point: ``atomic``, ``manifest``."""
