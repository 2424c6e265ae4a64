"""The editor's own orders over the estimated curve. Way in: ``apply``."""
