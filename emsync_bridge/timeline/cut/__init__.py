"""The cut model: what the viewer sees, independent of format. Way in: ``model`` and ``edits``."""
