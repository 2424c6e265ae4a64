"""Measures of a trained generator. Entry point: ``evaluate``."""
