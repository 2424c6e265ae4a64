"""The mood of words: markers, clip names, titles, subtitles, scripts. Way in: ``opinion.opinions_of_words``."""
