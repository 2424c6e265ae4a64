"""Installing the menu scripts into DaVinci Resolve. Way in: ``install``."""
