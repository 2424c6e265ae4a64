"""Hit points and shots of a cut, in and out as tables. Entry point: ``spot``."""
