"""From a plan to an orchestral take: motifs, themes, a short score in a few roles, players, hits, performance.

The entry point is ``arranger.arrange``. Everything here is a pure function over frozen values; chance comes from one
named stream per purpose (``streams.stream``), so that a section can be written again while the rest stays as it is.
"""
