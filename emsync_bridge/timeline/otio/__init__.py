"""OpenTimelineIO files (.otio, .otioz, .otiod). Entry point: ``reader`` and ``writer``."""
