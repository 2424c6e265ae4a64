"""``emsync live``: playing a cue, or composing while playing. Way in: ``command``."""
