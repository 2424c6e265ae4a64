"""The Anticipatory Music Transformer, imported at the user's request; ``composer.compose_takes`` is the entry point.

Hits are given to it as controls: notes at a set time that it is given five seconds ahead. Facts of its tokens are
from Thickstun, Hall, Donahue and Liang 2023 (arXiv 2306.08620) and the configuration published with its weights.
"""
