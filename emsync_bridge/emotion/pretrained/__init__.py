"""Feeling with large networks that others trained: optional, loaded from disk alone, each left out when missing."""
