"""The main job, from a timeline to music on a new track of it. Entry point: ``job``."""
