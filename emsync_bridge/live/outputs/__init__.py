"""Outputs for notes: MIDI ports, JACK and OSC."""
