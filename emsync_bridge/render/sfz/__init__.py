"""People's own SFZ instruments in place of sounds of the bank. The way in is ``instrument.own_instruments``."""
