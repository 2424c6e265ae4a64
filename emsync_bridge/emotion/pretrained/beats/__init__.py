"""BEATs, the sound network of EMSYNC's authors: its import, its running, and its cue. Entry point: ``extractor``."""
