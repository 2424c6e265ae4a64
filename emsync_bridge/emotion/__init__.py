"""Feature extractors, fusion, affect mapping, the emotion curve."""
