"""Measures of music: keys, features of mood, metrics, scores of takes."""
