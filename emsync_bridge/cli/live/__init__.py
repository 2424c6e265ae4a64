"""``emsync live``: playing a cue, or composing while playing. Entry point: ``command``."""
