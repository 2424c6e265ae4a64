"""The OpenTimelineIO plugin: Standard MIDI Files in and out, found through ``plugin_manifest.json``."""
