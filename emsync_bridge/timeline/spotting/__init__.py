"""Hit points and shots of a cut, in and out as tables. Way in: ``spot``."""
