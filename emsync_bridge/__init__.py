"""Music for a cut, composed from the editor's own timeline."""

__version__ = "0.1.0"
