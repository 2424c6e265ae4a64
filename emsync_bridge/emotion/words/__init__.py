"""Mood of words: markers, clip names, titles, subtitles, scripts. Way in: ``text_estimates.estimates_from_text``."""
