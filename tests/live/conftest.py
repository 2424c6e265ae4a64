"""Real receivers for all tests of this folder."""

from live_fixtures import held, jack_server, midi_monitor, osc, scale  # noqa: F401
