"""The training corpus: collecting, labelling, building, reading. Way in: ``build`` and ``dataset``."""
