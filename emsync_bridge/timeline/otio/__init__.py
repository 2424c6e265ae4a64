"""OpenTimelineIO files (.otio, .otioz, .otiod). Way in: ``reader`` and ``writer``."""
