"""Music into a DAW, in time: scheduling, MIDI and OSC out, transport sync."""
