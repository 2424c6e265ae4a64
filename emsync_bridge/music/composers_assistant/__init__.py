"""Composer's Assistant 2, imported at the user's wish; ``composer`` writes whole takes, ``infill`` parts of one.

A T5 network that fills blanks in a score of bars and tracks; hits are given to it as notes. Facts of its tokens and
sizes are from Malandro 2024 (arXiv 2407.14700) and from the repository that its author publishes under MIT.
"""
