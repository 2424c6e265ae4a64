"""Following and leading a DAW's transport: MIDI clock, MTC, MMC, OSC, Link."""
