"""Rendered clips for all tests of this folder; none may use the network."""

from clip_fixtures import _no_network, studio  # noqa: F401
