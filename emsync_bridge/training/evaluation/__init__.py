"""Measures of a trained generator. Way in: ``evaluate``."""
