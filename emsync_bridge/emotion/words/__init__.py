"""Mood of words: markers, clip names, titles, subtitles, scripts.

Entry point: ``text_estimates.estimates_from_text``.
"""
