"""Fixtures for tests of several formats."""

import pytest


@pytest.fixture
def wav(tmp_path):
    path = tmp_path / "the score #1.wav"
    path.write_bytes(b"RIFF stand-in for sound")
    return path
