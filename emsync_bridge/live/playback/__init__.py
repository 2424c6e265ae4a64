"""Playing notes in time from a process of its own. Way in: ``player``."""
