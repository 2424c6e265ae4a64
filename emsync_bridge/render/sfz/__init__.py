"""People's own SFZ instruments in place of sounds of the bank. The entry point is ``instrument.own_instruments``."""
