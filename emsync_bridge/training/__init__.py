"""Corpus building, labels, training, evaluation of the generator."""
