"""General MIDI: channel and program of each instrument group, where notes have no players."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from emsync_bridge.cue import Instrument

DRUM_CHANNEL = 9
"""Channel of percussion, from 0."""

CHANNELS: Mapping[Instrument, int] = MappingProxyType(
    {"drums": DRUM_CHANNEL, "bass": 0, "guitar": 1, "piano": 2, "strings": 3}
)
"""Channels from 0."""

PROGRAMS: Mapping[str, int] = MappingProxyType({"drums": 0, "bass": 32, "guitar": 25, "piano": 0, "strings": 48})
"""Programs from 0: standard kit, acoustic bass, steel guitar, grand piano, string ensemble (EMSYNC's)."""
