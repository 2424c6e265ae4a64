"""The cut model: what the viewer sees, independent of format. Entry point: ``model`` and ``edits``."""
