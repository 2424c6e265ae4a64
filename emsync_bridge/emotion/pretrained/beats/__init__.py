"""BEATs, the network of sound that EMSYNC's authors use: its import, running it, and its cue. Way in: ``extractor``."""
