"""A small corpus for all tests of this folder."""

from corpus_fixtures import corpus, folder  # noqa: F401
