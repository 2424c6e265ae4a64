"""The labelled corpus as a data set for others; ``publish.publish`` writes it."""
