"""The training corpus: collecting, labelling, building, reading. Entry point: ``build`` and ``dataset``."""
