"""The main job, from a timeline to music on a new track of it. Way in: ``job``."""
