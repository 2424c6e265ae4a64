"""Installing the menu scripts into DaVinci Resolve. Entry point: ``install``."""
