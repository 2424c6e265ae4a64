"""The editor's own orders over the estimated curve. Entry point: ``apply``."""
