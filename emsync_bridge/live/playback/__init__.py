"""Playing notes in time from a process of its own. Entry point: ``player``."""
